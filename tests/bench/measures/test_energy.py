"""Energy per image, by counters that are made up."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pynvml
import pytest
import torch

import suites.architectures  # noqa: F401  (declares)
from bench.cell import Cell, Cost, Samples
from bench.clock import Clock
from bench.declare.artifact import Shelf
from bench.errors import Unsupported
from bench.machine.rapl import Packages
from bench.measures import energy as module
from bench.measures.energy import Meter, energy
from bench.network.subject import Subject
from tests.standin.card import Card
from tests.standin.cuda import StandIn, stand_in

TICK = 0.01


class Ticking(Clock):
    """A clock that goes on by `TICK` seconds whenever it is looked at, and at no other time."""

    ticks = 0

    def now(self) -> float:
        self.ticks += 1
        return self.ticks * TICK

    def once(self, call: Callable[[], object]) -> float:
        call()
        return TICK


def measured(seconds: float = 0.0, **conditions: Any) -> Samples:
    cost = Cost(**{"mode": "infer", "resolution": 32, **conditions})
    subject = Subject(Cell("lenet5", "energy", cost), Shelf(Path("unused")), lambda _: None)
    return energy(subject, Ticking(seconds))


@pytest.fixture
def stepping(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU's counter shows 6 J more at each reading; a tenth of a second is long enough for a sample."""
    joules = count(0.0, 6.0).__next__
    monkeypatch.setattr(module, "_meter", lambda device: Meter(joules, "all", stretch=0.1, step=0.001, poll=0.001))
    monkeypatch.setattr(module, "time", SimpleNamespace(sleep=lambda seconds: None))


def zone(folder: Path, number: str, name: str, microjoules: int, largest: int = 1000) -> Path:
    """A counter as Linux shows it."""
    place = folder / f"intel-rapl:{number}"
    place.mkdir()
    for file, text in (("name", name), ("energy_uj", microjoules), ("max_energy_range_uj", largest)):
        (place / file).write_text(f"{text}\n")
    return place


def test_a_sample_is_the_energy_of_a_stretch_over_its_images(stepping: None) -> None:
    samples = measured(batch=3)
    (stretch,) = samples.details["stretches"]
    assert (6.0 / (3 * stretch["calls"]),) == samples.values


def test_without_seconds_enough_there_is_one_sample_as_long_as_what_is_left(stepping: None) -> None:
    (stretch,) = measured(0.18).details["stretches"]
    assert 0.18 == pytest.approx(stretch["seconds"], abs=0.03)


def test_with_seconds_enough_there_are_several_samples(stepping: None) -> None:
    assert 5 == len(measured(0.5).values)


def test_the_most_samples_are_at_most_twice_as_long_as_they_must_be(stepping: None) -> None:
    stretches = measured(9.0).details["stretches"]
    assert module.MOST == len(stretches)
    assert 0.2 == pytest.approx(max(stretch["seconds"] for stretch in stretches), abs=3.5 * TICK)


def test_a_stretch_is_filled_with_calls(stepping: None) -> None:
    stretch = measured(0.5).details["stretches"][0]
    assert stretch["calls"] == pytest.approx(stretch["seconds"] / TICK, abs=4)


def test_training_steps_are_measured_in_train_mode(stepping: None) -> None:
    assert 6.0 == measured(mode="train", batch=2).values[0] * 2


def test_what_the_idle_machine_takes_is_looked_at_before(stepping: None) -> None:
    details = measured(0.5).details
    # each edge is found by two readings
    assert 2 * 6.0 == pytest.approx(details["idle_watts"] * details["idle_seconds"])


def test_a_counter_that_stands_still_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Packages", lambda: SimpleNamespace(joules=lambda: 1.0))
    monkeypatch.setattr(module, "time", SimpleNamespace(sleep=lambda seconds: None))
    with pytest.raises(Unsupported, match="did not step within 2 s"):
        measured()


def test_calls_that_outlast_a_step_need_not_wait_for_one(stepping: None) -> None:
    before = module._edge
    looked: list[int] = []

    def edge(*arguments: Any) -> Any:
        looked.append(1)
        return before(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_edge", edge)
        measured(0.5)
    assert 2 == len(looked)  # those of the idle machine


def on_a_gpu(seconds: float = 12.0, **conditions: Any) -> Samples:
    cost = Cost(**{"mode": "infer", "resolution": 32, "device": "cuda", **conditions})
    subject = Subject(Cell("lenet5", "energy", cost), Shelf(Path("unused")), lambda _: None)
    subject.model = torch.nn.Flatten()  # a single kernel a pass
    torch.cuda.set_device(0)
    return energy(subject, Clock(seconds, "cuda"))


@pytest.fixture
def gpu(cuda: StandIn) -> StandIn:
    """One that takes 70 W when idle and 500 W while it runs kernels, with a counter that steps each 0.1 s."""
    cuda.launching, cuda.running = 1e-4, lambda name, elements: 0.03
    return cuda


def test_a_gpu_s_sample_goes_from_edge_to_edge_of_its_counter(gpu: StandIn) -> None:
    for stretch in on_a_gpu().details["stretches"]:
        steps = stretch["joules"] / (0.1 * gpu.cards[0].busy_watts)
        assert round(steps) == pytest.approx(steps, abs=0.2)


def test_a_gpu_s_joules_are_right_to_what_they_say_they_may_be_off_by(gpu: StandIn) -> None:
    samples = on_a_gpu()
    assert samples.details["uncertainty"] < 0.01
    # a pass launches for 0.1 ms and runs for 30
    expected = 1e-4 * gpu.cards[0].idle_watts + 0.03 * gpu.cards[0].busy_watts
    assert [pytest.approx(expected, rel=samples.details["uncertainty"])] * 2 == list(samples.values)


def test_the_idle_power_of_a_gpu_is_measured_before_the_model_is_built(gpu: StandIn) -> None:
    assert gpu.cards[0].idle_watts == pytest.approx(on_a_gpu().details["idle_watts"], rel=0.02)


def test_idle_power_is_measured_for_a_tenth_of_the_seconds_and_one_at_the_most(gpu: StandIn) -> None:
    assert 1.0 == pytest.approx(on_a_gpu(12.0).details["idle_seconds"], abs=0.15)
    assert 0.3 == pytest.approx(on_a_gpu(3.0).details["idle_seconds"], abs=0.15)


def test_a_gpu_s_temperature_is_told_before_and_after(gpu: StandIn) -> None:
    gpu.cards[0].temperature = 51
    details = on_a_gpu().details
    assert (51, 51) == (details["celsius_before"], details["celsius_after"])


def test_of_a_batch_that_was_halved_the_joules_are_those_of_its_images(gpu: StandIn) -> None:
    def refuse(number: int, size: int) -> Exception | None:
        too_large = size == 4 * 16 * 32 * 32
        return torch.OutOfMemoryError("CUDA out of memory.") if too_large else None

    gpu.refusing = refuse
    halved = on_a_gpu(batch=16)
    assert (8, 16) == (halved.details["batch"], halved.details["halved_from"])
    stretch = halved.details["stretches"][0]
    assert stretch["joules"] / (8 * stretch["calls"]) == halved.values[0]


def test_a_gpu_that_is_split_has_no_energy_of_its_own(gpu: StandIn) -> None:
    gpu.cards[0].has_mig = True
    with pytest.raises(Unsupported, match="a slice of a GPU"):
        on_a_gpu()


def test_a_gpu_without_a_counter_is_unsupported_with_the_reason(gpu: StandIn) -> None:
    gpu.nvml.refused["nvmlDeviceGetTotalEnergyConsumption"] = pynvml.NVML_ERROR_NOT_SUPPORTED
    with pytest.raises(Unsupported, match="NVML cannot read the GPU's energy: Not Supported"):
        on_a_gpu()


def test_each_gpu_has_a_counter_of_its_own() -> None:
    with stand_in(Card(), Card(uuid="2", idle_watts=10.0)) as cuda:
        assert 0.0 == module._meter("cuda:1").joules()
        cuda.time.sleep(1.0)
        assert 10.0 == pytest.approx(module._meter("cuda:1").joules())


def test_a_device_without_a_known_counter_is_unsupported() -> None:
    with pytest.raises(Unsupported, match="no energy counter of mps is known"):
        measured(device="mps")


@pytest.fixture
def package(tmp_path: Path) -> Callable[[int], object]:
    """Sets the counter of the only package in `tmp_path`; it begins at 100 of at most 1000 microjoules."""
    place = zone(tmp_path, "0", "package-0", 100)
    return lambda microjoules: (place / "energy_uj").write_text(f"{microjoules}\n")


def test_energy_counts_from_when_the_packages_were_found(package: Callable[[int], object], tmp_path: Path) -> None:
    packages = Packages(tmp_path)
    package(350)
    assert 250e-6 == packages.joules()


def test_a_counter_that_began_again_from_zero_goes_on(package: Callable[[int], object], tmp_path: Path) -> None:
    packages = Packages(tmp_path)
    for microjoules in (900, 50, 60):
        package(microjoules)
        found = packages.joules()
    assert 960e-6 == found


def test_packages_add_up_and_their_parts_and_the_board_do_not_count_twice(tmp_path: Path) -> None:
    names = ("package-0", "package-1", "core", "psys")
    places = [zone(tmp_path, number, name, 0) for number, name in zip(("0", "1", "0:0", "2"), names, strict=True)]
    packages = Packages(tmp_path)
    for place, microjoules in zip(places, (1, 20, 300, 500), strict=True):
        (place / "energy_uj").write_text(f"{microjoules}\n")
    assert 21e-6 == packages.joules()


def test_a_machine_without_counters_is_unsupported(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="shows no energy counter of a CPU"):
        Packages(tmp_path / "absent")


def test_a_counter_for_root_alone_is_unsupported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zone(tmp_path, "0", "package-0", 1)
    read = Path.read_text

    def refuse(path: Path) -> str:
        if path.name == "energy_uj":  # whoever runs the tests may be root
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(Unsupported, match=r"root alone may read the CPU's energy counter .*energy_uj"):
        Packages(tmp_path)


def test_a_counter_that_is_gone_is_unsupported_with_the_reason(tmp_path: Path) -> None:
    place = zone(tmp_path, "0", "package-0", 1)
    packages = Packages(tmp_path)
    (place / "energy_uj").unlink()
    with pytest.raises(Unsupported, match="cannot be read: No such file"):
        packages.joules()

"""Energy per image, by counters that are made up."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import suites.architectures  # noqa: F401  (declares)
from bench.cell import Cell, Cost, Samples
from bench.clock import Clock
from bench.declare.artifact import Shelf
from bench.errors import Unsupported
from bench.machine.rapl import Packages
from bench.measures import energy as module
from bench.measures.energy import energy
from bench.network.subject import Subject

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
    meter = SimpleNamespace(joules=count(0.0, 6.0).__next__)
    monkeypatch.setattr(module, "Packages", lambda: meter)
    monkeypatch.setattr(module, "STRETCH", 0.1)
    monkeypatch.setattr(module, "IDLE", 0.01)


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
    assert 0.08 == pytest.approx(stretch["seconds"], abs=0.03)


def test_with_seconds_enough_there_are_several_samples(stepping: None) -> None:
    assert 3 == len(measured(0.5).values)


def test_the_most_samples_are_at_most_twice_as_long_as_they_must_be(stepping: None) -> None:
    stretches = measured(9.0).details["stretches"]
    assert module.MOST == len(stretches)
    assert 0.2 == pytest.approx(max(stretch["seconds"] for stretch in stretches), abs=2.5 * TICK)


def test_a_stretch_is_filled_with_calls(stepping: None) -> None:
    stretch = measured(0.5).details["stretches"][0]
    assert stretch["calls"] == pytest.approx(stretch["seconds"] / TICK, abs=2)


def test_training_steps_are_measured_in_train_mode(stepping: None) -> None:
    assert 6.0 == measured(mode="train", batch=2).values[0] * 2


def test_what_the_idle_machine_takes_is_looked_at_before(stepping: None) -> None:
    assert 6 / TICK == pytest.approx(measured(0.5).details["idle_watts"])


def test_without_time_to_look_the_idle_machine_is_left_out(stepping: None) -> None:
    assert measured().details["idle_watts"] is None


def test_a_counter_that_does_not_step_in_time_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Packages", lambda: SimpleNamespace(joules=lambda: 1.0))
    with pytest.raises(Unsupported, match="did not step within"):
        measured()


def test_on_cuda_the_counter_is_that_of_the_gpu_by_its_uuid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "uuid_of", {"cuda:1": "GPU-b"}.__getitem__)
    monkeypatch.setattr(module, "Gpu", lambda uuid: SimpleNamespace(joules=lambda: {"GPU-b": 5.0}[uuid]))
    meter, covers = module._meter("cuda:1")
    assert (5.0, "the whole GPU") == (meter(), covers[:13])


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

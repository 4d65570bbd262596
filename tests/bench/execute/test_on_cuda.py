"""What the worker does with a GPU, on the stand-in for CUDA: in which order, for which GPU, to which figures."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from bench.cell import BEST, Cell, Cost
from bench.clock import LEAST
from bench.declare.catalog import ARCHITECTURES, architecture, load_catalogs
from bench.execute.frames import Frame
from bench.execute.jobs import Given, Measure
from bench.execute.work import worker
from bench.machine.gpus.neighbours import UNNUMBERED
from bench.machine.gpus.nvml import SLICE
from tests.standin.card import GB, Card, Neighbour
from tests.standin.cuda import CONTEXT, StandIn, stand_in

RUNS = 0.02
"""Seconds that every kernel runs."""
MEGABYTE = 10**6


class Net(nn.Module):
    """Three kernels a pass."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.lower = nn.Conv2d(1, 4, 3)
        self.head = nn.Linear(4 * 6 * 6, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(torch.flatten(self.lower(images), 1))
        return scores


@pytest.fixture
def two() -> Iterator[StandIn]:
    """Two GPUs."""
    with stand_in(Card(), Card(uuid="aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee")) as made:
        made.running = lambda name, elements: RUNS
        yield made


@pytest.fixture
def performed(kept_process: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Frame]:
    """Does the job of a cell in this process and gives its result."""
    load_catalogs()
    for name in ("_items", "_places"):
        monkeypatch.setattr(ARCHITECTURES, name, dict(getattr(ARCHITECTURES, name)))
    marks: list[StandIn] = []

    @architecture(family="F", year=2026, paper="p", channels=1, min_resolution=8)
    def few_kernels(num_classes: int) -> nn.Module:
        marks[0].note("built")
        return Net(num_classes)

    def perform(made: StandIn, measure: str, **conditions: Any) -> Frame:
        marks[:] = [made]
        usual = {
            "mode": "infer",
            "resolution": 8,
            "batch": 2,
            "device": "cuda",
            "threads": torch.get_num_threads(),
        }
        frames: list[Frame] = []
        cell = Cell("few_kernels", measure, Cost(**{**usual, **conditions}))
        worker.perform(Measure(cell, LEAST, Given(tmp_path)), frames.append)
        return frames[-1]

    return perform


def order(made: StandIn, *names: str) -> list[str]:
    """The calls of these names in order, each where it came first."""
    return list(dict.fromkeys(name for name, _ in made.named(*names)))


MEASURES = [
    ("latency", "infer"),
    ("throughput", "infer"),
    ("train_step", "train"),
    ("peak_memory", "train"),
    ("energy", "infer"),
]


@pytest.mark.parametrize(("measure", "mode"), MEASURES)
def test_all_that_is_asked_of_cuda_is_asked_of_the_cell_s_own_gpu(
    two: StandIn, performed: Callable[..., Frame], measure: str, mode: str
) -> None:
    result = performed(two, measure, mode=mode, device="cuda:1")
    assert ("ok", "") == (result["status"], result.get("reason", ""))
    assert {1} == {gpu for name, gpu in two.calls if gpu is not None}


@pytest.mark.parametrize(("measure", "mode"), MEASURES)
def test_the_gpu_is_made_current_and_has_its_context_before_the_model_is_built(
    two: StandIn, performed: Callable[..., Frame], measure: str, mode: str
) -> None:
    performed(two, measure, mode=mode, device="cuda:1")
    assert ["set_device", "context", "synchronize", "built"] == order(
        two, "set_device", "context", "synchronize", "built"
    )


def test_a_latency_is_that_of_the_gpu_and_not_of_launching(two: StandIn, performed: Callable[..., Frame]) -> None:
    two.launching = 0.001
    values = performed(two, "latency")["values"]
    assert min(values) >= 3 * RUNS


def test_a_latency_where_launching_binds_is_that_of_launching(
    two: StandIn, performed: Callable[..., Frame]
) -> None:
    two.launching, two.running = RUNS, lambda name, elements: 0.001
    values = performed(two, "latency")["values"]
    assert min(values) >= 3 * RUNS


@pytest.mark.parametrize(
    ("measure", "autotune", "in_force"),
    [("latency", True, True), ("latency", False, False), ("peak_memory", True, False)],
)
def test_convolutions_are_autotuned_where_it_is_asked_for_and_no_peak_is_measured(
    two: StandIn, performed: Callable[..., Frame], measure: str, autotune: bool, in_force: bool
) -> None:
    result = performed(two, measure, autotune=autotune)
    assert in_force is result["details"]["conditions"]["cudnn_benchmark"]


def test_peaks_are_reset_before_the_model_is_built_and_read_at_the_end(
    two: StandIn, performed: Callable[..., Frame]
) -> None:
    result = performed(two, "peak_memory", mode="train")
    names = ("reset_peak_memory_stats", "built", "max_memory_allocated")
    assert list(names) == order(two, *names)
    weights = result["details"]["weights"]
    assert result["values"][0] >= 3 * weights  # gradients and momentum are as large


def test_a_peak_is_not_that_of_what_was_there_before(two: StandIn, performed: Callable[..., Frame]) -> None:
    before = torch.empty(MEGABYTE, device="cuda")
    del before
    assert performed(two, "peak_memory")["values"][0] < MEGABYTE


def test_the_search_ends_where_the_card_is_full_and_gives_its_memory_back(
    performed: Callable[..., Frame],
) -> None:
    with stand_in(Card(memory=CONTEXT + 100_000)) as made:
        made.running = lambda name, elements: 1e-3  # a larger batch costs nothing more: only memory ends it
        result = performed(made, "throughput", batch=BEST)
        details = result["details"]
        tried = [trial["batch"] for trial in details["search"]]
        assert ("ok", max(tried)) == (result["status"], details["best_batch"])
        assert str(2 * max(tried)) in details["search_ended"]
        assert [("empty_cache", None)] == made.named("empty_cache")


def test_a_network_that_does_not_fit_at_all_is_out_of_memory(performed: Callable[..., Frame]) -> None:
    with stand_in(Card(memory=CONTEXT + 2000)) as made:
        result = performed(made, "latency")
    assert "oom" == result["status"]
    assert "CUDA out of memory" in result["reason"]


def test_energy_is_what_the_gpu_took_over_the_images(two: StandIn, performed: Callable[..., Frame]) -> None:
    two.launching = 0.0
    result = performed(two, "energy")
    busy, seconds_of_an_image = two.cards[0].busy_watts, 3 * RUNS / 2
    assert busy * seconds_of_an_image == pytest.approx(min(result["values"]), rel=0.1)


def disturbance(result: Frame) -> dict[str, Any]:
    """What the record says of it."""
    found: dict[str, Any] = result["details"]["conditions"]["disturbance"]
    return found


def gpu_reasons(found: dict[str, Any]) -> list[str]:
    """What disturbed the cell on its GPU: the host of a test may be busy, too."""
    return [reason for reason in found["reasons"] if "GPU" in reason]


def test_heat_that_slowed_the_gpu_down_while_it_was_measured_is_told(
    two: StandIn, performed: Callable[..., Frame]
) -> None:
    def heating(name: str, elements: int) -> float:
        two.cards[0].violations[1] = two.cards[0].violations.get(1, 0) + 10**9
        return RUNS

    two.running = heating
    assert any(
        "heat slowed the GPU down" in reason for reason in disturbance(performed(two, "latency"))["reasons"]
    )


def test_a_gpu_that_was_hot_before_is_no_disturbance(two: StandIn, performed: Callable[..., Frame]) -> None:
    two.cards[0].violations[1] = 3600 * 10**9
    found = disturbance(performed(two, "latency"))
    assert 0 == found["gpu"]["hot"]
    assert [] == [reason for reason in found["reasons"] if "GPU" in reason]


def test_another_process_at_work_on_the_gpu_disturbs_the_cell(
    two: StandIn, performed: Callable[..., Frame]
) -> None:
    two.cards[0].neighbours = [Neighbour(4711, 3 * GB, 60), Neighbour(4712, GB)]
    found = disturbance(performed(two, "latency"))
    assert ["process 4711 was at work on the GPU, too (60 % of it)"] == gpu_reasons(found)
    listed = [(4711, 3 * GB, 0.6), (4712, GB, 0.0)]
    assert listed == [(one["pid"], one["memory"], one["working"]) for one in found["neighbours"]["processes"]]


def test_what_is_in_use_before_the_cell_is_told_without_its_own_context(
    two: StandIn, performed: Callable[..., Frame]
) -> None:
    two.cards[0].neighbours = [Neighbour(4712, GB, 30)]
    found = disturbance(performed(two, "latency"))["neighbours"]
    assert (GB, 0.3) == (found["used_before"], found["utilisation_before"])


def test_a_neighbour_on_another_gpu_is_none(two: StandIn, performed: Callable[..., Frame]) -> None:
    two.cards[0].neighbours = [Neighbour(4711, GB, 60)]
    assert () == disturbance(performed(two, "latency", device="cuda:1"))["neighbours"]["processes"]


def test_in_a_container_its_own_work_is_no_neighbour_s(two: StandIn, performed: Callable[..., Frame]) -> None:
    two.cards[0].lists_own = False
    found = disturbance(performed(two, "latency"))
    assert ([], None, UNNUMBERED) == (
        gpu_reasons(found),
        found["neighbours"]["processes"],
        found["neighbours"]["unread"]["neighbours"],
    )


def test_the_time_at_the_power_cap_is_told_as_a_share_and_is_no_disturbance(
    two: StandIn, performed: Callable[..., Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    def capping(name: str, elements: int) -> float:
        two.cards[0].violations[0] = two.cards[0].violations.get(0, 0) + int(RUNS * 1e9 / 2)
        return RUNS

    two.launching, two.running = 0.0, capping
    found = disturbance(performed(two, "latency"))
    assert ([], True) == (gpu_reasons(found), 0.3 < found["gpu"]["capped"] <= 0.5)


def test_of_a_slice_of_a_gpu_nothing_is_read_and_it_is_measured(performed: Callable[..., Frame]) -> None:
    with stand_in(Card("NVIDIA A100 MIG 3g.20gb", (8, 0), 20 * GB, has_mig=True)) as made:
        result = performed(made, "latency")
    found = disturbance(result)
    assert ("ok", None) == (result["status"], found["gpu"])
    assert f"NVML: {SLICE}" == found["unread"]["gpu"]


@pytest.mark.parametrize(("utilisation", "expected"), [(90, 1), (0, 0)])
def test_another_process_is_a_disturbance_where_it_works_on_the_gpu(
    two: StandIn, performed: Callable[..., Frame], utilisation: int, expected: int
) -> None:
    two.cards[0].neighbours.append(Neighbour(2**22 + 7, utilisation=utilisation))
    reasons = disturbance(performed(two, "latency"))["reasons"]
    assert expected == len([words for words in reasons if "on the GPU" in words]), reasons


def test_half_precision_on_a_card_that_only_emulates_it_is_unsupported(performed: Callable[..., Frame]) -> None:
    with stand_in(Card("Tesla T4", (7, 5), 16 * GB)) as made:
        result = performed(made, "latency", precision="bf16")
    assert ("unsupported", "this GPU does not compute in bf16") == (result["status"], result["reason"])

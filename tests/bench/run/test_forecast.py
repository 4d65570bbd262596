"""What planned cells are expected to take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.cell import Cell, Cost, Learning, Samples
from bench.declare.catalog import measure
from bench.declare.declarations import Planned
from bench.run.forecast import CALLS, Expected, Forecast, lines, pace, total_seconds
from bench.run.plan import START, Step
from bench.store.database import Timing

CELL = Cell("net", "latency", Cost(mode="infer", resolution=100))
OTHER = Cell("other", "latency", Cost(mode="infer", resolution=100))


@pytest.fixture(autouse=True)
def declared(no_declarations: None) -> None:
    @measure(unit="s", better="lower")
    def latency(subject: object, clock: object) -> Samples:
        raise AssertionError("a forecast measures nothing")

    @measure(unit="1", nature="count", better="lower", repeats="anywhere")
    def parameters(subject: object, clock: object) -> Samples:
        raise AssertionError("a forecast measures nothing")


def timing(cell: Cell = CELL, seconds: float = 3.0, sampling: float = 1.0, median: float = 0.5) -> Timing:
    return Timing(cell, seconds, sampling, median)


def test_without_history_it_is_what_is_declared_for_all_processes() -> None:
    assert Expected(6.0, "declared") == Forecast([], {}).expected(Planned(CELL, 2.0, replicates=3))


def test_a_cell_with_a_history_takes_the_median_of_it() -> None:
    history = [timing(seconds=3.0), timing(seconds=5.0), timing(seconds=100.0)]
    assert Expected(5.0, "history") == Forecast(history, {}).expected(Planned(CELL, 2.0))


def test_other_cells_of_a_measure_are_declared_times_how_this_host_has_kept_to_it() -> None:
    history = [timing(seconds=3.0, sampling=1.0)]
    assert Expected(6.0, "declared") == Forecast(history, {}).expected(Planned(OTHER, 2.0))


def test_a_large_network_takes_at_least_a_few_passes_at_this_hosts_rate() -> None:
    # this host takes 0.5 s for 1e9 multiply-adds
    forecast = Forecast([timing(seconds=1.0, median=0.5)], {("net", 100): 1e9, ("other", 100): 8e9})
    assert Expected(CALLS * 4.0, "rate") == forecast.expected(Planned(OTHER, 1.0))


def test_multiply_adds_of_another_resolution_grow_with_its_pixels_and_images() -> None:
    forecast = Forecast([timing(seconds=1.0, median=0.5)], {("net", 100): 1e9})
    larger = replace(CELL, scenario=Cost(mode="infer", resolution=200, batch=2))
    assert Expected(CALLS * 0.5 * 4 * 2, "rate") == forecast.expected(Planned(larger, 1.0))


def test_the_rate_of_inference_tells_nothing_of_training() -> None:
    forecast = Forecast([timing(seconds=1.0, median=0.5)], {("net", 100): 1e9})
    training = replace(CELL, scenario=Cost(mode="train", resolution=100))
    assert "declared" == forecast.expected(Planned(training, 1.0)).basis


def test_a_count_takes_no_time_by_its_multiply_adds() -> None:
    forecast = Forecast([timing(seconds=1.0, median=0.5)], {("net", 100): 1e9})
    assert Expected(1.0, "declared") == forecast.expected(Planned(replace(CELL, measure="parameters"), 1.0))


def test_a_plan_is_told_by_suite_and_measure() -> None:
    steps = [Step(Planned(CELL, 2.0), ("one",)), Step(Planned(OTHER, 1.0, replicates=3), ("one", "two"))]
    (line,) = lines(steps, Forecast([timing(seconds=4.0, sampling=2.0)], {}))
    assert ("one", "latency", 2, 4, 4.0 + 3 * 2.0) == (
        line.suite,
        line.measure,
        line.cells,
        line.processes,
        line.seconds,
    )
    assert {"history": 1, "declared": 1} == line.by


def test_the_pace_is_what_is_forecast_over_what_is_declared() -> None:
    parts = lines([Step(Planned(CELL, 2.0), ("one",))], Forecast([timing(seconds=3.0)], {}))
    assert (3.0, 1.5) == (total_seconds(parts), pace(parts))


def test_the_pace_of_nothing_to_measure_is_1() -> None:
    assert 1.0 == pace(())


GPU = replace(CELL, scenario=Cost(mode="infer", resolution=100, device="cuda"))
OTHER_ON_GPU = replace(OTHER, scenario=Cost(mode="infer", resolution=100, device="cuda"))
TRAINED = Learning(
    weights="random",
    target="digits",
    mode="scratch",
    augmentation="none",
    resolution=32,
    shots=5,
    steps=60,
    batch=16,
    lr=1e-3,
    device="cuda",
)


@pytest.fixture
def accuracy() -> None:
    @measure(unit="1", nature="ratio", better="higher", kind="learning")
    def top1(subject: object, clock: object) -> Samples:
        raise AssertionError("a forecast measures nothing")


def test_a_process_on_a_gpu_that_this_host_has_not_used_starts_by_an_estimate() -> None:
    assert Expected(3 * (2.0 + START), "estimate") == Forecast().expected(Planned(GPU, 2.0, replicates=3))


def test_the_start_of_a_process_on_a_gpu_is_learned_from_other_cells_there() -> None:
    history = [timing(GPU, seconds=5.5, sampling=2.5), timing(GPU, seconds=4.5, sampling=2.5)]
    assert Expected(8.0 + 2.5, "declared") == Forecast(history).expected(Planned(OTHER_ON_GPU, 8.0))


def test_a_measure_without_a_history_on_the_gpu_starts_like_the_others() -> None:
    rate = replace(OTHER_ON_GPU, measure="parameters")
    history = [timing(GPU, seconds=5.5, sampling=2.5)]
    assert Expected(2.0 + 3.0, "declared") == Forecast(history).expected(Planned(rate, 2.0))


def test_what_a_cpu_has_taken_says_nothing_of_a_gpu() -> None:
    forecast = Forecast([timing(seconds=100.0, sampling=1.0)], {("net", 100): 1e9})
    assert Expected(2.0 + START, "estimate") == forecast.expected(Planned(GPU, 2.0))


def test_what_a_gpu_has_taken_says_nothing_of_a_cpu() -> None:
    forecast = Forecast([timing(GPU, seconds=100.0, sampling=1.0)], {("net", 100): 1e9})
    assert Expected(2.0, "declared") == forecast.expected(Planned(CELL, 2.0))


@pytest.mark.usefixtures("accuracy")
def test_a_training_on_a_gpu_is_an_estimate_until_one_has_run_there() -> None:
    cell = Cell("net", "top1", TRAINED)
    other = replace(cell, scenario=replace(TRAINED, seed=1))
    assert Expected(6.0 + START, "estimate") == Forecast().expected(Planned(cell, 6.0))
    history = [timing(other, seconds=3 * (1.0 + START), sampling=1.0)]
    assert Expected(3 * (6.0 + START), "declared") == Forecast(history).expected(Planned(cell, 6.0))


def test_the_pace_of_a_gpu_counts_the_starts_of_its_processes() -> None:
    parts = lines([Step(Planned(GPU, 2.0, replicates=2), ("one",))], Forecast())
    assert (2 * (2.0 + START), 1.0) == (total_seconds(parts), pace(parts))
    assert {"estimate": 1} == parts[0].by

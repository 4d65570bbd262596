"""What cells are declared to take on their device."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.cell import Cell, Cost, Learning, Samples
from bench.clock import LEAST
from bench.declare.catalog import architecture, measure, suite
from bench.declare.declarations import Planned, Setting
from bench.run.plan import (
    FASTER,
    LEAST_TRAINING,
    ONE_THREAD,
    START,
    Selection,
    expected_seconds,
    on_its_device,
    plan,
    wall_seconds,
)

TRAINING = Learning(
    weights="random",
    target="digits",
    mode="scratch",
    augmentation="none",
    resolution=32,
    shots=5,
    steps=60,
    batch=16,
    lr=1e-3,
)


@pytest.fixture(autouse=True)
def _declared(no_declarations: None) -> None:
    """A network, and a measure of each kind."""

    @architecture(family="F", year=2026, paper="none", resolution=32)
    def net(num_classes: int) -> None: ...

    @measure(unit="s", better="lower")
    def time(subject: object, clock: object) -> Samples:
        raise AssertionError("a plan measures nothing")

    @measure(unit="B", better="lower")
    def memory(subject: object, clock: object) -> Samples:
        raise AssertionError("a plan measures nothing")

    @measure(unit="1", nature="ratio", better="higher", kind="learning")
    def accuracy(subject: object, clock: object) -> Samples:
        raise AssertionError("a plan measures nothing")


def costing(device: str, seconds: float, measure_name: str = "time") -> Planned:
    return Planned(Cell("net", measure_name, Cost(mode="infer", resolution=32, device=device)), seconds)


def training(device: str, seconds: float) -> Planned:
    return Planned(Cell("net", "accuracy", replace(TRAINING, device=device)), seconds)


@pytest.mark.parametrize(
    ("device", "measure_name", "declared", "expected"),
    [
        ("cuda", "time", 0.4, LEAST),
        ("cuda:1", "time", 9.0, 9.0),
        ("mps", "time", 0.4, LEAST),
        ("cuda", "memory", 0.4, 0.4),
        ("cpu", "time", 0.4, 0.4),
    ],
)
def test_a_timing_on_an_accelerator_is_expected_to_take_what_its_clock_samples_for(
    device: str, measure_name: str, declared: float, expected: float
) -> None:
    assert expected == on_its_device(costing(device, declared, measure_name)).sampling


@pytest.mark.parametrize(
    ("device", "declared", "expected"),
    [
        ("mps", 600.0, 600.0),
        ("cuda", 600.0, 600.0 / FASTER),
        ("cuda:1", 5.0, LEAST_TRAINING),
        ("cuda", 0.5, 0.5),
    ],
)
def test_a_training_on_a_gpu_takes_a_part_of_what_two_cores_take(
    device: str, declared: float, expected: float
) -> None:
    assert expected == on_its_device(training(device, declared)).sampling


@pytest.mark.parametrize(
    ("threads", "measure_name", "expected"),
    [(1, "accuracy", 5.0 * ONE_THREAD), (2, "accuracy", 5.0), (1, "time", 5.0)],
)
def test_a_training_with_one_thread_takes_longer_than_what_two_cores_take(
    threads: int, measure_name: str, expected: float
) -> None:
    cell = Cell("net", measure_name, replace(TRAINING, threads=threads))
    assert expected == on_its_device(Planned(cell, 5.0)).sampling


@pytest.mark.parametrize(("device", "start"), [("cpu", 0.0), ("mps", 0.0), ("cuda", START), ("cuda:1", START)])
def test_a_process_on_a_gpu_has_a_start(device: str, start: float) -> None:
    assert 3.0 + start == wall_seconds(costing(device, 3.0))
    assert 3.0 + start == wall_seconds(training(device, 3.0))


def test_a_plan_for_a_gpu_counts_the_start_of_each_process() -> None:
    @suite(title="Short")
    def short(setting: Setting) -> Iterator[Planned]:
        yield replace(costing(setting.device, 0.4), replicates=3)

    steps = plan(Selection(("short",)), Setting("smoke", "cuda", 1))
    assert 3 * (LEAST + START) == expected_seconds(step.planned for step in steps)

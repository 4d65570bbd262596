"""How much the benchmarks of the harness work on: all of it where time is taken, a taste where it is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.cell import Cell, Cost
from bench.declare.catalog import ARCHITECTURES, SUITES, load_catalogs, suite
from bench.declare.declarations import Planned, Setting
from bench.run.plan import PlanStep, Selection, plan

MANY = 10_000
FEW = 200
"""Enough to see that a benchmark still runs, as `nox -s tests` does."""
SUITE = "many"
MEASURES = (("latency", "infer"), ("throughput", "infer"), ("peak_memory", "train"), ("train_step", "train"))


@pytest.fixture
def many(benchmark: BenchmarkFixture) -> int:
    """How many cells, or records."""
    return FEW if benchmark.disabled else MANY


@pytest.fixture
def selection(many: int, monkeypatch: pytest.MonkeyPatch) -> Selection:
    """What selects that many cells, of all architectures, from a suite that is declared for one test."""
    load_catalogs()
    monkeypatch.setattr(SUITES, "_items", dict(SUITES._items))
    monkeypatch.setattr(SUITES, "_places", dict(SUITES._places))

    def cells(_: Setting) -> Iterator[Planned]:
        names = ARCHITECTURES.names()
        for i in range(many):
            (measure, mode), batch = MEASURES[i % 4], 1 + i // (4 * len(names))
            scenario = Cost(mode="train" if mode == "train" else "infer", resolution=224, batch=batch)
            yield Planned(Cell(names[i // 4 % len(names)], measure, scenario), 1.0)

    cells.__name__ = SUITE
    suite(title="Many cells")(cells)
    return Selection((SUITE,))


@pytest.fixture
def steps(selection: Selection) -> tuple[PlanStep, ...]:
    """The plan of these cells."""
    return plan(selection, Setting("default", "cpu", 1))

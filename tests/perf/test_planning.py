"""How long the driver takes before the first cell is measured: planning, and writing the plan down."""

from pathlib import Path
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from bench.declare.declarations import Setting
from bench.run.plan import PlanStep, Selection, plan
from bench.run.runs import Wish, begin
from bench.store.database import RunRow, Store


def test_planning_cells(benchmark: BenchmarkFixture, selection: Selection, many: int) -> None:
    assert many == len(benchmark(plan, selection, Setting("default", "cpu", 1)))


def test_beginning_a_run(
    benchmark: BenchmarkFixture, steps: tuple[PlanStep, ...], many: int, tmp_path: Path
) -> None:
    host: dict[str, Any] = {"versions": {}}
    with Store.create(tmp_path / "runs.sqlite") as store:
        run: RunRow = benchmark(begin, store, Wish(), "evobench run", steps, host)
        assert many == len(store.cells(run.id))

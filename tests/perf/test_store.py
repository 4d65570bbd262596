"""How long the store takes: one record after the other, each committed, and a run read back as tables."""

from collections.abc import Sequence
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from bench.cell import Record
from bench.declare.catalog import MEASURES
from bench.run.plan import PlanStep
from bench.run.runs import Wish, begin
from bench.store.database import Store
from reports.tidy.frame import read

SAMPLES = tuple(0.010 + i / 1e5 for i in range(30))
"""Of each record, in seconds."""


def records_of(steps: Sequence[PlanStep]) -> list[Record]:
    """One of each cell."""
    cells = [step.planned.cell for step in steps]
    return [
        Record(cell=cell, replicate=0, status="ok", unit=MEASURES.get(cell.measure).unit, values=SAMPLES)
        for cell in cells
    ]


def begun(path: Path, steps: tuple[PlanStep, ...]) -> tuple[Store, str]:
    """An open store in a new file, with a run that has no records yet."""
    path.unlink(missing_ok=True)
    store = Store.create(path)
    return store, begin(store, Wish(), "evobench run", steps, {"versions": {}}).id


def written(store: Store, run: str, records: Sequence[Record]) -> int:
    """Write the records; returns how many the store has."""
    for record in records:
        store.add_record(run, record)
    number = len(store.records(run))
    store.close()
    return number


def test_writing_records(
    benchmark: BenchmarkFixture, steps: tuple[PlanStep, ...], many: int, tmp_path: Path
) -> None:
    records = records_of(steps)

    def empty() -> tuple[tuple[Store, str, Sequence[Record]], dict[str, object]]:
        return (*begun(tmp_path / "runs.sqlite", steps), records), {}

    assert many == benchmark.pedantic(written, setup=empty, rounds=3)


def test_reading_a_run_as_tables(
    benchmark: BenchmarkFixture, steps: tuple[PlanStep, ...], many: int, tmp_path: Path
) -> None:
    path = tmp_path / "runs.sqlite"
    written(*begun(path, steps), records_of(steps))
    with Store.open(path) as store:
        frames = benchmark.pedantic(read, args=(store, "latest"), rounds=3)
    assert many == len(frames.records)

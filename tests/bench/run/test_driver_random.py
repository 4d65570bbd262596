"""Random plans through the driver, on an executor that notes what runs beside what. No process is started."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.declare.catalog import MEASURES
from bench.execute.executor import Handle
from bench.execute.jobs import Job, Measure
from bench.execute.outcome import Outcome
from bench.run.driver import Pace, drive
from bench.run.plan import PlanStep
from tests.bench.driving import declarations, desk, step
from tests.bench.run.staging import Stage, host

NAMES = ("driver_time", "driver_count", "driver_score", "driver_shared", "driver_shared_time")
kinds = st.tuples(st.sampled_from(NAMES), st.integers(32, 35), st.integers(1, 2))
OUTCOMES = (Outcome("ok", values=(1.0,)), Outcome("ok", values=(1.0,)), Outcome("failed", "it was drawn"))


@pytest.fixture(autouse=True, scope="module")
def declared() -> Iterator[None]:
    """The declarations of `driving`, during these tests."""
    with declarations():
        yield


def is_timing(job: Job) -> bool:
    return isinstance(job, Measure) and MEASURES.get(job.cell.measure).needs == "host"


@settings(max_examples=15, deadline=None, database=None, derandomize=True)
@given(
    st.lists(kinds, max_size=10, unique_by=lambda kind: kind[:2]),
    st.integers(1, 3),
    st.lists(st.integers(1, 8), min_size=1, max_size=3),
    st.data(),
)
def test_each_process_has_one_record_and_no_timing_shared_its_host_whatever_ended_first_and_was_lost(
    planned: list[tuple[str, int, int]], lanes: int, threads: list[int], data: st.DataObject
) -> None:
    stage = Stage(*(host(f"host{i}", number) for i, number in enumerate(threads)))

    def choose(running: Sequence[Handle]) -> Handle:
        if len(stage.places) > 1 and data.draw(st.integers(0, 4)) == 0:
            stage.lose(data.draw(st.sampled_from([place.name for place in stage.places])))
        return data.draw(st.sampled_from(running))

    stage.choose = choose
    stage.answer = lambda _: data.draw(st.sampled_from(OUTCOMES))
    with TemporaryDirectory() as folder:
        steps: list[PlanStep] = [step(name, side, replicates=number) for name, side, number in planned]
        place = desk(Path(folder), stage, steps)
        assert "complete" == drive(place, steps, Pace(lanes=lanes))
        rows = [(row.cell_key, row.replicate) for row in place.store.records("r1")]
        place.store.close()
        assert [(s.planned.cell.key, i) for s in steps for i in range(s.planned.replicates)] == rows
        assert [] == [beside for beside in stage.beside if len(beside) > 1 and any(map(is_timing, beside))]

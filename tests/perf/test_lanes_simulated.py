"""The arithmetic of `nox -s lanes`: the ideal of a plan, and how near the schedule comes to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cell import Record
from bench.declare.catalog import load_catalogs
from bench.declare.needs import Needs
from bench.run.forecast import Forecast
from bench.run.runs import Wish
from bench.run.schedule import Work
from bench.store.database import ArtifactRow
from tests.bench.driving import SHARED, Recorder, declarations, desk, step
from tests.perf.lanes_simulated import (
    Simulated,
    Works,
    foreseen,
    ideal,
    learned,
    on_gpus,
    planned,
    recorded,
    simulate,
)

CORE = Needs()
TIMING = Needs(alone=True)
GPU = Needs(device="cuda")


def work(key: str, seconds: float, needs: Needs = CORE, after: tuple[str, ...] = ()) -> Work:
    return Work(key, needs, seconds, after)


@pytest.mark.parametrize(
    ("seconds", "cores", "gpus", "works"),
    [
        (3.0, 4, 0, [work(str(i), 2.0) for i in range(6)]),
        (6.0, 4, 0, [work(str(i), 2.0, Needs(threads=2)) for i in range(6)]),
        (4.0, 2, 0, [work("wide", 4.0, Needs(threads=16))]),
        (5.0, 16, 0, [work("a", 2.0), work("b", 3.0, after=("a",)), work("c", 4.0)]),
        (9.0, 16, 0, [work("a", 2.0), work("b", 3.0, after=("a",)), work("t", 4.0, TIMING)]),
        (6.0, 16, 0, [work("a", 2.0), work("t", 4.0, TIMING, ("a",))]),
        (6.0, 16, 2, [work(str(i), 2.0, GPU) for i in range(6)]),
        (0.0, 16, 0, []),
    ],
    ids=["cores", "threads", "more than there are", "chain", "timing", "chain of a timing", "GPUs", "nothing"],
)
def test_no_plan_takes_less_than_its_cores_gpus_chains_and_timings(
    seconds: float, cores: int, gpus: int, works: list[Work]
) -> None:
    assert seconds == ideal(works, cores, gpus)


def test_the_share_is_that_of_the_ideal_in_what_the_schedule_takes() -> None:
    assert 0.75 == Simulated(works=5, seconds=4.0, ideal=3.0).share


def test_three_equal_works_on_two_cores_end_with_a_core_idle() -> None:
    assert Simulated(works=3, seconds=4.0, ideal=3.0) == simulate([work(str(i), 2.0) for i in range(3)], cores=2)


@pytest.fixture(scope="module")
def plan() -> Works:
    load_catalogs()
    return foreseen(Wish(threads=(1,)), Forecast())


def test_every_process_and_every_artifact_is_expected_to_take_time(plan: Works) -> None:
    assert [] == [str(item) for work, item in plan.values() if work.seconds <= 0.0]


@pytest.mark.parametrize(("cores", "gpus"), [(2, 0), (16, 0), (16, 8)])
@pytest.mark.parametrize("part", ["whole", "learning"])
def test_the_default_profile_is_done_at_nine_tenths_of_the_ideal(
    plan: Works, part: str, cores: int, gpus: int
) -> None:
    works = on_gpus(plan) if gpus else plan
    works = learned(works) if part == "learning" else works
    assert 0.9 < simulate(planned(works), cores, gpus).share <= 1.0


def test_what_is_learned_comes_with_all_that_it_waits_for(plan: Works) -> None:
    found = learned(plan)
    assert found.keys() >= {before for work in planned(found) for before in work.after}
    assert {False} == {work.needs.alone for work in planned(found)}


def test_on_gpus_what_learns_needs_one_and_all_else_is_as_planned(plan: Works) -> None:
    found = on_gpus(plan)
    assert {"cuda"} == {work.needs.device for work in planned(learned(found))}
    others = plan.keys() - learned(plan).keys()
    assert [plan[key] for key in others] == [found[key] for key in others]


def test_what_a_run_took_is_read_from_its_store(tmp_path: Path) -> None:
    with declarations():
        steps = [step("driver_shared", replicates=2)]
        store = desk(tmp_path, Recorder(), steps).store
        for replicate, seconds in enumerate((3.0, 4.0)):
            cell = steps[0].planned.cell
            store.add_record("r1", Record(cell=cell, replicate=replicate, status="ok", unit="1", seconds=seconds))
        store.add_artifact("r1", ArtifactRow(SHARED.key, str(SHARED), "made", "", 2.0, {}))
        store.end_run("r1", "complete", "2026-01-01")
        found = recorded(store.path)
    assert [2.0, 3.0, 4.0] == [item.seconds for item, _ in found.values()]
    assert [(), (SHARED.key,), (SHARED.key,)] == [item.after for item, _ in found.values()]

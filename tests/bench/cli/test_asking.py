"""What a run is to find out, and how that is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.cell import Cell, Record
from bench.cli.asking import Questions, kept_questions, named, outcome, questions_of
from bench.compare.asking.asking import Asking
from bench.compare.experiments.rule import Design
from bench.declare.declarations import Planned
from bench.run.plan import PlanStep
from bench.run.runs import Wish
from bench.statistics.looks import LOOKS
from bench.store.database import RunRow, Store
from tests.bench.stripes import cell_of
from tests.bench.studies import study_of

PLAIN = cell_of()
TREATED = [cell_of(augmentation=name) for name in ("lecture", "digits")]


def step(cell: Cell, is_open: bool = True) -> PlanStep:
    return PlanStep(Planned(cell, open=is_open), ("transfer",))


STEPS = tuple(step(cell) for cell in (PLAIN, *TREATED))
DESIGN = Design(LOOKS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store that no run was begun in."""
    with Store.create(tmp_path / "runs.sqlite") as store:
        yield store


def test_open_trainings_are_looked_at_more_than_once_and_others_once() -> None:
    plans = STEPS, (step(PLAIN, is_open=False),)
    assert [LOOKS, ()] == [questions_of(Wish(), steps).design.looks for steps in plans]


def test_the_margin_is_the_users() -> None:
    assert 0.02 == questions_of(Wish(margin=2.0), STEPS).design.margin


def test_a_run_keeps_its_questions(store: Store) -> None:
    asked = Questions(Design(LOOKS, 0.1, 0.02), (study_of([PLAIN, TREATED[0]]),))
    store.begin_run(RunRow("r1", "2026-01-01", "default", "evobench run", {}, "here", {}), asked.declared(), [])
    assert asked == kept_questions(store, "r1")


def test_a_run_that_kept_none_is_looked_at_once(store: Store) -> None:
    store.begin_run(RunRow("r1", "2026-01-01", "default", "evobench run", {}, "here", {}), [], [])
    assert Questions(Design()) == kept_questions(store, "r1")


def test_comparisons_are_named_by_kind() -> None:
    assert "2 comparisons: 2 augmentation" == named(Asking(STEPS, DESIGN))


def test_a_plan_without_comparisons_names_none() -> None:
    assert "" == named(Asking(STEPS[:1], DESIGN))


def record(cell: Cell, top1: float) -> Record:
    right = round(top1 * 100)
    values = (1.0,) * right + (0.0,) * (100 - right)
    return Record(cell=cell, replicate=0, status="ok", unit="1", values=values, details={"n_train": 30})


def test_the_end_tells_what_is_answered_open_and_left_out() -> None:
    first = range(LOOKS[0])
    seeds = [
        step(cell_of(augmentation=name, seed=seed)) for name in ("none", "lecture", "digits") for seed in first
    ]
    asking = Asking(seeds, DESIGN)
    for seed in first:
        asking.learned(record(cell_of(seed=seed), 0.1))
        asking.learned(record(cell_of(augmentation="lecture", seed=seed), 0.9))
    expected = "1 of 2 comparisons answered: 1 of 2 augmentation; 1 open"
    assert [expected, f"{expected}; 7 planned measurements left out for want of time"] == [
        outcome(asking, number) for number in (0, 7)
    ]


def test_a_run_of_lessons_names_their_hypotheses() -> None:
    studies = (study_of([PLAIN, TREATED[0]]), study_of([PLAIN, TREATED[1]], name="other"))
    assert "2 hypotheses of 2 lessons" == named(Asking(STEPS, DESIGN, studies))


def test_the_end_of_a_run_of_lessons_tells_how_many_are_answered() -> None:
    asking = Asking(STEPS, DESIGN, (study_of([PLAIN, TREATED[0]]),))
    assert "0 of 1 lessons answered, 0 of 1 hypothesis" == outcome(asking, 0)

"""Lessons as a run keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from bench.cell import Cell, Cost
from bench.declare.catalog import measure
from bench.declare.declarations import Planned, Setting
from bench.declare.lessons.lesson import Arm, Hypothesis, Missing, lesson
from bench.declare.lessons.study import Study, studies
from tests.bench.compare.experiments.arms import WHERE, cell
from tests.bench.studies import study_of

SETTING = Setting("default", "cpu", 1)
PLAIN, DIGITS, LECTURE = (cell(augmentation=name) for name in ("none", "digits", "lecture"))
COUNTS = [Cell(name, "m", Cost(mode="infer", resolution=32)) for name in ("few", "many")]


def hypothesis(*cells: Cell, **others: Any) -> Hypothesis:
    arms = tuple(Arm(f"arm {i}", Planned(item)) for i, item in enumerate(cells))
    return Hypothesis(statement=f"{len(cells)} arms", arms=arms, **others)


@pytest.fixture
def declared(no_declarations: None) -> None:
    """A lesson with two hypotheses and a missing part, one about counts, and the measures of both."""
    for name, repeats in (("m", "anywhere"), ("top1", "host")):

        def take(subject: object, clock: object) -> None:
            """Something."""

        take.__name__ = name
        measure(unit="1", better="lower", nature="count", repeats=repeats)(take)  # type: ignore[arg-type]

    @lesson(title="Learns", words="w", slide="s")
    def learns(setting: Setting) -> Iterable[Hypothesis | Missing]:
        """Trainings."""
        return [hypothesis(PLAIN, DIGITS), hypothesis(PLAIN, LECTURE), Missing("all", "no such data here")]

    @lesson(title="Counts", words="w", slide="s")
    def counts(setting: Setting) -> Iterable[Hypothesis]:
        """Counts."""
        return [hypothesis(*COUNTS)]


def test_a_lesson_survives_its_way_to_the_store_and_back() -> None:
    study = study_of([PLAIN, DIGITS], name="whole")
    assert study == Study.from_dict(json.loads(json.dumps(study.to_dict())))


def test_a_run_keeps_the_hypotheses_of_which_it_plans_all_arms(declared: None) -> None:
    (found,) = studies([PLAIN, DIGITS], SETTING)
    assert ("learns", 1) == (found.name, len(found.hypotheses))
    assert (Missing("all", "no such data here"),) == found.missing


def test_another_seed_of_an_arm_is_that_arm(declared: None) -> None:
    planned = [
        replace(item, scenario=replace(WHERE, augmentation=name, seed=7))
        for item, name in ((PLAIN, "none"), (DIGITS, "digits"))
    ]
    assert ["learns"] == [item.name for item in studies(planned, SETTING)]


def test_a_run_without_arms_of_a_lesson_keeps_none(declared: None) -> None:
    assert [] == list(studies([PLAIN], SETTING))


def test_counts_that_are_the_same_everywhere_are_exact(declared: None) -> None:
    found = {item.name: item.hypotheses[0].is_exact for item in studies([PLAIN, DIGITS, *COUNTS], SETTING)}
    assert {"learns": False, "counts": True} == found

"""Declared lessons: how they are registered, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from bench.cell import Cell, Cost
from bench.declare.declarations import Planned, Setting
from bench.declare.lessons.lesson import LESSONS, Arm, Hypothesis, Lesson, Missing, Quoted, lesson
from bench.errors import UsageError
from tests.bench.compare.experiments.arms import cell

COUNT = Arm("counted", Planned(Cell("net", "macs", Cost(mode="infer", resolution=32))))
ARMS = tuple(Arm(name, Planned(cell(augmentation=name))) for name in ("none", "digits", "lecture", "erasing"))
PAIR = ARMS[:2]
SETTING = Setting("default", "cpu", 1)


def declared(*items: Any) -> Lesson:
    @lesson(title="More", words="more is more", slide="A slide", published=[Quoted("it was", "a paper")])
    def more(setting: Setting) -> Iterable[Any]:
        """More is compared with less."""
        return items

    return LESSONS.get("more")


def test_a_lesson_is_registered_under_its_functions_name(no_declarations: None) -> None:
    item = declared()
    assert ("more", "More", "More is compared with less.") == (item.name, item.title, item.about)
    assert (Quoted("it was", "a paper"),) == item.published


def test_a_lesson_is_asked_late_for_its_hypotheses(no_declarations: None) -> None:
    items = Hypothesis(statement="s", arms=PAIR), Missing("all", "no such data here")
    assert items == declared(*items).asks(SETTING)


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ([3], "has int in it, not Hypothesis and Missing alone"),
        ([Hypothesis(statement=" ", arms=PAIR)], "statement"),
        ([Hypothesis(statement="s", arms=PAIR, margin=0)], "margin"),
        ([Hypothesis(statement="s", arms=PAIR, seeds=0)], "seeds"),
        ([Missing("all", "")], "reason"),
        ([Hypothesis(statement="more", arms=(ARMS[0], ARMS[0]))], "'more' compares an arm with itself"),
    ],
)
def test_what_is_no_hypothesis_gets_one_line(no_declarations: None, items: list[Any], told: str) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        declared(*items).asks(SETTING)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("statistic", "arms"),
    [
        ("difference", ARMS[:1]),
        ("difference", ARMS[:3]),
        ("ratio", ARMS[:3]),
        ("interaction", PAIR),
        ("rank", PAIR),
        ("peak", PAIR),
    ],
)
def test_a_statistic_needs_its_arms(no_declarations: None, statistic: Any, arms: tuple[Arm, ...]) -> None:
    with pytest.raises(UsageError, match="as many arms as the statistic needs"):
        declared(Hypothesis(statement="s", arms=arms, statistic=statistic)).asks(SETTING)


def test_two_figures_of_one_training_are_two_arms(no_declarations: None) -> None:
    twice = Hypothesis(statement="s", arms=(PAIR[0], Arm("gap", PAIR[0].planned, "gap")))
    assert (twice,) == declared(twice).asks(SETTING)


@pytest.mark.parametrize(
    ("hypothesis", "is_open"),
    [
        (Hypothesis(statement="s", arms=PAIR), True),
        (Hypothesis(statement="s", arms=PAIR, seeds=5), False),
        (Hypothesis(statement="s", arms=(PAIR[0], COUNT)), False),
    ],
)
def test_seeds_are_added_where_their_number_is_not_fixed_and_all_arms_learn(
    hypothesis: Hypothesis, is_open: bool
) -> None:
    assert is_open is hypothesis.is_open

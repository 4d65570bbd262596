"""The verdict on one hypothesis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bench.cell import Cell, Cost, Learning, Record
from bench.compare.experiments.rule import Design
from bench.compare.lessons import tested as lessons
from bench.compare.lessons.tested import Figures, figure_of, figures_of, rule_of, verdict_of
from bench.declare.lessons.study import StudiedHypothesis
from bench.statistics.looks import LOOKS
from tests.bench.compare.experiments.arms import IMAGES, cell, failed, trained
from tests.bench.studies import hypothesis_of

ARMS = [cell(augmentation=name) for name in ("none", "digits")]
OPEN = hypothesis_of(ARMS)
TIMED = [Cell(name, "latency", Cost(mode="infer", resolution=32)) for name in ("slow", "quick")]
NOISE = (0.004, -0.004, 0.002, -0.002, 0.0, 0.003, -0.003, 0.001)
"""By seed."""


def seed(of: Cell, number: int) -> Cell:
    assert isinstance(of.scenario, Learning)
    return replace(of, scenario=replace(of.scenario, seed=number))


def accuracies(of: Cell, values: Sequence[float]) -> Figures:
    return figures_of((trained(seed(of, number), value) for number, value in enumerate(values)), "")


def judged(changes: Sequence[float], hypothesis: StudiedHypothesis = OPEN, tests: int = 1) -> Any:
    """Of treated trainings that differ so from those of 50 %."""
    arms = [accuracies(ARMS[0], [0.5] * len(changes)), accuracies(ARMS[1], [0.5 + x for x in changes])]
    return lessons.tested(hypothesis, arms, rule_of(hypothesis, Design(LOOKS), tests))


def around(mean: float, seeds: int = 8) -> list[float]:
    return [mean + NOISE[i % len(NOISE)] for i in range(seeds)]


def timed(value: float, process: int) -> Record:
    return Record(cell=TIMED[0], replicate=process, status="ok", unit="s", values=(value, value, 9.0))


@pytest.mark.parametrize(
    ("mean", "expected", "verdict"),
    [
        (0.05, "more", "confirmed"),
        (-0.05, "more", "refuted"),
        (-0.05, "less", "confirmed"),
        (0.05, "less", "refuted"),
        (0.0, "more", "no difference"),
        (0.0, "less", "no difference"),
    ],
)
def test_the_side_of_0_on_which_the_interval_lies_decides(mean: float, expected: str, verdict: str) -> None:
    assert verdict == judged(around(mean), hypothesis_of(ARMS, expected=expected)).verdict


def test_an_interval_on_both_sides_that_is_wider_than_the_margin_is_undecided() -> None:
    found = judged([0.1, -0.1] * 4)
    assert ("undecided", True) == (found.verdict, found.found.interval is not None)


def test_before_the_first_look_all_is_undecided() -> None:
    found = judged(around(0.2, seeds=LOOKS[0] - 1))
    assert ("undecided", None, LOOKS[0] - 1) == (found.verdict, found.found.interval, found.n)


def test_the_answer_of_a_look_stands_whatever_comes_later() -> None:
    found = judged([*around(0.2), -0.4, -0.4])
    assert ("confirmed", LOOKS[0]) == (found.verdict, found.found.n)


def test_seeds_that_one_arm_lacks_are_passed_over() -> None:
    arms = [accuracies(ARMS[0], [0.5] * 9), accuracies(ARMS[1], around(0.7))]
    assert LOOKS[0] == lessons.tested(OPEN, arms, rule_of(OPEN, Design(LOOKS), 1)).n


def test_without_a_seed_of_all_arms_there_is_nothing_to_tell() -> None:
    found = lessons.tested(OPEN, [accuracies(ARMS[0], [0.5]), {}], rule_of(OPEN, Design(LOOKS), 1))
    assert ("undecided", None, 0) == (found.verdict, found.found, found.n)


def test_the_more_hypotheses_there_are_the_wider_is_the_interval_of_each() -> None:
    alone, among = (judged(around(0.05), tests=tests).found.interval for tests in (1, 40))
    assert among.low < alone.low


def test_what_is_not_open_is_looked_at_once_with_what_is_there() -> None:
    closed = hypothesis_of(ARMS, is_open=False)
    assert ("confirmed", 3) == ((found := judged(around(0.2, seeds=3), closed)).verdict, found.n)


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [((100.0, 90.0), "confirmed"), ((90.0, 100.0), "refuted"), ((100.0, 99.0), "no difference")],
)
def test_counts_are_exact(counts: tuple[float, float], verdict: str) -> None:
    hypothesis = hypothesis_of(TIMED, statistic="ratio", expected="less", margin=0.02, is_exact=True)
    arms = [figures_of([timed(count, 0)], "") for count in counts]
    found = lessons.tested(hypothesis, arms, rule_of(hypothesis, Design(LOOKS), 9))
    assert verdict == found.verdict


def test_counts_share_no_level() -> None:
    exact = hypothesis_of(TIMED, is_exact=True)
    assert [2, 1] == [lessons.tests_of([OPEN, exact, OPEN]), lessons.tests_of([exact])]


def test_the_figure_of_a_training_is_its_accuracy_and_of_a_timing_the_median() -> None:
    figures = figure_of(trained(ARMS[0], 0.25), ""), figure_of(timed(2.0, 0), "")
    assert [0.25, 2.0] == [figure.value for figure in figures if figure]


def test_timings_pair_by_process() -> None:
    assert [(0, 0), (1, 0)] == sorted(figures_of([timed(1.0, 1), timed(2.0, 0)], ""))


def test_a_detail_may_be_the_figure() -> None:
    record = trained(ARMS[0], 0.25)
    figure = figure_of(replace(record, details={**record.details, "train_loss": 1.5}), "train_loss")
    assert figure is not None
    assert 1.5 == figure.value


@pytest.mark.parametrize("details", [{}, {"gap": None}, {"gap": True}, {"gap": "none"}, {"gap": float("nan")}])
def test_a_detail_that_is_no_number_is_no_figure(details: Mapping[str, Any]) -> None:
    assert figure_of(replace(trained(ARMS[0], 0.25), details=dict(details)), "gap") is None


def test_what_failed_has_no_figure() -> None:
    assert {} == figures_of([failed(ARMS[0])], "")


def test_equal_differences_are_sure_to_one_test_image_only() -> None:
    found = judged([0.0] * 8, hypothesis_of(ARMS, margin=0.1 / IMAGES))
    assert "undecided" == found.verdict


@pytest.mark.parametrize("answer", ["no difference", "undecided"])
def test_what_has_no_side_is_the_same_for_both_expectations(answer: Any) -> None:
    assert [answer, answer] == [verdict_of(answer, "more"), verdict_of(answer, "less")]


def test_a_timing_that_others_disturbed_has_no_figure() -> None:
    timed = Record(cell=TIMED[0], replicate=0, status="ok", unit="s", values=(0.5,))
    disturbed = replace(timed, details={"noisy": ["other programs took the cores"]})
    assert (0.5, None) == (figure_of(timed, "").value, figure_of(disturbed, ""))  # type: ignore[union-attr]


SAME = hypothesis_of(ARMS, expected="same", margin=0.02)


@pytest.mark.parametrize(("mean", "verdict"), [(0.0, "confirmed"), (0.018, "undecided"), (-0.05, "refuted")])
def test_where_the_same_is_expected_the_margin_decides(mean: float, verdict: str) -> None:
    assert verdict == judged([mean + noise for noise in NOISE], SAME).verdict

"""What a treatment of training does to accuracy, in words: the answer, and what it rests on."""

from __future__ import annotations

from typing import Any

import pytest

from bench.compare.experiments.answers import Answer
from bench.statistics.intervals import Interval
from bench.statistics.pooled import PooledEffect
from reports.highlights.treatments import told
from reports.learning.overall import ALL, Overall


def over(mean: tuple[float, float, float] | None, networks: int = 4, **answers: int) -> Overall:
    """Comparisons of augmentation with these answers, and mean, low and high in points where it was pooled."""
    counts: dict[Any, int] = {name.replace("_", " "): number for name, number in answers.items()}
    full: dict[Answer, int] = {answer: counts.get(answer, 0) for answer in ("helps", "hurts", "no difference")}
    full["undecided"] = counts.get("undecided", 0)
    pooled = None
    if mean:
        middle, low, high = (value / 100 for value in mean)
        pooled = PooledEffect(middle, Interval(low, high, ""), between=0.1, higher=1, n=networks)
    of = sum(full.values())
    return Overall(
        family="augmentation",
        treatment=ALL,
        answers=full,
        of=of,
        compared=of,
        higher=0,
        networks=networks,
        pooled=pooled,
    )


def text(found: Overall) -> str:
    return "".join(told(found, ["digits"]))


def test_what_helps_clearly_is_told_with_its_mean_and_interval() -> None:
    assert (
        "Augmentation helps in all 5 comparisons (digits); +4.0 points on average over 4 networks (95 % interval "
        "+1.0 to +7.0)."
    ) == text(over((4, 1, 7), helps=5))


def test_where_nearly_all_help_and_the_interval_holds_0_both_are_told() -> None:
    assert (
        "Augmentation helps in 10 of 11 comparisons and hurts in 1 (digits); +20.4 points on average over 4 "
        "networks (95 % interval -20.9 to +61.8: how much depends on the network)."
    ) == text(over((20.4, -20.9, 61.8), helps=10, hurts=1))


def test_several_answers_with_an_interval_that_holds_0_are_no_clear_difference() -> None:
    assert (
        "Augmentation makes no clear difference on average: it helps in 8 of 12 comparisons, hurts in 3, and 1 is "
        "undecided (digits); +0.1 points on average over 3 networks (95 % interval -9.0 to +9.1)."
    ) == text(over((0.1, -9.0, 9.1), networks=3, helps=8, hurts=3, undecided=1))


def test_what_helps_about_as_often_as_it_hurts_goes_either_way() -> None:
    answer, rest = told(over((-2, -16, 11), helps=6, hurts=5, no_difference=1, undecided=1), ["a", "b"])
    assert "Augmentation goes either way" == answer
    assert rest.startswith(
        ": it helps in 6 of 13 comparisons, hurts in 5, makes no difference in 1, and 1 is undecided (a, b);"
    )


@pytest.mark.parametrize(("mean", "verb"), [((4, 1, 7), "helps"), ((-4, -7, -1), "hurts")])
def test_an_interval_that_excludes_0_decides_where_answers_differ(
    mean: tuple[float, float, float], verb: str
) -> None:
    assert f"Augmentation {verb} on average, but not always" == told(over(mean, helps=6, hurts=5), ["a"])[0]


@pytest.mark.parametrize(
    ("answers", "answer"),
    [
        ({"helps": 2, "hurts": 1}, "Augmentation helps more often than it hurts"),
        ({"helps": 1, "hurts": 2}, "Augmentation hurts more often than it helps"),
        ({"helps": 1, "hurts": 1, "no_difference": 3}, "Augmentation makes no clear difference"),
    ],
)
def test_too_few_networks_to_pool_are_told_by_their_counts(answers: dict[str, int], answer: str) -> None:
    found, rest = told(over(None, **answers), ["a"])
    assert (answer, False) == (found, "average" in rest)


def test_most_comparisons_without_an_answer_leave_it_undecided() -> None:
    assert (
        "Whether augmentation helps is undecided in 7 of 10 comparisons: it helps in 2 and hurts in 1 (digits)."
        == (text(over(None, helps=2, hurts=1, undecided=7)))
    )


def test_one_comparison_is_told_as_such() -> None:
    assert "Augmentation hurts in the only comparison (digits)." == text(over(None, networks=1, hurts=1))


def test_of_one_network_nothing_is_said_on_average() -> None:
    assert "Augmentation makes no difference in both comparisons (digits)." == text(
        over(None, networks=1, no_difference=2)
    )

"""What is made of the figures of a hypothesis' arms, by numbers that were worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from bench.compare.lessons.statistic import step_of, value_of
from bench.declare.lessons.lesson import Statistic


@pytest.mark.parametrize(
    ("statistic", "figures", "expected"),
    [
        ("difference", [0.5, 0.75], 0.25),
        ("difference", [0.5, 0.75, 0.5, 0.25], 0.0),
        ("ratio", [2.0, 1.0], -math.log(2)),
        ("ratio", [1.0, 2.0, 1.0, 8.0], math.log(4)),
        ("interaction", [0.5, 0.75, 0.25, 0.375], -0.125),
        ("rank", [1.0, 2.0, 3.0], 1.0),
        ("rank", [3.0, 2.0, 1.0], -1.0),
        ("rank", [1.0, 3.0, 2.0], 0.5),
        ("rank", [1.0, 1.0, 2.0], math.sqrt(0.75)),
        ("rank", [4.0, 4.0, 4.0], 0.0),
        ("peak", [9, 1, 1, 1, 1, 9], 1.0),
        ("peak", [1, 1, 9, 1, 9, 1], -0.5),
        ("peak", [9, 9, 1, 9, 1, 1], -0.25),
    ],
)
def test_each_statistic_gives_what_is_worked_out_by_hand(
    statistic: Statistic, figures: Sequence[float], expected: float
) -> None:
    assert expected == pytest.approx(value_of(statistic, figures))


def test_a_ratio_of_figures_that_are_not_above_0_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        value_of("ratio", [1.0, 0.0])


@pytest.mark.parametrize(
    ("statistic", "arms", "expected"),
    [
        ("difference", 2, 0.01),
        ("difference", 4, 0.005),
        ("interaction", 4, 0.01),
        ("rank", 3, 0.5),
        ("peak", 6, 0.5),
        ("ratio", 2, 0.0),
    ],
)
def test_the_least_change_of_a_statistic_is_that_of_one_image_or_of_one_rank(
    statistic: Statistic, arms: int, expected: float
) -> None:
    assert expected == pytest.approx(step_of(statistic, arms, image=0.01))

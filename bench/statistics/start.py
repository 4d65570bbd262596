"""Test whether a training's answers to the test images are better than chance. Pure."""

from __future__ import annotations

from typing import Any, Literal, get_args

from bench.lazy import lazy

special: Any = lazy("scipy.special")

LEVEL = 0.01
"""One-sided level of each of the two exact tests."""
Start = Literal["yes", "did not start", "too few to tell"]
STARTED: Start = "yes"
STALLED: Start = "did not start"
TOO_FEW: Start = "too few to tell"
STARTS: tuple[Start, ...] = get_args(Start)


def by_chance(right: int, n: int, chance: float) -> float:
    """Probability of at least as many right answers by chance."""
    return float(special.bdtrc(right - 1, n, chance)) if right else 1.0


def start_of(right: int, n: int, chance: float) -> Start:
    """Whether an accuracy is above chance, at chance, or has too few images to tell.

    It is above where so many right answers are improbable by chance. It is at chance where that is not so, and so
    few are improbable of a training that learned half of what chance leaves: an accuracy halfway from chance to 1.
    Neither can be told of a test that is so small that all right is not improbable by chance.

    Args:
        right: right answers.
        n: answers, at least one.
        chance: share of them that always naming the largest class would get right.
    """
    if by_chance(right, n, chance) < LEVEL:
        return STARTED
    halfway = (1 + chance) / 2
    large_enough = by_chance(n, n, chance) < LEVEL
    return STALLED if large_enough and special.bdtr(right, n, halfway) < LEVEL else TOO_FEW

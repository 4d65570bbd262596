"""The rates of the gate's rule, by drawing recorded pairs again and again."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.statistics.intervals import Interval
from bench.statistics.sequential import Answer, SequentialRule

DRAWS = 2000
Recorded = tuple[float, float]
"""Log-ratios of a pair and of its twin."""


@dataclass(frozen=True)
class Simulated:
    """Decisions on pairs that were drawn again."""

    answers: tuple[Answer, ...]
    pairs: float
    """Mean number of them that a decision took."""


def equal_sides(file: Path) -> list[Recorded]:
    """The pairs of equal sides among those that a trial has recorded."""
    return [(pair, twin) for pair, twin in json.loads(file.read_text())["0"]]


def simulated(
    recorded: Sequence[Recorded], share: float, rule: SequentialRule, draws: int = DRAWS, seed: int = 0
) -> Simulated:
    """Decide again and again on pairs of equal sides that are drawn anew and slowed down by a share.

    Pair and twin of equal sides stand for each other: the two are exchangeable, and so are their signs.
    """
    chance = random.Random(seed)
    answers: list[Answer] = []
    pairs = 0
    for _ in range(draws):
        drawn = [_drawn(recorded, chance) for _ in range(rule.looks[-1])]
        for look in rule.looks:
            logs = [pair + math.log1p(share) for pair, _ in drawn[:look]]
            answer = rule.decide(logs, [twin for _, twin in drawn[:look]]).answer
            if answer != "undecided":
                break
        answers.append(answer)
        pairs += look
    return Simulated(tuple(answers), pairs / draws)


def rate(k: int, n: int) -> str:
    """`3 of 8 [0.09, 0.76]`."""
    interval = exact_interval(k, n)
    return f"{k} of {n} [{interval.low:.3f}, {interval.high:.3f}]"


def exact_interval(k: int, n: int, level: float = 0.95) -> Interval:
    """Of a proportion (Clopper and Pearson 1934)."""
    from scipy import special

    low = float(special.betaincinv(k, n - k + 1, (1 - level) / 2)) if k else 0.0
    high = float(special.betaincinv(k + 1, n - k, (1 + level) / 2)) if k < n else 1.0
    return Interval(low, high, "Clopper-Pearson")


def _drawn(recorded: Sequence[Recorded], chance: random.Random) -> Recorded:
    pair, twin = chance.choice(recorded)
    sign = chance.choice((-1, 1))
    return sign * pair, sign * twin

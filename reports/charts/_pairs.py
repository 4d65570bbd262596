"""Two networks that show what a chart tells: of one input size, under the same conditions, undisturbed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pandas as pd

from reports.candidates.choice import ACCURACY
from reports.candidates.found import Candidate
from reports.formats import NOISY, times

_FACTOR = 1.5
"""Factor from which a difference is worth a sentence."""
_WIDE = 1.5
"""High over low of an interval from which nothing can be told."""
_ALIKE = 1.15


@dataclass(frozen=True)
class Beaten:
    """A network that takes more than another and is less accurate."""

    network: Candidate
    by: Candidate
    points: float
    """Points of accuracy by which it is behind."""

    def words(self) -> str:
        """Words for how many times the parameters and the multiply-adds it takes, and how much less accurate it
        is."""
        costs = [
            f"{times(_figure(self.network, key) / _figure(self.by, key))} times the {word}"
            for key, word in (("parameters", "parameters"), ("macs", "multiply-adds"))
        ]
        return (
            f"{self.network.name} takes {' and '.join(costs)} of {self.by.name}, and is {self.points:.1f} points "
            "less accurate"
        )


def beaten(candidates: Iterable[Candidate]) -> Beaten | None:
    """The pair of one input size whose less accurate network takes most times the multiply-adds of the other.

    It takes more parameters, too.

    Accuracies with intervals count as different where these do not overlap.
    """
    known = [item for item in candidates if all(_whole(item, key) for key in (ACCURACY, "parameters", "macs"))]
    pairs = [
        Beaten(worse, better, 100 * (_figure(better, ACCURACY) - _figure(worse, ACCURACY)))
        for worse, better in permutations(known, 2)
        if worse.resolution == better.resolution
        and _figure(worse, "parameters") > _FACTOR * _figure(better, "parameters")
        and _figure(worse, "macs") > _FACTOR * _figure(better, "macs")
        and _is_below(worse, better)
    ]
    return max(pairs, key=lambda pair: _figure(pair.network, "macs") / _figure(pair.by, "macs"), default=None)


def _is_below(worse: Candidate, better: Candidate) -> bool:
    one, other = worse.figures[ACCURACY], better.figures[ACCURACY]
    if one.provenance == "published" == other.provenance:
        return one.value < other.value
    return one.high is not None and other.low is not None and one.high < other.low


def _whole(item: Candidate, key: str) -> bool:
    found = item.figures.get(key)
    return found is not None and found.value > 0 and not found.bound and found.status != NOISY


def _figure(item: Candidate, key: str) -> float:
    return item.figures[key].value


def as_fast(points: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Two rows of one input size and batch: the first has far fewer multiply-adds, and is not measurably faster.

    Args:
        points: rows with `resolution`, `batch`, `value` (its rate), `low`, `high`, `noisy`, `counted`
            (multiply-adds) and `counted_bound`.
    """
    quiet = [row for row in points if pd.isna(row["noisy"]) and not row["counted_bound"]]
    sure = [row for row in quiet if not pd.isna(row["low"]) and row["high"] < _WIDE * row["low"]]
    pairs = [
        (less, more)
        for less, more in permutations(sure, 2)
        if (less["resolution"], less["batch"]) == (more["resolution"], more["batch"])
        and more["counted"] > _FACTOR * less["counted"]
        and less["low"] <= more["high"]
        and less["value"] < _ALIKE * more["value"]
    ]
    return max(pairs, key=lambda pair: float(pair[1]["counted"] / pair[0]["counted"]), default=None)

"""Words for people about the hypotheses of a lesson: effects and figures in their units, and open questions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from bench.cell import Learning
from bench.compare.lessons.tested import ACCURACIES, Tested, Verdict
from bench.compare.lessons.verdict import Taught
from bench.declare.lessons.study import StudiedArm, StudiedHypothesis
from bench.declare.nature import nature_of
from bench.statistics.intervals import Interval
from bench.words import few
from reports import formats
from reports.tidy.frame import Frames

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""Verdicts in the order in which they are told."""
NOT_TESTED = "not tested"
"""Verdict on a part that cannot be tested with what there is."""


@dataclass(frozen=True)
class FigureScale:
    """Scale on which figures are shown."""

    unit: str
    convert: Callable[[float], float] = float
    """Makes a figure one in the unit."""
    ticks: str = ""
    """plotly's format of the numbers of an axis over them."""
    suffix: str = ""
    """Suffix of each of these numbers."""

    @property
    def behind(self) -> str:
        """End of such an axis' title, where its numbers do not name their unit."""
        return "" if self.ticks or not self.unit else f" ({self.unit})"

    def bounds(self, interval: Interval | None) -> tuple[float | None, float | None]:
        """An interval in the unit; nothing where there is none, or where it is a point."""
        if interval is None or interval.low == interval.high:
            return None, None
        return self.convert(interval.low), self.convert(interval.high)

    def words(self, value: float, interval: Interval | None = None) -> str:
        """A value with its interval, neither of them converted yet: `+1.2 points [+0.4, +2.0]`."""
        text = formats.quantity(self.convert(value), self.unit)
        if self.unit not in text:
            text = f"{self.unit} {text}" if self.unit == formats.CORRELATION else f"{text} {self.unit}"
        low, high = self.bounds(interval)
        return text if low is None or high is None else f"{text} {formats.span(low, high, self.unit)}"


def _percent(share: float) -> float:
    return 100 * share


_OF_STATISTIC = {
    "ratio": FigureScale(formats.TIMES, math.exp),
    "rank": FigureScale(formats.CORRELATION),
    "peak": FigureScale(formats.OF_THE_WAY),
}
_OF_UNIT = {"points": FigureScale("points", _percent)}
_SHARES = FigureScale("%", _percent)


def _plain(unit: str) -> FigureScale:
    """Scale in SI units, with a prefix where the unit is one, or the figure a count."""
    return FigureScale(unit, ticks="~s" if unit else "", suffix=unit.strip("1"))


def scale_of(hypothesis: StudiedHypothesis) -> FigureScale:
    """Scale of the statistic of a hypothesis."""
    found = _OF_STATISTIC.get(hypothesis.statistic) or _OF_UNIT.get(hypothesis.unit)
    return found or FigureScale(hypothesis.unit)


def scale_of_arm(arm: StudiedArm, measures: Mapping[str, Mapping[str, Any]]) -> FigureScale:
    """Scale of the figures of an arm.

    Args:
        arm: arm of a hypothesis.
        measures: measures of the run by name, as plain data.
    """
    declared = measures[arm.cell.measure]
    if arm.figure:
        units = {item["name"]: item["unit"] for item in declared["details"]}
        return _SHARES if arm.figure in ACCURACIES else _plain(units.get(arm.figure, ""))
    return _SHARES if nature_of(declared).is_share else _plain(declared["unit"])


def margin_words(hypothesis: StudiedHypothesis) -> str:
    """Words for the margin that makes no difference: `±1.0 points`, `a factor of 1.05`."""
    scale = scale_of(hypothesis)
    if hypothesis.statistic == "ratio":
        return f"a factor of {formats.times(scale.convert(hypothesis.margin))}"
    return f"±{scale.convert(hypothesis.margin):.3g} {scale.unit}".rstrip()


def effect_words(test: Tested) -> str:
    """The effect of a hypothesis with its interval: `+1.2 points [+0.4, +2.0], n = 8`; empty without one."""
    found = test.found
    if found is None:
        return ""
    told = scale_of(test.hypothesis).words(found.mean, found.interval)
    return f"{told}, counted" if test.hypothesis.is_exact else f"{told}, n = {found.n}"


def outlook(test: Tested) -> str:
    """Why a hypothesis is undecided and what would decide it; empty for a decided one."""
    if test.verdict != "undecided":
        return ""
    (one, many), found = _repetitions(test.hypothesis), test.found
    if found is None:
        if not any(test.arms):
            return "no arm has a figure"
        arms = zip(test.hypothesis.arms, test.arms, strict=True)
        without = [f"'{arm.label}'" for arm, figures in arms if not figures]
        return f"no figure of {few(without)}" if without else f"no {one} with a figure of every arm"
    early = f"too few {many} for a look" if found.interval is None else ""
    if found.pairs_to_decide is not None:
        more = found.pairs_to_decide - found.pairs
        expected = f"{more} more {one if more == 1 else many} would decide at this mean and spread"
        return f"{early}; {expected}" if early else expected
    return early or f"no planned number of {many} would decide at this mean and spread"


def said(test: Tested) -> str:
    """A hypothesis in one sentence: its statement, the verdict, the effect and what is open."""
    told = ", ".join(filter(None, (test.verdict, effect_words(test))))
    return f"{test.hypothesis.statement}: {'; '.join(filter(None, (told, outlook(test))))}."


def tally(items: Iterable[Taught | Tested]) -> str:
    """Number of lessons, or of hypotheses, with each verdict: `confirmed 6, refuted 2, undecided 3`."""
    found = [item.verdict for item in items]
    return ", ".join(f"{verdict} {found.count(verdict)}" for verdict in VERDICTS if verdict in found)


def lines(frames: Frames) -> Sequence[str]:
    """Lines of a terminal on the lessons of a run, one each; empty where the run tested none."""
    lessons = frames.lessons
    if lessons is None or lessons.run.id != frames.run.id:
        return ()
    width = max(map(len, VERDICTS))
    return [
        f"Lessons: {tally(lessons.taught)}",
        *(f"  {t.verdict:<{width}}  {t.study.title}" for t in lessons.taught),
    ]


def _repetitions(hypothesis: StudiedHypothesis) -> tuple[str, str]:
    """Singular and plural of what its arms repeat."""
    learns = isinstance(hypothesis.arms[0].cell.scenario, Learning)
    return ("seed", "seeds") if learns else ("process", "processes")

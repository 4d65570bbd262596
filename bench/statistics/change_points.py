"""Change points in the level of a series: a search whose error is controlled. Pure: arrays in, change points out.

docs/decisions/0020-change-points.md says why it is done so, and how it was tried.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, count, pairwise
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from bench.lazy import lazy
from bench.statistics.intervals import Interval, from_log
from bench.statistics.rank_sum import Null, null_of, p_differ, ranks_of, shift, shift_interval
from bench.statistics.trend import line_through, prefers_line

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy("numpy")

Array = Any
Kind = Literal["step", "drift", "exact"]
ALPHA = 0.01
"""Chance that a search finds a change where nothing changed, over all series of the search."""
LEAST = 0.01
"""Share below which a change of a time or a size is ignored, however sure it is."""
SHORTEST = 2
"""Least number of values in a level."""
_STEP, _BUMP = 0.8, 0.2
"""Shares of the error for a single step, which is the common case, and for a step up and down again."""
_DRAWS = 200


@dataclass(frozen=True)
class LevelChange:
    """One change of level, or a drift from the first value to the last."""

    kind: Kind
    start: int
    """Index of the first value of the level before."""
    at: int
    """Index of the first value of the level after; for a drift, of the last value of the series."""
    stop: int
    """Index after the last value of the level after."""
    earliest: int
    latest: int
    """Bounds between which `at` lies in 95 of 100 series that are resampled from both levels."""
    before: float
    after: float
    """Medians of both levels, in the unit of the values; for a drift, the ends of its line."""
    size: float | None
    """Ratio of the level after to the level before or, on the scale of differences, their difference; None where a
    level is not above 0."""
    interval: Interval | None
    """95 % interval of `size` for this change alone; None where the levels are too short for one."""
    p: float
    """P-value, adjusted for the search in this series, but not for other series."""


def level_for(lengths: Sequence[int], alpha: float = ALPHA) -> float:
    """Bound on the p-value of one of several series: alpha divided by the number that can reach it.

    Series that are too short to reach it do not count (Tarone 1990). Bonferroni's correction and not Holm's: a
    series that has a change may be wrong in a second one, so that its share of the error is never free.

    Args:
        lengths: values of each series that is not constant.
        alpha: error of the whole search.
    """
    least = [smallest_p(n) for n in lengths]
    for number in range(1, len(lengths) + 1):
        if sum(p <= alpha / number for p in least) <= number:
            return alpha / number
    return alpha


def smallest_p(n: int) -> float:
    """The least p-value that a series of `n` distinct values can give: one clean step in its middle."""
    if n < 2 * SHORTEST:
        return 1.0
    halves = 1 if n % 2 == 0 else 2
    return min(1.0, halves * 2 / math.comb(n, n // 2) / _STEP)


def shortest(level: float) -> int:
    """Least number of values in a series in which a change can be found at that level."""
    return next(n for n in count(2 * SHORTEST) if smallest_p(n) <= level)


def changes(
    values: Sequence[float], level: float = ALPHA, *, ratio: bool = True, least: float = LEAST
) -> tuple[LevelChange, ...]:
    """The changes of level of one series, in its order.

    Binary segmentation (Vostrikova 1981) with rank sums (Pettitt 1979). A part is split where it differs most, in
    one step or in up and down again (Levin and Kline 1985); the p-value of that most different split is the sum,
    over all possible splits, of the exact chances of one so different (Bonferroni, with Tarone's steps). A part of
    the series has its share of the level by its length (Meinshausen 2008). Borders are then put anew between their
    neighbours (Bai 1997), and dropped where both sides alone do not differ at 1 %, or differ by less than `least`.

    It presumes values that are exchangeable where nothing changes, of any distribution. It is deterministic.

    Args:
        values: one a run, in order, all finite.
        level: error of the search in this series (`level_for` of several).
        ratio: whether sizes are ratios; else they are differences, and `least` does not count.
        least: share up to which a change is ignored.
    """
    ratio = ratio and min(values, default=0.0) > 0
    scaled = [math.log(value) for value in values] if ratio else list(values)
    found = _split(scaled, level)
    floor = math.log1p(least) if ratio else 0.0
    borders = _kept(scaled, _moved(scaled, sorted(found)), floor)
    if not borders:
        return ()
    if prefers_line(scaled, borders):
        return (_drift(scaled, ratio, min(found.values())),)
    ends = [0, *borders, len(values)]
    return tuple(
        _change(values, scaled, (start, at, stop), ratio, found.get(at, level))
        for start, at, stop in zip(ends, ends[1:], ends[2:], strict=False)
    )


def exact_changes(values: Sequence[float]) -> tuple[LevelChange, ...]:
    """Every place at which exact figures, such as counts, change: no statistics are needed."""
    ends = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(values)) if a != b), len(values)]
    found = []
    for start, at, stop in zip(ends, ends[1:], ends[2:], strict=False):
        before, after = values[start], values[at]
        size = after / before if before > 0 and after > 0 else None
        found.append(LevelChange("exact", start, at, stop, at, at, before, after, size, None, 0.0))
    return tuple(found)


def _split(values: Sequence[float], level: float) -> dict[int, float]:
    """Places where the series is split, with the adjusted p-value of each border."""
    n = len(values)
    found: dict[int, float] = {}
    parts = [(0, n)]
    while parts:
        start, stop = parts.pop()
        if stop - start < 2 * SHORTEST:
            continue
        p, cuts = strongest(values[start:stop])
        adjusted = min(1.0, p * n / (stop - start))
        if adjusted <= level:
            found.update(dict.fromkeys((start + cut for cut in cuts), adjusted))
            ends = [start, *(start + cut for cut in cuts), stop]
            parts += pairwise(ends)
    return found


def strongest(values: Sequence[float]) -> tuple[float, tuple[int, ...]]:
    """P-value of "nothing changes", and the borders of the most different split: one, or two for a bump."""
    ranks = ranks_of(values)
    null = null_of(tuple(sorted(ranks)))
    if null.ranks[0] == null.ranks[-1]:
        return 1.0, ()
    sums = np.concatenate([[0], np.cumsum(ranks)])
    step, cut = _best_step(null, sums)
    bump, window = _best_bump(null, sums)
    return (min(1.0, step / _STEP), (cut,)) if step / _STEP <= bump / _BUMP else (min(1.0, bump / _BUMP), window)


def _best_step(null: Null, sums: Array) -> tuple[float, int]:
    cuts = np.arange(SHORTEST, null.n - SHORTEST + 1)
    p = null.p(cuts, sums[cuts])
    best = np.lexsort((-np.abs(null.z(cuts, sums[cuts])), p))[0]
    return float(null.attained(float(p[best]))[cuts].sum()), int(cuts[best])


def _best_bump(null: Null, sums: Array) -> tuple[float, tuple[int, int]]:
    """The most different of all stretches that have a level's length before and after them."""
    inner = range(SHORTEST, null.n - SHORTEST + 1)
    starts, stops = np.array(
        [pair for pair in combinations(inner, 2) if pair[1] - pair[0] >= SHORTEST] or [(0, 0)]
    ).T
    lengths = stops - starts
    p = null.p(lengths, sums[stops] - sums[starts])
    best = int(p.argmin())
    return float(null.attained(float(p[best]))[lengths].sum()), (int(starts[best]), int(stops[best]))


def _moved(values: Sequence[float], borders: Sequence[int]) -> list[int]:
    """Borders moved to where the squares about both neighbouring levels are least; outliers are clipped."""
    ends = [0, *borders, len(values)]
    for i in range(1, len(ends) - 1):
        start, at, stop = ends[i - 1 : i + 2]
        if stop - start >= 2 * SHORTEST:
            ends[i] = start + int(_place(_clipped(values[start:at], values[at:stop])[None])[0])
    return ends[1:-1]


def _clipped(before: Sequence[float], after: Sequence[float]) -> Array:
    """Both levels one after the other, clipped at three deviations from each level."""
    levels = float(np.median(before)), float(np.median(after))
    apart = np.concatenate([np.subtract(before, levels[0]), np.subtract(after, levels[1])])
    reach = 3 * 1.4826 * float(np.median(np.abs(apart)))
    return np.clip([*before, *after], min(levels) - reach, max(levels) + reach)


def _place(rows: Array) -> Array:
    """Split of each row into two levels with the least squares; shape (rows, values) to (rows,)."""
    n = rows.shape[1]
    cuts = np.arange(SHORTEST, n - SHORTEST + 1)
    centred = np.cumsum(rows - rows.mean(axis=1, keepdims=True), axis=1)
    return cuts[np.argmax(np.abs(centred[:, cuts - 1]) / np.sqrt(cuts * (n - cuts)), axis=1)]


def _kept(values: Sequence[float], borders: Sequence[int], floor: float) -> list[int]:
    """The borders whose two sides differ by themselves, and by more than `floor`; the weakest is removed first."""
    kept = list(dict.fromkeys(borders))
    while kept:
        ends = [0, *kept, len(values)]
        sides = [(values[a:b], values[b:c]) for a, b, c in zip(ends, ends[1:], ends[2:], strict=False)]
        weak = [
            (1.0 if abs(shift(*side)) <= floor else p, at)
            for side, at in zip(sides, kept, strict=True)
            if (p := p_differ(*side)) > ALPHA or abs(shift(*side)) <= floor
        ]
        if not weak:
            break
        kept.remove(max(weak)[1])
    return kept


def _change(
    values: Sequence[float], scaled: Sequence[float], ends: tuple[int, int, int], ratio: bool, p: float
) -> LevelChange:
    start, at, stop = ends
    before, after = scaled[start:at], scaled[at:stop]
    earliest, latest = _range(before, after)
    size, interval = _sized(shift(before, after), shift_interval(before, after), ratio)
    medians = median(values[start:at]), median(values[at:stop])
    return LevelChange("step", *ends, start + earliest, start + latest, *medians, size, interval, p)


def _range(before: Sequence[float], after: Sequence[float]) -> tuple[int, int]:
    """Bounds of the border in 95 of 100 series that are resampled from both levels (Huskova and Kirch 2008)."""
    draw = np.random.default_rng(0)
    m, clipped = len(before), _clipped(before, after)
    sides = clipped[:m], clipped[m:]
    rows = np.hstack([draw.choice(side, (_DRAWS, len(side))) for side in sides])
    low, high = np.quantile(_place(rows), (0.025, 0.975), method="nearest")
    return int(min(low, m)), int(max(high, m))


def _drift(scaled: Sequence[float], ratio: bool, p: float) -> LevelChange:
    """Drift along the line from the first value to the last."""
    n = len(scaled)
    line = line_through(scaled)
    interval = line.interval and Interval(
        (n - 1) * line.interval.low, (n - 1) * line.interval.high, line.interval.method
    )
    size, interval = _sized((n - 1) * line.slope, interval, ratio)
    ends = (line.start, line.start + (n - 1) * line.slope)
    first, last = map(from_log, ends) if ratio else ends
    return LevelChange("drift", 0, n - 1, n, 1, n - 1, first, last, size, interval, p)


def _sized(size: float, interval: Interval | None, ratio: bool) -> tuple[float, Interval | None]:
    if not ratio:
        return size, interval
    found = interval and Interval(from_log(interval.low), from_log(interval.high), interval.method)
    return from_log(size), found

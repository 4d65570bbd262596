"""Outcome of a cell: from the records of its processes to one status and one figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from statistics import fmean, median, mode

from bench.declare.nature import HALVED, Nature
from bench.statistics import intervals as stats
from bench.store.database import RecordRow

NOT_RUN = "not run"
"""Status shown for a planned cell that has no record, because its run ended before all was tried."""
LEFT_OUT = "left out (time)"
"""The same of a run that is complete: it filled its time with what tells more."""
UNTRIED = (NOT_RUN, LEFT_OUT)


@dataclass(frozen=True)
class CellOutcome:
    """Status of a cell, with the reason of what went wrong."""

    status: str
    reason: str = ""


@dataclass(frozen=True)
class Figure:
    """The figure of a cell in its SI unit, with the interval that its samples or processes allow."""

    n: int
    """Samples, over all processes."""
    processes: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    interval: str = ""
    """Kind of the interval; quantiles of samples are not a confidence interval."""
    p5: float | None = None
    p95: float | None = None
    """Quantiles of the samples: of several processes the median of each one's."""
    within: float | None = None
    """Half of what lies between p5 and p95, over the median: variation within a process."""
    between: float | None = None
    """Standard deviation of the processes' medians over their mean: variation between processes."""


def outcome_of(rows: Sequence[RecordRow], complete: bool = False) -> CellOutcome:
    """A cell has a figure if one of its processes has; the reason then says how many have not.

    Args:
        rows: records of the cell.
        complete: whether its run is: what has no record then was left out for want of time.
    """
    bad = [row for row in rows if row.status != "ok"]
    if not rows:
        return (
            CellOutcome(LEFT_OUT, "its run's time went to others")
            if complete
            else CellOutcome(NOT_RUN, "the run ended before it")
        )
    if not bad:
        return CellOutcome("ok")
    if len(bad) == len(rows):
        return CellOutcome(bad[0].status, bad[0].reason)
    return CellOutcome("ok", f"{len(bad)} of {len(rows)} processes: {bad[0].status}: {bad[0].reason}")


def figure_of(nature: Nature, rows: Sequence[RecordRow]) -> Figure:
    """The figure of this nature from the good records of a cell, as far as they are `alike`."""
    rows = alike(nature, rows)
    n, processes, mean = sum(row.n for row in rows), len(rows), nature.is_mean
    values = _values(nature, rows)
    if not values:
        return Figure(n, processes)
    value = _middle(nature, values)
    bounds, kind = _mean_bounds(nature, rows, values) if mean else _median_bounds(rows, values)
    figure = Figure(n, processes, value) if mean else replace(_spread(rows, values), n=n, value=value)
    return figure if bounds is None else replace(figure, low=bounds.low, high=bounds.high, interval=kind)


def value_of(nature: Nature, rows: Sequence[RecordRow]) -> float | None:
    """Value of `figure_of` alone, without what its interval takes; None where there is none."""
    values = _values(nature, alike(nature, rows))
    return _middle(nature, values) if values else None


def _values(nature: Nature, rows: Iterable[RecordRow]) -> list[float]:
    """The value of each process that has one."""
    found = (row.mean if nature.is_mean else row.median for row in rows)
    return [value for value in found if value is not None]


def _middle(nature: Nature, values: Sequence[float]) -> float:
    return fmean(values) if nature.is_mean else median(values)


def halved_to(row: RecordRow) -> int | None:
    """Images of the batch that a record was measured at, where it was halved for want of memory; else None."""
    return int(row.details["batch"]) if row.details.get(HALVED) else None


def alike(nature: Nature, rows: Sequence[RecordRow]) -> list[RecordRow]:
    """The good records of a cell that make one figure: of the batch that most were measured at, and of one host.

    What is a mean over test images may be of several hosts.
    """
    if not nature.is_mean:
        rows = _of_most(rows, [row.host for row in rows])
    return _of_most(rows, [halved_to(row) for row in rows])


def _of_most(rows: Sequence[RecordRow], conditions: Sequence[object]) -> list[RecordRow]:
    """The records under the condition that most have; of as many, the one that the first of them has."""
    if len(set(conditions)) < 2:
        return list(rows)
    most = mode(conditions)
    return [row for row, condition in zip(rows, conditions, strict=True) if condition == most]


def _spread(rows: Sequence[RecordRow], values: Sequence[float]) -> Figure:
    """Figure with the spread of samples within and between processes; a process with a single sample has no
    spread."""
    found = [(row.p5, row.p95, row.median) for row in rows if row.n > 1]
    several = [(low, high, mid) for low, high, mid in found if low is not None and high is not None and mid]
    mean = fmean(values)
    spread = len(values) > 1 and mean and isfinite(mean)
    between = stats.deviation_of(tuple(sorted(values))) / mean if spread else None
    if not several:
        return Figure(0, len(rows), between=between)
    return Figure(
        n=0,
        processes=len(rows),
        p5=median(low for low, _, _ in several),
        p95=median(high for _, high, _ in several),
        within=median((high - low) / 2 / mid for low, high, mid in several),
        between=between,
    )


def _mean_bounds(
    nature: Nature, rows: Sequence[RecordRow], values: Sequence[float]
) -> tuple[stats.Interval | None, str]:
    row = rows[0]
    if nature.is_share and len(rows) == 1 and row.n > 1 and {row.lowest, row.highest} <= {0.0, 1.0}:
        return stats.share_interval(values[0], row.n), "95 %, Wilson over test images"
    return stats.mean_interval(values), "95 %, processes"


def _median_bounds(rows: Sequence[RecordRow], values: Sequence[float]) -> tuple[stats.Interval | None, str]:
    row = rows[0]
    if len(rows) == 1 and row.n > 1 and row.p5 is not None and row.p95 is not None:
        return stats.Interval(row.p5, row.p95, "quantiles"), "p5..p95 of samples"
    return stats.median_interval(values), "95 %, process medians"

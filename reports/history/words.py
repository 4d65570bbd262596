"""Words about the changes in a history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.compare.history.causes import ChangeCause
from bench.compare.history.changes import ChangeSearch, FoundChange
from bench.statistics.change_points import LEAST
from bench.words import cells
from reports import formats

_SHOWN = 4
"""Facts of a cause that are told."""


def size(item: FoundChange) -> str:
    """The change with its interval: `+5.1 % [+4.2, +6.0]`, of an accuracy in points, of a spread as a factor."""
    if item.change is None or item.change.size is None:
        return formats.NOTHING
    if item.change.kind == "exact":
        return f"{item.change.after - item.change.before:+.10g}"
    share, interval = item.series.is_share, item.change.interval
    if item.series.of == "spread":
        bounds = f" [{interval.low:.1f}, {interval.high:.1f}]" if interval else ", no interval"
        beyond = "at least " if item.change.before <= LEAST else "at most " if item.change.after <= LEAST else ""
        return f"{beyond}{item.change.size:.1f} times as wide{bounds}"

    def percent(value: float) -> str:
        return f"{100 * (value if share else value - 1):+z.1f}"

    unit = "points" if share else "%"
    ends = f" [{percent(interval.low)}, {percent(interval.high)}]" if interval else ", no interval"
    return f"{percent(item.change.size)} {unit}{ends}"


def levels(item: FoundChange) -> str:
    """Both levels with their unit."""
    if item.change is None:
        return ""
    if item.change.kind == "exact":
        return f"{item.change.before:.10g} → {item.change.after:.10g}"
    share, unit = item.series.is_share, item.series.unit
    values = (item.change.before, item.change.after)
    if item.series.of == "spread":
        told = (formats.quantity(100 * v, "%") if v > LEAST else f"{100 * LEAST:g} % or less" for v in values)
        return "spread " + " → ".join(told)
    return " → ".join(formats.quantity(100 * v if share else v, "%" if share else unit) for v in values)


def why(item: FoundChange) -> str:
    """Possible causes of the change; the note of a series without one."""
    if item.cause is None or item.change is None:
        return item.note
    many = f"; {item.together} of {item.searched} cells changed here" if item.together > 1 else ""
    return "; ".join(_parts(item.cause)) + many


def summary(search: ChangeSearch) -> tuple[str, ...]:
    """Lines on how much was searched, and what that answers."""
    return tuple(_lines(search))


def _parts(cause: ChangeCause) -> Iterator[str]:
    before, after = cause.commits
    moved = before != after
    if moved:
        yield f"commit {before or 'unknown'} → {after or 'unknown'}"
    elif after:
        yield f"commit {after} in both" + (", with changes that are not committed" if after[-1] == "+" else "")
    if cause.same_code is not None:
        yield "the code of this cell is the same" if cause.same_code else "the code of this cell differs"
    yield from cause.facts[:_SHOWN]
    if len(cause.facts) > _SHOWN:
        yield f"{len(cause.facts) - _SHOWN} more differ"
    if not moved and not cause.facts and cause.same_code is not False:
        yield "nothing that is known of the environment differs"


def _lines(search: ChangeSearch) -> Iterator[str]:
    if search.left_out:
        yield f"left out: {', '.join(search.left_out)}"
    if not search.found:
        yield "nothing to search: no cell has figures of two runs that may be joined"
        return
    few = [item.series for item in search.found if item.verdict == "too few runs"]
    enough = (item.series for item in search.found if item.verdict != "too few runs")
    searched = (series for series in enough if series.of == "level")
    decided = {(series.cell.key, series.host): series for series in searched}
    count = len(search.changes)
    what = "no change" if not count else "1 change" if count == 1 else f"{count} changes"
    if decided:
        runs = _span([len(series.values) for series in decided.values()])
        yield f"{what} found in {cells(len(decided))} of {runs} runs each"
    if any(series.is_tested for series in decided.values()):
        yield f"chance of a false one in all of them: {100 * search.alpha:g} %"
    if few:
        most = max(len(series.values) for series in few)
        yield f"{cells(len(few))} with too few runs ({most} at most): {search.needed} are needed"


def _span(numbers: Sequence[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"

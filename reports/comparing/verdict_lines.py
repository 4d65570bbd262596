"""Verdicts on the terminal: the outcome in a sentence, then two lines a cell, or a table in a form asked for."""

from __future__ import annotations

import sys
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence

from bench.cli.verb import Terminal, emit
from bench.compare.verdict import VERDICTS, Comparison, Verdict
from bench.text.stdout import data_out
from bench.words import few
from reports.comparing import causes, distributions
from reports.comparing.distributions import is_told
from reports.comparing.pairing import figure, interval

_INDENT = " " * 12
_CAUSE = " " * 16
_SAME: tuple[Verdict, ...] = ("undecided", "fine")
"""Verdicts by which a cell is not said to differ."""
_ALIKE = 3
"""Cells without figures and with the very same note that have lines of their own, at most."""
_NOTHING: Mapping[str, str] = {}
_COLUMNS = ("cell", "base", "head", "ratio", "verdict", "note")
_RAW = (
    "cell",
    "measure",
    "unit",
    "base",
    "head",
    "ratio",
    "low",
    "high",
    "verdict",
    "note",
    "pairs",
    "band",
)


def tell(
    found: Sequence[Comparison],
    form: str,
    everything: bool,
    accepted: Mapping[str, str] = _NOTHING,
    sides: Sequence[str] = (),
) -> None:
    """Print the verdicts on stdout, and what they come to: before them, of the other forms on stderr.

    Args:
        found: the gravest first.
        form: `table`, `json`, `csv` or `markdown`; `json` and `csv` have all, raw.
        everything: whether all cells that are fine are told of, too; those with two modes are in any case.
        accepted: why changes are accepted, by the keys of the cells.
        sides: lines that say what was compared with what, which a `table` has where something was.
    """
    said = f"{outcome(found, len(accepted))}\n"
    if form != "table":
        sys.stderr.write(said)
    shown = [item for item in found if everything or item.verdict != "fine" or is_told(item)]
    job = ["job"] if any(item.job for item in found) else []
    if form in ("json", "csv"):
        emit(*raw(found, accepted), form)
    elif form == "markdown":
        rows = [(*([item.job] if job else []), *words(item, accepted.get(item.key, ""))) for item in shown]
        emit((*job, *_COLUMNS), rows, form)
    else:
        width = Terminal().width if data_out().isatty() else sys.maxsize
        data_out().write(said + "".join(f"{line}\n" for line in (sides if found else ())))
        groups: dict[object, list[Comparison]] = {}
        for item in shown:
            groups.setdefault((not everything and _void(item)) or id(item), []).append(item)
        for items in groups.values():
            if len(items) > _ALIKE:
                data_out().write(_together(items, width))
            else:
                data_out().write("".join(_lines(item, width, accepted.get(item.key, "")) for item in items))


def raw(
    found: Sequence[Comparison], accepted: Mapping[str, str] = _NOTHING
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Columns and rows of all verdicts with plain values, figures in their SI units.

    Args:
        found: the gravest first.
        accepted: why changes are accepted, by the keys of the cells.
    """
    names = (*(["job"] if any(item.job for item in found) else []), *_RAW)
    rows = [
        (*(getattr(item, name) for name in names), "; ".join(causes.lines(item)), accepted.get(item.key))
        for item in found
    ]
    return (*names, "causes", "accepted"), rows


def outcome(found: Sequence[Comparison], accepted: int = 0) -> str:
    """Sum of the verdicts in a sentence.

    Args:
        found: the verdicts.
        accepted: number of accepted changes.
    """
    count = Counter(item.verdict for item in found)
    differing = [verdict for verdict in VERDICTS if count[verdict] and verdict not in _SAME]
    same = ", ".join(f"{count[verdict]} {verdict}" for verdict in _SAME if count[verdict])
    if not found:
        return "No cell was compared."
    if not differing:
        whole = count["fine"] == len(found)
        return f"No cell differs: all {len(found)} are fine." if whole else f"No cell is known to differ: {same}."
    changes = ", ".join(f"{count[verdict]} {_named(verdict, count[verdict])}" for verdict in differing)
    number = sum(count[verdict] for verdict in differing)
    verb = "cell differs" if len(found) == 1 else "cells differs" if number == 1 else "cells differ"
    meant = f" ({accepted} accepted)" if accepted else ""
    return f"{number} of {len(found)} {verb}: {changes}{meant}" + (f"; {same}." if same else ".")


def _named(verdict: Verdict, number: int) -> str:
    return f"{verdict}s" if number > 1 and verdict in ("regression", "improvement") else verdict


def _void(item: Comparison) -> tuple[str, str] | None:
    """Verdict and note of a cell that is told by these alone; None where it has more to be told of."""
    has_more = item.base is not None or item.head is not None or item.causes or item.job or is_told(item)
    return None if has_more else (item.verdict, item.note)


def _together(items: Sequence[Comparison], width: int) -> str:
    """Cells that have nothing to tell them apart but their names."""
    first = f"{items[0].verdict:<{len(_INDENT) - 1}} {len(items)} cells: {' '.join(items[0].note.split())}"
    names = " ".join(few([item.cell for item in items], _ALIKE).split())
    lines = textwrap.wrap(names, width, initial_indent=_INDENT, subsequent_indent=_INDENT)
    return "\n".join([first, *lines, ""])


def words(item: Comparison, accepted: str = "") -> tuple[str, ...]:
    """A verdict in words: cell, base, head, ratio with its interval, verdict, note with why it is accepted."""
    ratio = "" if item.ratio is None else f"{item.ratio:.3f}"
    if ratio and not item.share:
        ratio = f"{ratio} {interval(item)}".rstrip()
    note = item.note
    if item.band is not None:
        note += f"; base against itself ±{100 * item.band:.1f} %"
    note = f"accepted: {accepted}; {note}" if accepted else note
    base, head = ("" if value is None else figure(item, value) for value in (item.base, item.head))
    return (item.cell, base, head, ratio, item.verdict, note)


def _lines(item: Comparison, width: int, accepted: str) -> str:
    # on one line each, whatever a reason holds: a line of a log can be a command to who reads it
    cell, base, head, ratio, verdict, note = (" ".join(word.split()) for word in words(item, accepted))
    figures = f"{base} → {head}" if base or head else ""
    change = ", ".join(part for part in (figures, ratio and f"ratio {ratio}", note) if part)
    folded = textwrap.wrap(change, width, initial_indent=_INDENT, subsequent_indent=_INDENT)
    explained = [
        row
        for cause in causes.lines(item)
        for row in textwrap.wrap(cause, width, initial_indent=_INDENT, subsequent_indent=_CAUSE)
    ]
    drawn = distributions.lines(item) if is_told(item) else ()
    shown = [f"{_INDENT}{' '.join(line.split())}" for line in drawn]
    named = f"{item.job}: {cell}" if item.job else cell
    return "\n".join([f"{verdict:<{len(_INDENT) - 1}} {named}", *folded, *explained, *shown, ""])

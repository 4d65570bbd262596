"""Verdicts on the terminal: two lines a cell, or a table in the form that is asked for."""

from __future__ import annotations

import sys
import textwrap
from collections import Counter
from collections.abc import Sequence

from bench.cli.verb import Terminal, emit
from bench.compare.verdict import VERDICTS, Comparison
from reports.comparing.causes import lines
from reports.comparing.pairing import figure, interval

_INDENT = " " * 12
_CAUSE = " " * 16
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


def tell(found: Sequence[Comparison], form: str, everything: bool) -> None:
    """Print the verdicts on stdout, and how many there are of each on stderr.

    Args:
        found: the gravest first.
        form: `table`, `json`, `csv` or `markdown`; `json` and `csv` have all, raw.
        everything: whether cells that are fine are told of, too.
    """
    shown = [item for item in found if everything or item.verdict != "fine"]
    if form in ("json", "csv"):
        rows = [(*(getattr(item, name) for name in _RAW), "; ".join(lines(item))) for item in found]
        emit((*_RAW, "causes"), rows, form)
    elif form == "markdown":
        emit(_COLUMNS, [words(item) for item in shown], form)
    else:
        width = Terminal().width if sys.stdout.isatty() else sys.maxsize
        for item in shown:
            sys.stdout.write(_lines(item, width))
    count = Counter(item.verdict for item in found)
    sys.stderr.write(", ".join(f"{count[verdict]} {verdict}" for verdict in VERDICTS) + "\n")


def words(item: Comparison) -> tuple[str, ...]:
    """A verdict in words: cell, base, head, ratio with its interval, verdict, note."""
    ratio = "" if item.ratio is None else f"{item.ratio:.3f}"
    if ratio and not item.share:
        ratio = f"{ratio} {interval(item)}".rstrip()
    note = item.note
    if item.band is not None:
        note += f"; base against itself ±{100 * item.band:.1f} %"
    base, head = ("" if value is None else figure(item, value) for value in (item.base, item.head))
    return (item.cell, base, head, ratio, item.verdict, note)


def _lines(item: Comparison, width: int) -> str:
    # on one line each, whatever a reason holds: a line of a log can be a command to who reads it
    cell, base, head, ratio, verdict, note = (" ".join(word.split()) for word in words(item))
    figures = f"{base} → {head}" if base or head else ""
    change = ", ".join(part for part in (figures, ratio and f"ratio {ratio}", note) if part)
    folded = textwrap.wrap(change, width, initial_indent=_INDENT, subsequent_indent=_INDENT)
    causes = [
        row
        for cause in lines(item)
        for row in textwrap.wrap(cause, width, initial_indent=_INDENT, subsequent_indent=_CAUSE)
    ]
    return "\n".join([f"{verdict:<{len(_INDENT) - 1}} {cell}", *folded, *causes, ""])

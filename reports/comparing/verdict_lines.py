"""Verdicts on the terminal: two lines a cell, or a table in the form that is asked for."""

from __future__ import annotations

import sys
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence

from bench.cli.verb import Terminal, emit
from bench.compare.verdict import VERDICTS, Comparison
from reports.comparing import causes, distributions
from reports.comparing.distributions import is_told
from reports.comparing.pairing import figure, interval

_INDENT = " " * 12
_CAUSE = " " * 16
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


def tell(found: Sequence[Comparison], form: str, everything: bool, accepted: Mapping[str, str] = _NOTHING) -> None:
    """Print the verdicts on stdout, and how many there are of each on stderr.

    Args:
        found: the gravest first.
        form: `table`, `json`, `csv` or `markdown`; `json` and `csv` have all, raw.
        everything: whether all cells that are fine are told of, too; those with two modes are in any case.
        accepted: why changes are accepted, by the keys of the cells.
    """
    shown = [item for item in found if everything or item.verdict != "fine" or is_told(item)]
    job = ["job"] if any(item.job for item in found) else []
    if form in ("json", "csv"):
        names = (*job, *_RAW)
        rows = [
            (*(getattr(item, name) for name in names), "; ".join(causes.lines(item)), accepted.get(item.key))
            for item in found
        ]
        emit((*names, "causes", "accepted"), rows, form)
    elif form == "markdown":
        rows = [(*([item.job] if job else []), *words(item, accepted.get(item.key, ""))) for item in shown]
        emit((*job, *_COLUMNS), rows, form)
    else:
        width = Terminal().width if sys.stdout.isatty() else sys.maxsize
        for item in shown:
            sys.stdout.write(_lines(item, width, accepted.get(item.key, "")))
    count = Counter(item.verdict for item in found)
    meant = f"; {len(accepted)} accepted" if accepted else ""
    sys.stderr.write(", ".join(f"{count[verdict]} {verdict}" for verdict in VERDICTS) + f"{meant}\n")


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

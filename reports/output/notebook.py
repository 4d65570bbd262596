"""What a notebook shows of a run: its summary, what it found, and the first rows of its main tables, as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bench.store.rows import AUDIT
from reports.output.brief import first_rows
from reports.output.terminal import findings_of, summary_lines, tables_of
from reports.tables import Table
from reports.tidy.frame import Frames

_TABLES = 2
"""Tables that are shown."""
_ROWS = 8
"""Rows of each of them."""


def as_html(frames: Frames) -> str:
    """A fragment that takes the colours of the notebook around it, light or dark."""
    heading, *told = (escape(line.plain) for line in summary_lines(frames))
    if frames.run.profile == AUDIT:
        return f"<div><p><strong>{heading}</strong></p><pre>{''.join(told)}</pre></div>"
    found = [escape(line.plain.removeprefix("- ")) for line in findings_of(frames)]
    parts = [f"<p><strong>{heading}</strong><br>{'<br>'.join(told)}</p>"]
    if found:
        parts.append(f"<ul>{''.join(f'<li>{sentence}</li>' for sentence in found)}</ul>")
    shown = (item for item in tables_of(frames) if len(item.plain(frames)))
    for item, _ in zip(shown, range(_TABLES), strict=False):
        parts += _table(item, frames)
    return f"<div>{''.join(parts)}</div>"


def _table(item: Table, frames: Frames) -> Iterator[str]:
    """A heading that says how to get all of it, and the first rows in words."""
    plain = item.plain(frames)
    rows = first_rows(item, plain, _ROWS)
    columns = [column.heading for column in item.filled(plain) if column.brief or column.tells]
    words = item.words(rows, brief=True)[columns]
    few = "" if len(rows) == len(plain) else f", {len(rows)} of {len(plain)} rows"
    code = f"<code>run.tables[&quot;{escape(item.name)}&quot;]</code>"
    yield f"<p><strong>{escape(item.title)}</strong>{few}: {code}</p>"
    yield words.to_html(index=False, border=0, na_rep="")

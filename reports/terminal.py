"""What a terminal of 80 columns shows of a run."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from bench.cell import STATUSES
from bench.errata import for_terminal
from bench.runs import AUDIT
from reports import formats
from reports.findings import findings
from reports.frame import Frames
from reports.outcome import NOT_RUN
from reports.tables import Table
from reports.tables.audit import judged

_REASONS = 5
_SHORT = 12
"""Characters of a word that is not folded."""


def summary_of(frames: Frames) -> RenderableType:
    """Cells by suite and status, the first failures with their reasons, and the findings."""
    run = frames.run
    seconds = formats.elapsed(run.started, run.finished)
    took = f", {formats.duration(seconds)}" if seconds is not None else ""
    parts: list[RenderableType] = [Text(f"Run {run.id}: {run.state}, profile {run.profile}{took}", style="bold")]
    if run.profile == AUDIT:
        return Group(*parts, Text(for_terminal(judged(frames), 80, everything=False).rstrip()))
    parts.append(_coverage(frames))
    bad = frames.failures
    parts += [Text(f"{row.status}: {row.cell}: {row.reason}") for row in bad.head(_REASONS).itertuples()]
    if len(bad) > _REASONS:
        parts.append(Text(f"... and {len(bad) - _REASONS} more"))
    parts += [Text(f"- {finding.text}") for finding in findings(frames)]
    return Group(*parts)


def brief_table(item: Table, frames: Frames) -> RenderableType:
    """The columns of a table that fit 80 characters; names stay whole, longer words fold."""
    words = item.formatted(frames, brief=True)
    table = RichTable(title=item.title, title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0))
    shown = [column for column in item.columns if column.brief]
    for i, (column, heading) in enumerate(zip(shown, words.columns, strict=True)):
        whole = i == 0 or max(map(len, words[heading]), default=0) <= _SHORT
        table.add_column(heading, justify="right" if column.unit else "left", no_wrap=whole, overflow="fold")
    for row in words.itertuples(index=False, name=None):
        table.add_row(*(Text(str(value)) for value in row))
    return Padding(table, (1, 0, 0, 0)) if len(words) else Text(f"\n{item.title}: nothing to show")


def _coverage(frames: Frames) -> RichTable:
    table = RichTable(box=None, pad_edge=False)
    table.add_column("suite")
    counts = frames.coverage
    shown = [name for name in (*STATUSES, NOT_RUN) if name == "ok" or counts[name].sum()]
    for name in ("planned", *shown):
        table.add_column(name, justify="right")
    for _, row in counts.iterrows():
        table.add_row(str(row["suite"]), *(str(row[name]) for name in ("planned", *shown)))
    return table

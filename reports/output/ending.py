"""The end of a run on a terminal: what it tells, on one screen; the rest by the commands that it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType

from reports.output.brief import brief_table
from reports.output.terminal import findings_of, summary_of, tables_of
from reports.tidy.frame import Frames

LINES = 39
"""Most lines at the end of a run: the path of its report is the fortieth."""
_TABLES = 3
_FIRST = ("evolution", "over_networks", "scenarios")
"""Tables that come before all others."""
_ROWS = (10, 9, 8, 7, 6, 5, 4, 3)
"""Rows of each table: as many as there is room for."""


@dataclass(frozen=True)
class SummaryEnding:
    """The summary of a run and its main tables, in as many lines as a screen has."""

    frames: Frames
    room: int = LINES
    """Lines that there are for it."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The summary whole, the tables with the rows that there is room for, and the findings that still fit."""

        def lines(*items: RenderableType) -> int:
            return sum(len(console.render_lines(item, options, pad=False)) for item in items)

        summary = summary_of(self.frames)
        tables = sorted(tables_of(self.frames), key=lambda item: (*_FIRST, item.name).index(item.name))
        left = self.room - lines(summary)
        for most in _ROWS:
            shown = [brief_table(item, self.frames, most) for item in tables[:_TABLES]]
            if lines(*shown) <= left:
                break
        while shown and lines(*shown) > left:
            shown.pop()
        left -= lines(*shown)
        yield summary
        for finding in findings_of(self.frames):
            if lines(finding) <= left:
                left -= lines(finding)
                yield finding
        yield from shown

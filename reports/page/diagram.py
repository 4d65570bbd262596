"""Where the boxes of a block stand: chains in columns, one below the other, and the lines between them.

What several boxes take, and what joins several, is as wide as their columns, so that lines run straight down; what
goes past boxes of its own column runs beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.page.boxes import INPUT, Box, boxes_of

WIDTH = 168
_GAP = 26
"""Between rows."""
_LINE = 16
"""Height of a line of text."""
_PADDING = 9
_LANE = 14
"""Between lines that run side by side past a column, and between columns at least."""
_FOOT = 22
"""Room for the words below the last box."""


@dataclass
class Placed:
    """A box with its place in the grid, and then on the sheet."""

    box: Box
    column: int
    row: int = 0
    right: int = 0
    """The last column that it is as wide as."""
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0


@dataclass(frozen=True)
class Sheet:
    """A diagram, ready to be drawn."""

    width: float
    height: float
    boxes: tuple[Placed, ...]
    lines: tuple[str, ...]
    """Paths with an arrow at their end."""
    dots: tuple[tuple[float, float], ...]
    """Where lines part."""
    exit: tuple[float, float]
    """Where the word for the output stands."""


@dataclass
class _Grid:
    placed: list[Placed]
    tails: dict[int, int]
    """The last box of each column."""
    past: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """By column the pairs of boxes between which a line runs past others."""


def sheet_of(block: Mapping[str, Any]) -> Sheet:
    """The diagram of a recorded block."""
    boxes, output = boxes_of(block)
    shifted = [Box(["input"], "end", ()), *(_shifted(box) for box in boxes)]
    grid = _arranged(shifted)
    _measure(grid)
    return _drawn(grid, output + 1)


def _shifted(box: Box) -> Box:
    """The same with the input as box 0."""
    return Box(box.lines, box.kind, tuple(i + 1 for i in box.inputs) or (INPUT + 1,), box.beside)


def _arranged(boxes: Sequence[Box]) -> _Grid:
    grid = _Grid([Placed(boxes[0], 0)], {0: 0})
    for i, box in enumerate(boxes[1:], 1):
        tails = [grid.placed[source].column for source in box.inputs if _is_tail(grid, source)]
        column = min(tails, default=len(grid.tails))
        here = Placed(box, column, right=column)
        grid.placed.append(here)
        for source in box.inputs:
            _connect(grid, source, i)
        used = range(here.column, here.right + 1)
        ends = [grid.placed[grid.tails[c]].row for c in used if c in grid.tails]
        here.row = 1 + max([*ends, *(grid.placed[source].row for source in box.inputs)])
        for c in used:
            grid.tails[c] = i
    return grid


def _is_tail(grid: _Grid, source: int) -> bool:
    return grid.tails[grid.placed[source].column] == source


def _connect(grid: _Grid, source: int, target: int) -> None:
    """Make the upper or the lower box as wide as the columns between; note what runs past other boxes."""
    upper, lower = grid.placed[source], grid.placed[target]
    if upper.column < lower.column:
        upper.right = max(upper.right, lower.column)
    if upper.column > lower.column:
        lower.right = max(lower.right, upper.column)
    begins = upper.column < lower.column and lower.column not in grid.tails
    if not begins and not _is_tail(grid, source):
        grid.past.setdefault(max(upper.column, lower.column), []).append((source, target))


def _measure(grid: _Grid) -> None:
    """From rows and columns to pixels."""
    lefts, x = {}, 0.0
    for column in range(len(grid.tails)):
        x += _LANE * (1 + len(grid.past.get(column, ())))
        lefts[column] = x
        x += WIDTH
    heights: dict[int, float] = {}
    for item in grid.placed:
        item.height = _LINE * len(item.box.text) + 2 * (_PADDING if item.box.kind != "end" else 3)
        heights[item.row] = max(heights.get(item.row, 0), item.height)
    tops, y = {}, 2.0
    for row in sorted(heights):
        tops[row] = y
        y += heights[row] + _GAP
    for item in grid.placed:
        item.x, item.y = lefts[item.column], tops[item.row] + (heights[item.row] - item.height) / 2
        item.width = lefts[item.right] + WIDTH - item.x


def _drawn(grid: _Grid, output: int) -> Sheet:
    lines: list[str] = []
    dots: list[tuple[float, float]] = []
    lanes = {pair: lane for pairs in grid.past.values() for lane, pair in enumerate(_nested(grid, pairs), 1)}
    for i, item in enumerate(grid.placed):
        for source in item.box.inputs:
            upper = grid.placed[source]
            if (source, i) in lanes:
                path, start = _past(grid, upper, item, lanes[source, i])
                lines.append(path)
                dots.append(start)
            else:
                x = _middle(grid, max(upper.column, item.column))
                lines.append(f"M{x:g} {upper.y + upper.height:g}V{item.y:g}")
    last = grid.placed[output]
    x, bottom = last.x + last.width / 2, last.y + last.height
    lines.append(f"M{x:g} {bottom:g}v{_GAP}")
    return Sheet(
        width=max(item.x + item.width for item in grid.placed) + _LANE,
        height=max(item.y + item.height for item in grid.placed) + _GAP + _FOOT,
        boxes=tuple(grid.placed),
        lines=tuple(lines),
        dots=tuple(dict.fromkeys(dots)),
        exit=(x, bottom + _GAP + 16),
    )


def _nested(grid: _Grid, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The shortest first: it runs nearest to the column."""
    return sorted(pairs, key=lambda pair: grid.placed[pair[1]].row - grid.placed[pair[0]].row)


def _middle(grid: _Grid, column: int) -> float:
    return next(item.x for item in grid.placed if item.column == column) + WIDTH / 2


def _past(grid: _Grid, upper: Placed, lower: Placed, lane: int) -> tuple[str, tuple[float, float]]:
    """A line that runs past the boxes of a column at its left; where it parts from another."""
    column = max(upper.column, lower.column)
    left = _middle(grid, column) - WIDTH / 2 - _LANE * lane
    start = (_middle(grid, upper.column), upper.y + upper.height + 8)
    turn = f"M{start[0]:g} {start[1]:g}H{left + 8:g}q-8 0 -8 8"
    if upper.column > lower.column:
        return f"{turn}V{lower.y:g}", start
    middle = lower.y + lower.height / 2
    if upper.column < lower.column:
        start = (left, upper.y + upper.height)
        turn = f"M{left:g} {start[1]:g}"
    return f"{turn}V{middle - 8:g}q0 8 8 8H{_middle(grid, column) - WIDTH / 2:g}", start

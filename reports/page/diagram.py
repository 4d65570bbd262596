"""Where the boxes of a block stand: chains in columns, one below the other, and the lines between them.

What several boxes take, and what joins several, is as wide as their columns, so that lines run straight down; what
goes past boxes of its own column runs beside it. A long chain may be folded into several columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from reports.page.boxes import INPUT, Box, boxes_of, shape_words

if TYPE_CHECKING:
    from reports.page.section import Page

_NARROWEST, _WIDEST = 96.0, 168.0
"""Narrowest and widest box: a box is as wide as the longest line in its diagram needs."""
_CHARACTER = 6.6
"""Width of a character on average, in the page's font."""
_GAP = 20
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
    """Places where lines part."""
    exit: tuple[float, float]
    """Place of the words for the output."""
    output: str
    """Words for the output."""


@dataclass
class _Grid:
    placed: list[Placed]
    tails: dict[int, int]
    """The last box of each column."""
    past: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """Pairs of boxes between which a line runs past others, by column."""
    head: float = 2
    """Room above the first row."""
    width: float = 0
    """Width of a box of one column."""


def sheet_of(block: Mapping[str, Any], tallest: int | None = None) -> Sheet:
    """The diagram of a recorded block.

    Args:
        block: the block as a count records it.
        tallest: boxes of a column, beyond which a chain is folded into several; None: it never is.
    """
    boxes, output = boxes_of(block)
    shifted = [Box(["input"], "end", ()), *(_shifted(box) for box in boxes)]
    grid = _arranged(shifted)
    if tallest and len(shifted) > tallest and _is_chain(grid):
        _fold(grid, tallest)
    _measure(grid)
    return _drawn(grid, output + 1, f"output, {shape_words(block['steps'][block['output']]['output'])}")


def _is_chain(grid: _Grid) -> bool:
    return all(item.box.inputs == (i,) for i, item in enumerate(grid.placed[1:]))


def _fold(grid: _Grid, tallest: int) -> None:
    """Put a chain into as few columns as do, of about as many boxes each."""
    columns = -(-len(grid.placed) // tallest)
    rows = -(-len(grid.placed) // columns)
    for i, item in enumerate(grid.placed):
        item.column = item.right = i // rows
        item.row = i % rows
        grid.tails[item.column] = i
    grid.head = _GAP


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
    """Turn rows and columns into pixels."""
    grid.width = _width(grid)
    lefts, x = {}, 0.0
    for column in range(len(grid.tails)):
        x += _LANE * (1 + len(grid.past.get(column, ())))
        lefts[column] = x
        x += grid.width
    heights: dict[int, float] = {}
    for item in grid.placed:
        item.height = _LINE * len(item.box.text) + 2 * (_PADDING if item.box.kind != "end" else 3)
        heights[item.row] = max(heights.get(item.row, 0), item.height)
    tops, y = {}, grid.head
    for row in sorted(heights):
        tops[row] = y
        y += heights[row] + _GAP
    for item in grid.placed:
        item.x, item.y = lefts[item.column], tops[item.row] + (heights[item.row] - item.height) / 2
        item.width = lefts[item.right] + grid.width - item.x


def _width(grid: _Grid) -> float:
    longest = max(len(line) for item in grid.placed if item.column == item.right for line in item.box.text)
    return min(_WIDEST, max(_NARROWEST, _CHARACTER * longest + 2 * _PADDING))


def _drawn(grid: _Grid, output: int, words: str) -> Sheet:
    lines: list[str] = []
    dots: list[tuple[float, float]] = []
    lanes = {pair: lane for pairs in grid.past.values() for lane, pair in enumerate(_nested(grid, pairs), 1)}
    for i, item in enumerate(grid.placed):
        for source in item.box.inputs:
            upper = grid.placed[source]
            if upper.right < item.column:
                lines.append(_turn(upper, item))
            elif (source, i) in lanes:
                path, start = _past(grid, upper, item, lanes[source, i])
                lines.append(path)
                dots.append(start)
            else:
                x = _middle(grid, max(upper.column, item.column))
                lines.append(f"M{x:g} {upper.y + upper.height:g}V{item.y:g}")
    last = grid.placed[output]
    x, bottom = last.x + last.width / 2, last.y + last.height
    lines.append(f"M{x:g} {bottom:g}v{_GAP}")
    half = _CHARACTER * len(words) / 2
    return Sheet(
        width=max(x + half, *(item.x + item.width + _LANE for item in grid.placed)),
        height=max(item.y + item.height for item in grid.placed) + _GAP + _FOOT,
        boxes=tuple(grid.placed),
        lines=tuple(lines),
        dots=tuple(dict.fromkeys(dots)),
        exit=(max(x, half), bottom + _GAP + 16),
        output=words,
    )


def _nested(grid: _Grid, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The shortest first: it runs nearest to the column."""
    return sorted(pairs, key=lambda pair: grid.placed[pair[1]].row - grid.placed[pair[0]].row)


def _middle(grid: _Grid, column: int) -> float:
    return next(item.x for item in grid.placed if item.column == column) + grid.width / 2


def _turn(upper: Placed, lower: Placed) -> str:
    """A line from the foot of a column to the head of the next."""
    start, end = upper.x + upper.width / 2, lower.x + lower.width / 2
    between = (upper.x + upper.width + lower.x) / 2
    foot, head = upper.y + upper.height + _GAP / 2, lower.y - _GAP + 3
    return f"M{start:g} {upper.y + upper.height:g}V{foot:g}H{between:g}V{head:g}H{end:g}V{lower.y:g}"


def _past(grid: _Grid, upper: Placed, lower: Placed, lane: int) -> tuple[str, tuple[float, float]]:
    """A line that runs past the boxes of a column at its left; where it parts from another."""
    column = max(upper.column, lower.column)
    left = _middle(grid, column) - grid.width / 2 - _LANE * lane
    start = (_middle(grid, upper.column), upper.y + upper.height + 8)
    turn = f"M{start[0]:g} {start[1]:g}H{left + 8:g}q-8 0 -8 8"
    if upper.column > lower.column:
        return f"{turn}V{lower.y:g}", start
    middle = lower.y + lower.height / 2
    if upper.column < lower.column:
        start = (left, upper.y + upper.height)
        turn = f"M{left:g} {start[1]:g}"
    return f"{turn}V{middle - 8:g}q0 8 8 8H{_middle(grid, column) - grid.width / 2:g}", start


def caption(block: Mapping[str, Any]) -> str:
    """Caption of a network's diagram."""
    if block["kind"] == "network":
        return "The whole network"
    return "A stage" if block["kind"] == "stage" else f"Its block, {block['type']}"


def aloud(block: Mapping[str, Any]) -> str:
    """The diagram as a list, for who does not see it."""
    boxes, _ = boxes_of(block)
    said = []
    for number, box in enumerate(boxes, 1):
        sources = ["the input" if source < 0 else f"{source + 1}" for source in box.inputs]
        said.append(f"{number}: {', '.join(box.text)}, from {' and '.join(sources) or 'constants'}")
    return "; ".join(said) + "."


def drawing(page: Page, name: str, block: Mapping[str, Any], sheet: Sheet) -> Markup:
    """A diagram of an architecture's block as SVG."""
    return page.render("block.html", sheet=sheet, title=f"{caption(block)} of {name}", words=aloud(block))

"""A table that fits the terminal: no figure is cut, names fold where they may, what has no room is named below.

Columns go by what they are for: the first and those that answer, then those without which rows look alike, then
the others from the left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

from bench.text.plain import harmless

_SHORT = 12
"""Characters of a text that is never folded."""
_LONG = 24
"""Characters of one word that a column must have room for; a longer one folds where there is none."""
_COMFORT = 32
"""Characters of a text that a column which is not needed must have room for."""
INDENT = "  "
"""Indent of the later lines of a name."""
_BESIDE_NUMBER = re.compile(r"(?<=\d) (?=(?:[TGMkmµn]?(?:s|B|J|/s|FLOP/s|FLOP/B|B/s)?|px|%)(?:[\s,;)\]]|$))")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d) x (?=\d)")
_PIECE = re.compile(r"(?<=[:,+@])(?=[A-Za-z_])")
"""Parts at which a name with options may fold: `vit_simple:heads=6,patch_size=32`, `features@layer3+softmax`."""
_GLUE = "\u00a0"


@dataclass(frozen=True)
class TextColumn:
    """A column of texts."""

    heading: str
    values: tuple[str, ...]
    number: bool = False
    """Whether the column is aligned at the right and never folded."""
    main: bool = True
    """Whether the column goes before those that are shown only where there is room for them too."""
    indent: str = ""
    """Indent of the later lines of a folded value."""
    note: str = ""
    """Note below the table where the column is shown."""
    answers: bool = False
    """Whether the table is read for this column: no other column takes its room."""
    apart: tuple[str, ...] = ()
    """The part of each value that tells rows apart; empty where the column is not a condition of its row."""

    def __post_init__(self) -> None:
        """Count the characters that the terminal will get."""
        object.__setattr__(self, "values", tuple(map(harmless, self.values)))

    @cached_property
    def tokens(self) -> tuple[tuple[str, ...], ...]:
        """Parts of each value that are never torn apart: words, numbers with their unit, short texts as a
        whole."""
        return tuple(tuple(self._glued(value).split(" ")) for value in self.values)

    @cached_property
    def least(self) -> int:
        """Characters that it must have: names are folded, very long words broken."""
        pieces = [
            cell_len((self.indent if i else "") + piece)
            for value in self.tokens
            for i, piece in enumerate(part for token in value for part in _PIECE.split(token))
        ]
        longest = max(pieces, default=0)
        return max(self._heading, longest if self.number else min(longest, _LONG))

    @cached_property
    def words(self) -> int:
        """Characters that it needs to break no word."""
        return max([self._heading, *(cell_len(token) for value in self.tokens for token in value)])

    @cached_property
    def whole(self) -> int:
        """Characters that it needs to fold nothing."""
        return max(map(cell_len, (self.heading, *self.values)))

    def lines(self, i: int, width: int) -> list[str]:
        """A value in lines of at most `width` characters."""
        return [line.replace(_GLUE, " ") for line in _fold(self.tokens[i], width, self.indent)]

    def headings(self, width: int) -> list[str]:
        """Lines of the heading."""
        return _fold(self.heading.split(" "), width, "")

    @cached_property
    def _heading(self) -> int:
        """Characters that its heading needs in two lines."""
        words = self.heading.split(" ")
        folds = (max(cell_len(" ".join(words[:i])), cell_len(" ".join(words[i:]))) for i in range(len(words)))
        return min(folds)

    def _glued(self, value: str) -> str:
        text = " ".join(value.split(" "))
        if self.number or cell_len(text) <= _SHORT:
            return text.replace(" ", _GLUE)
        text = _BESIDE_NUMBER.sub(_GLUE, text)
        return _BETWEEN_NUMBERS.sub(f"{_GLUE}x{_GLUE}", text)


@dataclass(frozen=True)
class FittedTable:
    """A table as wide as the console that it is printed on."""

    columns: tuple[TextColumn, ...]
    title: str = ""
    rest: str = "--format csv has all"
    """Place of the columns that have no room; empty: they are not named."""
    notes: tuple[str, ...] = ()
    """More lines below."""
    groups: tuple[str, ...] = ()
    """What each row shares with its neighbours, printed above the first of them; empty: nothing."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The title, the columns that have room, and what there is to say of them."""
        width = options.max_width
        shown = chosen(self.columns, width, self.groups)
        widths, gap = fitted(shown, width)
        heading = [column.headings(size) for column, size in zip(shown, widths, strict=True)]
        if self.title:
            yield Text(self.title, style="bold")
        yield _text(list(_beside(heading, shown, widths, gap)), "bold")
        for i in range(len(shown[0].values)):
            if self.groups and (i == 0 or self.groups[i] != self.groups[i - 1]):
                yield Text(self.groups[i], style="italic")
            row = [column.lines(i, size) for column, size in zip(shown, widths, strict=True)]
            yield _text(list(_beside(row, shown, widths, gap)))
        for note in (*(column.note for column in shown if column.note), *self.notes):
            yield Text(note)
        yield from self._rest(shown, width)

    def _rest(self, shown: Sequence[TextColumn], width: int) -> Iterator[Text]:
        """Lines on the columns that are not shown, and on what shows them."""
        missing = [column for column in self.columns if not _among(column, shown)]
        hidden = [column.heading for column in missing if parting(shown, column, self.groups)]
        if hidden:
            yield Text(f"rows that look alike differ in: {_named(hidden)}")
        if missing and self.rest:
            names = _named([column.heading for column in missing])
            yield Text(f"not shown at {width} columns: {names} ({self.rest})")


def _named(headings: Sequence[str]) -> str:
    return ("; " if any("," in heading for heading in headings) else ", ").join(headings)


def parting(shown: Sequence[TextColumn], extra: TextColumn, groups: tuple[str, ...] = ()) -> bool:
    """Whether a further column tells apart rows that look alike by the shown conditions."""
    told = [*([groups] if groups else []), *(column.apart for column in shown if column.apart)]
    if not extra.apart:
        return False
    before = set(zip(*told, strict=True)) if told else {()}
    return len(set(zip(*told, extra.apart, strict=True))) > len(before)


def chosen(columns: Sequence[TextColumn], width: int, groups: tuple[str, ...] = ()) -> list[TextColumn]:
    """The columns that have room, in their order.

    The first and those that answer come before those that tell rows apart which look alike without them; then
    come the main ones from the left, and then those of the rest that fit in comfort.
    """
    shown: list[TextColumn] = []

    def fits(extra: TextColumn, gap: int, size: Callable[[TextColumn], int]) -> bool:
        return _sum([*shown, extra], gap, size) <= width

    for column in (*columns[:1], *(column for column in columns[1:] if column.answers)):
        if not shown or fits(column, 1, _least):
            shown.append(column)
    told = sorted((column for column in columns if column.apart), key=lambda column: not column.main)
    for column in told:
        if parting(shown, column, groups) and fits(column, 1, _least):
            shown.append(column)
    # where rows have conditions, these are not folded further for a figure that nobody asked for first
    size = _comfortable if any(column.apart for column in columns[1:]) else _least
    for column in (column for column in columns if column.main and not _among(column, shown)):
        if fits(column, 1, size):
            shown.append(column)
    for column in (column for column in columns if not column.main and not _among(column, shown)):
        if fits(column, 2, _comfortable):
            shown.append(column)
    return [column for column in columns if _among(column, shown)]


def _among(column: TextColumn, shown: Sequence[TextColumn]) -> bool:
    return any(column is one for one in shown)


def _least(column: TextColumn) -> int:
    return column.least


def fitted(columns: Sequence[TextColumn], width: int) -> tuple[list[int], int]:
    """The columns' widths, and what stands between them.

    What is left beyond the least goes to words that would have to be broken, then to texts that would be folded.
    """
    gap = 2 if _sum(columns, 2, lambda column: column.whole) <= width else 1
    widths = [min(column.least, width) for column in columns]
    room = width - sum(widths) - gap * (len(columns) - 1)
    room = _grow(widths, [column.words for column in columns], room)
    _grow(widths, [column.whole for column in columns], room)
    return widths, gap


def _grow(widths: list[int], targets: Sequence[int], room: int) -> int:
    """Let widths grow to their targets, the nearest first and the others alike; returns the room that is left."""
    waiting = sorted(
        (i for i, width in enumerate(widths) if width < targets[i]), key=lambda i: targets[i] - widths[i]
    )
    for done, i in enumerate(waiting):
        given = max(0, min(targets[i] - widths[i], room // (len(waiting) - done)))
        widths[i] += given
        room -= given
    return room


def _sum(columns: Sequence[TextColumn], gap: int, size: Callable[[TextColumn], int]) -> int:
    return sum(map(size, columns)) + gap * (len(columns) - 1)


def _comfortable(column: TextColumn) -> int:
    return column.least if column.number else max(column.words, min(column.whole, _COMFORT))


def _beside(
    cells: Sequence[Sequence[str]], columns: Sequence[TextColumn], widths: Sequence[int], gap: int
) -> Iterator[str]:
    for i in range(max(map(len, cells))):
        parts = []
        for lines, column, width in zip(cells, columns, widths, strict=True):
            text = lines[i] if i < len(lines) else ""
            space = " " * (width - cell_len(text))
            parts.append(space + text if column.number else text + space)
        yield (" " * gap).join(parts).rstrip()


def _text(lines: Sequence[str], style: str = "") -> Text:
    return Text("\n".join(lines), style=style, no_wrap=True, overflow="ignore")


def _fold(tokens: Sequence[str], width: int, indent: str) -> list[str]:
    lines = [""]
    for token in tokens:
        start = lines[-1] if lines[-1].strip() == "" else f"{lines[-1]} "
        if cell_len(start + token) <= width:
            lines[-1] = start + token
            continue
        if lines[-1].strip():
            lines.append(indent)
        for piece in _pieces(token, width, indent):
            if lines[-1].strip() and cell_len(lines[-1] + piece) > width:
                lines.append(indent)
            lines[-1] += piece
    return lines


def _pieces(token: str, width: int, indent: str) -> Iterator[str]:
    """Pieces into which a token is folded that is longer than a line: at its options, else wherever the line
    ends."""
    if cell_len(indent + token) <= width:
        yield token
        return
    room = max(1, width - len(indent))
    for piece in _PIECE.split(token):
        if cell_len(piece) <= room:
            yield piece
            continue
        line = ""
        for character in piece:
            if cell_len(line + character) > room:
                yield line
                line = ""
            line += character
        yield line

"""Tables of images in the forms in which people save them: encoding, separator, meaning of the columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from bench.errors import UsageError
from bench.foreign import TABLE, read_bytes
from bench.words import in_room

PATHS = (
    "path",
    "file",
    "filename",
    "file_name",
    "filepath",
    "file_path",
    "image",
    "image_path",
    "image_name",
    "img",
    "img_path",
)
LABELS = ("label", "class", "class_name", "category", "target")
SPLITS = ("split", "set", "subset", "partition")
"""Accepted names of each column; the first name of each outranks the others."""
BACKSLASH = "\\"
_BETWEEN = {",": "commas", ";": "semicolons", "\t": "tabs"}
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAVE = "save it as CSV UTF-8"
_SEPARATOR = re.compile(r"sep=(.)\r?\n")
"""First line by which a spreadsheet is told the separator of the cells."""


@dataclass(frozen=True, slots=True)
class ImageRow:
    """An image as the table lists it."""

    line: int
    path: str
    label: str
    split: str
    """Split of the row; empty where the table has no such column, or the row is empty there."""


@dataclass(frozen=True)
class _Columns:
    """Positions of the columns in a line."""

    path: int
    label: int
    split: int | None
    count: int
    header: bool = True


def read_rows(table: Path, notes: list[str]) -> list[ImageRow]:
    """Rows of the table; interpretations are added to the notes.

    Raises:
        UsageError: one line on why it cannot be read, and what to change.
    """
    text = _text(table, notes)
    try:
        between, columns = _layout(table, text, notes)
        lines = list(_lines(text, between))[1 if columns.header else 0 :]
    except csv.Error as error:
        raise UsageError(f"'{table}' cannot be read as a table ({error}): {_SAVE}") from error
    if not lines:
        raise UsageError(f"'{table}' lists no images")
    return [_row(table, line, cells, columns) for line, cells in lines]


def _text(table: Path, notes: list[str]) -> str:
    try:
        data = read_bytes(table, TABLE)
    except FileNotFoundError:
        raise UsageError(f"there is no file '{table}'") from None
    except OSError as error:
        raise UsageError(f"'{table}' cannot be read: {error.strerror}") from error
    if data.startswith(b"PK"):
        raise UsageError(f"'{table}' is an archive or a workbook of a spreadsheet, not a table in text: {_SAVE}")
    marked = next((code for mark, code in _MARKS if data.startswith(mark)), "")
    for code in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            text = data.decode(code)
        except UnicodeDecodeError:
            continue
        if "\0" in text:  # UTF-16 without its mark, or no text at all
            break
        if code == "cp1252":
            notes.append(f"{table.name} is read as Windows-1252, since it is not UTF-8")
        return text
    raise UsageError(f"'{table}' is not a text in UTF-8, UTF-16 or Windows-1252: {_SAVE}")


def _lines(text: str, between: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that is not empty, without surrounding blanks."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    for number, cells in enumerate(reader):
        if not (number == 0 and _SEPARATOR.match(text)) and any(cell.strip() for cell in cells):
            yield reader.line_num, [cell.strip() for cell in cells]


def _layout(table: Path, text: str, notes: list[str]) -> tuple[str, _Columns]:
    """Separator and columns of the table: those for which the first line makes sense."""
    given = _SEPARATOR.match(text)
    firsts = {b: next((c for _, c in _lines(text, b)), []) for b in ((given.group(1),) if given else _BETWEEN)}
    fits = {b: found for b, cells in firsts.items() if (found := _headed(table, cells) or _headless(table, cells))}
    if len(fits) == 1:
        between, columns = next(iter(fits.items()))
        if between != ",":
            notes.append(f"{table.name} has {_BETWEEN.get(between, repr(between))} between its cells")
        if not columns.header:
            notes.append(f"{table.name} has no line of names: its columns are read as path and label")
        return between, columns
    first = max(firsts.values(), key=len)
    lacks = "label" if set(map(_plain, first)) & set(PATHS) else "path"
    _, *others = LABELS if lacks == "label" else PATHS
    raise UsageError(
        f"'{table}' has no column '{lacks}' (or {in_room(others, 60)}): its first line is "
        f"{in_room(first, 60) or 'nothing'}; commas, semicolons or tabs may stand between the cells"
    )


def _headed(table: Path, cells: Sequence[str]) -> _Columns | None:
    """Columns of a first line that names them."""
    names = [_plain(cell) for cell in cells]
    path, label, split = (_column(table, names, known) for known in (PATHS, LABELS, SPLITS))
    return None if path is None or label is None else _Columns(path, label, split, len(cells))


def _headless(table: Path, cells: Sequence[str]) -> _Columns | None:
    """Columns of a first line that is a path and a label."""
    there = len(cells) == 2 and bool(cells[1]) and spelled_path(table.parent, cells[0]) is not None
    return _Columns(0, 1, None, 2, header=False) if there else None


def _plain(name: str) -> str:
    return re.sub(r"[ -]", "_", name.casefold())


def _column(table: Path, names: Sequence[str], known: Sequence[str]) -> int | None:
    """Position of the column with one of the known names.

    Raises:
        UsageError: several stand for the same thing.
    """
    found = [i for i, name in enumerate(names) if name in known]
    first = [i for i in found if names[i] == known[0]]
    if len(first or found) > 1:
        which = ", ".join(names[i] for i in first or found)
        raise UsageError(
            f"'{table}' has several columns for the {known[0]} ({which}): call one of them {known[0]}"
        )
    return next(iter(first or found), None)


def _row(table: Path, line: int, cells: list[str], columns: _Columns) -> ImageRow:
    where = f"'{table}', line {line},"
    if any(cells[columns.count :]):
        more = f"has {len(cells)} cells, and the first line {columns.count}"
        raise UsageError(f"{where} {more}: a path or label with a separator in it needs quotes")
    cells += [""] * (columns.count - len(cells))
    for name, place in (("path", columns.path), ("label", columns.label)):
        if not cells[place]:
            raise UsageError(f"{where} has no {name}")
    split = "" if columns.split is None else cells[columns.split]
    return ImageRow(line, cells[columns.path], cells[columns.label], split)


def spelled_path(root: Path, written: str) -> Path | None:
    """Path as the disk spells it: as written, else with / for backslashes or with other accents; None: not
    there."""
    slashes = written.replace(BACKSLASH, "/")
    for known in (written, slashes, *(normalize(form, slashes) for form in ("NFC", "NFD"))):
        try:
            if (path := root / known).is_file():
                return path
        except (OSError, ValueError):  # it may not be looked at, is too long, or has a NUL
            return None
    return None

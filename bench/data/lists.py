"""The user's own images as a table: a CSV file with the columns `path`, `label` and, if wanted, `split`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from bench.data.folders import SPLIT_FOLDERS
from bench.data.images import ImageFiles
from bench.errors import UsageError

COLUMNS = ("path", "label")


@dataclass(frozen=True)
class _Row:
    line: int
    path: str
    label: str
    split: str
    """Empty where the row says none."""


def scan_csv(table: Path) -> ImageFiles:
    """Read the table and look whether its files are there; none is opened.

    A path is whole, or begins at the table's folder.

    Raises:
        UsageError: one line on what of the table is not as it must be.
    """
    rows = _rows(table)
    names = _in_order({row.label for row in rows})
    if len(names) < 2:
        raise UsageError(f"'{table}' has one label, '{names[0]}': there is nothing to tell it from")
    _check_splits(table, rows)
    number = {name: label for label, name in enumerate(names)}
    root, good, refused = table.parent, [], []
    for row in rows:
        path = root / row.path
        if wrong := _wrong(Path(row.path), root):
            refused.append(f"{table.name}, line {row.line}: '{row.path}' {wrong}")
        else:
            good.append((path, number[row.label], row.split))
    return ImageFiles(
        root=root,
        paths=tuple(path for path, _, _ in good),
        labels=tuple(label for _, label, _ in good),
        names=names,
        split=tuple(split for _, _, split in good) if rows[0].split else (),
        refused=tuple(refused),
    )


def _rows(table: Path) -> list[_Row]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = [name.strip().lower() for name in reader.fieldnames or ()]
            reader.fieldnames = columns
            missing = [name for name in COLUMNS if name not in columns]
            if missing:
                found = ", ".join(columns) or "nothing"
                raise UsageError(f"'{table}' has no column '{missing[0]}': its first line is {found}")
            rows = [_row(table, reader.line_num, row) for row in reader]
    except FileNotFoundError:
        raise UsageError(f"there is no file '{table}'") from None
    except OSError as error:
        raise UsageError(f"'{table}' cannot be read: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise UsageError(f"'{table}' is no CSV file in UTF-8: {error}") from error
    if not rows:
        raise UsageError(f"'{table}' lists no images")
    return rows


def _row(table: Path, line: int, row: dict[str, str | None]) -> _Row:
    path, label, split = ((row.get(name) or "").strip() for name in (*COLUMNS, "split"))
    for name, value in (("path", path), ("label", label)):
        if not value:
            raise UsageError(f"'{table}', line {line}, has no {name}")
    if split and split.lower() not in SPLIT_FOLDERS:
        raise UsageError(f"'{table}', line {line}: '{split}' is no split (train, val, test)")
    return _Row(line, path, label, SPLIT_FOLDERS.get(split.lower(), ""))


def _check_splits(table: Path, rows: list[_Row]) -> None:
    """Every row says its split, or none does; every split has the labels of the training images."""
    given = [row for row in rows if row.split]
    if not given:
        return
    if len(given) < len(rows):
        line = next(row.line for row in rows if not row.split)
        raise UsageError(f"'{table}', line {line}, has no split, and line {given[0].line} has one")
    labels = {split: {row.label for row in rows if row.split == split} for split in {row.split for row in rows}}
    if "train" not in labels:
        raise UsageError(f"'{table}' has no row of the train split")
    for split, some in sorted(labels.items()):
        for name in sorted(some ^ labels["train"]):
            has, lacks = (split, "train") if name in some else ("train", split)
            raise UsageError(f"label '{name}' is in the {has} split of '{table}', but not in its {lacks} split")


def _in_order(labels: set[str]) -> tuple[str, ...]:
    """Numbers by their size, else texts by the alphabet."""
    if all(label.isdecimal() for label in labels):
        return tuple(sorted(labels, key=lambda label: (int(label), label)))
    return tuple(sorted(labels))


def _wrong(written: Path, root: Path) -> str:
    path = root / written
    try:
        target = path.resolve(strict=True)
    except PermissionError:
        return "may not be read"
    except (OSError, RuntimeError, ValueError):  # of a path with a NUL: no file can have it
        return "is no file"
    # a whole path is the user's own word; one that begins at the table and leads out of its folder is a trap
    if not written.is_absolute() and not target.is_relative_to(root):
        return "leads out of the table's folder"
    return "" if target.is_file() else "is no file"

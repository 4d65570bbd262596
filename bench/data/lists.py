"""The user's own images as a table (columns `path`, `label`, maybe `split`) or a list (a class index a line)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bench.data.formats import suffix_of, why_not
from bench.data.gathered import FoundImage, ImageSearch
from bench.data.images import ImageFiles
from bench.data.reading import PLAIN, Reading
from bench.data.tables import BACKSLASH, ImageRow, read_rows, spelled_path
from bench.data.walk import Walk
from bench.errors import UsageError
from bench.foreign import TABLE, read_text, real_path, whole_number


def scan_csv(table: Path, reading: Reading = PLAIN) -> ImageFiles:
    """Read the table and check that its files are there; none is opened.

    A path is whole, or begins at the table's folder.

    Raises:
        UsageError: one line on what of the table is not as it must be.
    """
    look = ImageSearch(table.parent, table, "label")
    rows = read_rows(table, look.notes)
    splits = _splits(table, rows, reading, look.notes)
    paths, turned = _Paths(look.root, reading.follow_links), 0
    for row, split in zip(rows, splits, strict=True):
        suffix = suffix_of(row.path)
        if reading.types and suffix not in reading.types:
            look.left[suffix, "not among --image-types"] += 1
        elif split is None:
            look.left[suffix, f"of '{row.split}', which --splits does not name"] += 1
        else:
            path = spelled_path(look.root, row.path)
            turned += path is not None and BACKSLASH in row.path and BACKSLASH not in path.name
            wrong = paths.wrong(row.path, path)
            line = wrong and f"{table.name}, line {row.line}: '{row.path}' {wrong}"
            look.found.append(FoundImage(path or look.root / row.path, row.label, split, line))
    if turned:
        look.notes.append(f"backslashes are read as / in {turned} of {len(rows)} paths")
    if not look.found:
        raise UsageError(f"'{table}' lists no images that are read: all are left out by --image-types or --splits")
    return look.files(reading, _in_order)


def scan_list(file: Path, reading: Reading = PLAIN) -> ImageFiles:
    """Read the list and check that its images are there; none is opened.

    Names begin at the folder of the list. Where the lines are indices alone, the first is that of the first image
    in and beneath that folder, and so on: of ILSVRC's validation images their ground truth is such a list.

    Raises:
        UsageError: one line on what of the list is not as it must be.
    """
    lines = _indexed_lines(file)
    look = ImageSearch(file.parent, file, "class")
    names = [line.rpartition(" ")[0].strip() for line in lines]
    indices = [line.rpartition(" ")[2] for line in lines]
    for number, index in enumerate(indices, start=1):
        if whole_number(index) is None:
            raise UsageError(f"'{file}', line {number}, does not end with a class index: '{lines[number - 1]}'")
    if any(names):
        _listed(look, file, names, indices, reading)
    else:
        _beside(look, file, indices, reading)
    return look.files(reading, _in_order)


def _indexed_lines(file: Path) -> list[str]:
    try:
        text = read_text(file, TABLE)
    except FileNotFoundError:
        raise UsageError(f"there is no file '{file}'") from None
    except OSError as error:
        raise UsageError(f"'{file}' cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"'{file}' is not a text in UTF-8") from error
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    if not lines:
        raise UsageError(f"'{file}' lists no images")
    return lines


def _listed(look: ImageSearch, file: Path, names: list[str], indices: list[str], reading: Reading) -> None:
    for number, (name, index) in enumerate(zip(names, indices, strict=True), start=1):
        path = spelled_path(look.root, name) if name else None
        if reading.types and suffix_of(name) not in reading.types:
            look.left[suffix_of(name), "not among --image-types"] += 1
            continue
        wrong = "" if path else "is not a file"
        if path and not reading.follow_links and not real_path(path).is_relative_to(real_path(look.root)):
            wrong = "leads out of the list's folder (--follow-links follows it)"
        line = wrong and f"{file.name}, line {number}: '{name}' {wrong}"
        look.found.append(FoundImage(path or look.root / name, index, "", line))
    if not look.found:
        raise UsageError(f"'{file}' lists no images that are read: all are left out by --image-types")


def _beside(look: ImageSearch, file: Path, indices: list[str], reading: Reading) -> None:
    walk = Walk(look.root, reading, Counter())
    found = list(walk.images(look.root))
    if len(found) != len(indices):
        raise UsageError(
            f"'{file}' has {len(indices)} indices, and there are {len(found)} images in its folder: each needs one"
        )
    for (path, wrong), index in zip(found, indices, strict=True):
        line = wrong and f"{path.relative_to(look.root)} {wrong}"
        look.found.append(FoundImage(path, index, "", line))
    look.notes.append(f"{file.name} has indices alone: the images beside it take them in the order of their names")


def _splits(table: Path, rows: list[ImageRow], reading: Reading, notes: list[str]) -> list[str | None]:
    """Split of each row, None where it is in none that was chosen; either all rows state a split or none does.

    Raises:
        UsageError: a row is not so, or its split has an unknown name.
    """
    given = [row for row in rows if row.split]
    if given and reading.as_classes:
        notes.append("the column of splits is passed over (--splits none)")
    if not given or reading.as_classes:
        return [""] * len(rows)
    if len(given) < len(rows):
        line = next(row.line for row in rows if not row.split)
        raise UsageError(f"'{table}', line {line}, has no split, and line {given[0].line} has one")
    for row in () if reading.splits else rows:
        if not reading.split_of(row.split):
            way = "--splits train=WORD,test=WORD says which is which, --splits none passes over the column"
            raise UsageError(f"'{table}', line {row.line}: '{row.split}' is not a split (train, val, test): {way}")
    splits = [reading.split_of(row.split) or None for row in rows]
    words = {row.split: split for row, split in zip(rows, splits, strict=True) if split and row.split != split}
    notes += [f"'{word}' is the {split} split (--splits says otherwise)" for word, split in words.items()]
    if "train" not in splits:
        raise UsageError(f"'{table}' has no row of the train split")
    return splits


def _in_order(labels: Iterable[str]) -> list[str]:
    """Sort numbers by size, other texts alphabetically."""
    known = sorted(labels)
    return known if None in map(whole_number, known) else sorted(known, key=int)


class _Paths:
    """Resolves the paths of a table; each folder is listed once."""

    def __init__(self, root: Path, follow_links: bool) -> None:
        self._root = root
        self._follow_links = follow_links
        self._inside: dict[Path, bool] = {}

    def wrong(self, written: str, path: Path | None) -> str:
        """Message about a file's fault, where it was found; empty where it can be read."""
        if path is None:
            return self._not_there(written)
        # a whole path is the user's own word; one that begins at the table and leads out of its folder is a trap
        if not self._follow_links and not Path(written).is_absolute() and not self._is_inside(path):
            return "leads out of the table's folder (--follow-links follows it)"
        why = why_not(suffix_of(written))
        return why if why.startswith("needs") else ""

    def _not_there(self, written: str) -> str:
        try:
            (self._root / written).stat()
        except PermissionError:
            return "may not be read"
        except (OSError, ValueError):  # of a path with a NUL: no file can have it
            return f"is not a file{' (write / between folders)' if BACKSLASH in written else ''}"
        return "is not a file"

    def _is_inside(self, path: Path) -> bool:
        if path.is_symlink():
            return real_path(path).is_relative_to(self._root)
        folder = path.parent
        if folder not in self._inside:
            self._inside[folder] = real_path(folder).is_relative_to(self._root)
        return self._inside[folder]

"""The user's own images as a list: `NAME INDEX` a line, or the class `INDEX` alone of the images beside it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bench.data.formats import suffix_of
from bench.data.gathered import Found, Look
from bench.data.images import ImageFiles
from bench.data.lists import in_order
from bench.data.reading import PLAIN, Reading
from bench.data.tables import spelled_path
from bench.data.walk import Walk
from bench.errors import UsageError


def scan_list(file: Path, reading: Reading = PLAIN) -> ImageFiles:
    """Read the list and look whether its images are there; none is opened.

    Names begin at the folder of the list. Where the lines are indices alone, the first is that of the first image
    in and beneath that folder, and so on: of ILSVRC's validation images their ground truth is such a list.

    Raises:
        UsageError: one line on what of the list is not as it must be.
    """
    lines = _lines(file)
    look = Look(file.parent, file, "class")
    names = [line.rpartition(" ")[0].strip() for line in lines]
    indices = [line.rpartition(" ")[2] for line in lines]
    for number, index in enumerate(indices, start=1):
        if not index.isdecimal():
            raise UsageError(f"'{file}', line {number}, does not end with a class index: '{lines[number - 1]}'")
    if any(names):
        _named(look, file, names, indices, reading)
    else:
        _beside(look, file, indices, reading)
    return look.files(reading, in_order)


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8-sig")
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


def _named(look: Look, file: Path, names: list[str], indices: list[str], reading: Reading) -> None:
    for number, (name, index) in enumerate(zip(names, indices, strict=True), start=1):
        path = spelled_path(look.root, name) if name else None
        if reading.types and suffix_of(name) not in reading.types:
            look.left[suffix_of(name), "not among --image-types"] += 1
            continue
        wrong = "" if path else "is no file"
        if path and not reading.follow_links and not path.resolve().is_relative_to(look.root.resolve()):
            wrong = "leads out of the list's folder (--follow-links follows it)"
        line = wrong and f"{file.name}, line {number}: '{name}' {wrong}"
        look.found.append(Found(path or look.root / name, index, "", line))
    if not look.found:
        raise UsageError(f"'{file}' lists no images that are read: all are left out by --image-types")


def _beside(look: Look, file: Path, indices: list[str], reading: Reading) -> None:
    walk = Walk(look.root, reading, Counter())
    found = list(walk.images(look.root))
    if len(found) != len(indices):
        raise UsageError(
            f"'{file}' has {len(indices)} indices, and there are {len(found)} images in its folder: each needs one"
        )
    for (path, wrong), index in zip(found, indices, strict=True):
        line = wrong and f"{path.relative_to(look.root)} {wrong}"
        look.found.append(Found(path, index, "", line))
    look.notes.append(f"{file.name} has indices alone: the images beside it take them in the order of their names")

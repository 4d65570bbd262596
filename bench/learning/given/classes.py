"""Mapping of a data set's classes to a network's answers: by synsets, indices, names, or a table."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import UsageError, words_of
from bench.foreign import read_bytes, read_text, whole_number
from bench.lazy import load

IMAGENET = 1000
"""Number of classes of ILSVRC."""
_SYNSET = re.compile(r"n\d{8}")
_NAMED = 3
_MOST_KIT = 1 << 20
"""Most bytes of ILSVRC's `meta.mat`, which has a tenth of that; unpacked, it may be a thousand times larger."""
_WAY_OUT = "--class-map FILE.csv says which index each class has"


@dataclass(frozen=True)
class ClassMap:
    """Mapping of the classes of a data set to answers."""

    indices: tuple[int, ...]
    """Index of the answer for each class, in the order of the data set's labels."""
    how: str
    """Way of the matching, for the record."""


def class_map(names: Sequence[str], classes: int, file: str = "") -> ClassMap:
    """Match the classes of a data set with the answers of a network.

    Args:
        names: names of the data set's classes.
        classes: number of the network's classes; 1000 are taken for those of ILSVRC, in the order of synsets.
        file: a table of names and indices, or of ILSVRC's development kit `meta.mat`; empty: there is none.

    Raises:
        UsageError: a class has no index, or nothing says which; one line.
    """
    if file:
        found = _looked_up(names, _table(Path(file)), f"the class map '{file}'", classes, "")
        return ClassMap(found, f"by {Path(file).name}")
    if None not in map(whole_number, names):
        return _by_index(names, classes)
    if classes != IMAGENET:
        raise UsageError(f"nothing says which of {classes} answers '{names[0]}' is: {_WAY_OUT}")
    if all(_SYNSET.fullmatch(name) for name in names):
        return _by_synset(names)
    return _by_name(names)


def _by_index(names: Sequence[str], classes: int) -> ClassMap:
    indices = [int(name) for name in names]
    if (most := max(indices)) == classes and 0 not in indices:
        raise UsageError(
            f"the classes are numbered up to {classes}, and answers from 0: {_WAY_OUT} (of ILSVRC's own numbers"
            " the meta.mat of its development kit does)"
        )
    if most >= classes:
        raise UsageError(f"a class has the index {most}, and the weights tell {classes} classes apart, from 0 on")
    return ClassMap(tuple(indices), "by index")


def _by_synset(names: Sequence[str]) -> ClassMap:
    if len(names) == IMAGENET == len(set(names)):
        order = {name: i for i, name in enumerate(sorted(names))}
        return ClassMap(tuple(order[name] for name in names), "by the order of all 1000 synsets")
    try:
        load("torchvision")  # timm imports it, as it must not be imported before it is repaired
        info = load("timm.data")
    except ImportError as error:
        raise UsageError(
            f"timm knows which of 1000 synsets these {len(names)} are, and is not here: pip install timm, or"
            f" {_WAY_OUT}"
        ) from error
    known = {name: i for i, name in enumerate(info.ImageNetInfo().label_names())}
    return ClassMap(_looked_up(names, known, "the list of ILSVRC's 1000 synsets"), "by synset")


def _by_name(names: Sequence[str]) -> ClassMap:
    categories: list[str] = load("torchvision.models").ResNet18_Weights.IMAGENET1K_V1.meta["categories"]
    plain = [_plain(name) for name in categories]
    twice = {name for name, count in Counter(plain).items() if count > 1}
    known = {name: i for i, name in enumerate(plain) if name not in twice}
    if both := next((name for name in names if _plain(name) in twice), None):
        raise UsageError(f"two of the weights' classes are called '{both}': {_WAY_OUT}")
    found = _looked_up([_plain(name) for name in names], known, "torchvision's list of ILSVRC's names")
    return ClassMap(found, "by torchvision's class names")


def _plain(name: str) -> str:
    return " ".join(re.split(r"[\s_]+", name.strip().casefold()))


def _looked_up(
    names: Sequence[str], known: Mapping[str, int], where: str, classes: int = IMAGENET, way: str = f"; {_WAY_OUT}"
) -> tuple[int, ...]:
    unknown = [f"'{name}'" for name in names if name not in known]
    if unknown:
        said = ", ".join(unknown[:_NAMED]) + (f" and {len(unknown) - _NAMED} more" if unknown[_NAMED:] else "")
        raise UsageError(f"of the classes of the pictures {where} lacks {said}{way}")
    found = tuple(known[name] for name in names)
    if max(found) >= classes:
        raise UsageError(f"{where} has the index {max(found)}, and the weights tell {classes} classes apart")
    return found


def _table(file: Path) -> dict[str, int]:
    """Indices by the names of a data set's classes, from a table."""
    if file.suffix == ".mat":
        return _development_kit(file)
    try:
        lines = csv.reader(io.StringIO(read_text(file)))
        rows = [[cell.strip() for cell in row] for row in lines if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"the class map '{file}' cannot be read: {why}") from error
    if rows and len(rows[0]) == 2 and whole_number(rows[0][1]) is None:  # a line of names
        rows = rows[1:]
    known: dict[str, int] = {}
    for row in rows:
        if len(row) != 2 or whole_number(row[1]) is None:
            raise UsageError(
                f"the class map '{file}' has '{','.join(row)}', where a line is a class's name and index"
            )
        if known.setdefault(row[0], int(row[1])) != int(row[1]):
            raise UsageError(f"the class map '{file}' gives '{row[0]}' two indices")
    if not known:
        raise UsageError(f"the class map '{file}' is empty")
    return known


def _development_kit(file: Path) -> dict[str, int]:
    """Indices from ILSVRC's own numbers, 1 to 1000, by the alphabetical order of their synsets."""
    try:
        content = io.BytesIO(read_bytes(file, _MOST_KIT))
        synsets: Any = load("scipy.io").loadmat(content, squeeze_me=True)["synsets"]
        rows = [(int(row["ILSVRC2012_ID"]), str(row["WNID"])) for row in synsets]
    except Exception as error:  # scipy's reader fails in any way over what is damaged
        raise UsageError(f"the class map '{file}' is not ILSVRC's meta.mat: {words_of(error)}") from error
    leaves = {number: synset for number, synset in rows if number <= IMAGENET}
    order = {synset: i for i, synset in enumerate(sorted(leaves.values()))}
    return {str(number): order[synset] for number, synset in leaves.items()}

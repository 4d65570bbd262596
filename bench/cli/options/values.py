"""Values of the command line: what a text must be, and the one line where it is not."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from bench.cell import BEST, MOST_SIDE
from bench.errors import UnknownName, UsageError
from bench.foreign import whole_number

T = TypeVar("T")
_TIME = {
    "us": (1, 10**6),
    "µs": (1, 10**6),
    "\u03bcs": (1, 10**6),
    "ms": (1, 1000),
    "s": (1, 1),
    "m": (60, 1),
    "h": (3600, 1),
}
"""Times and over: a number of these units as seconds; each symbol stands before those that it ends with."""
_COUNT = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SIZE = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
"""A number as people write it: Python itself takes `1_000`, `nan` and the digits of all scripts, too."""
_YEAR = 366 * 86400
_LEAST_SIZE, _MOST_SIZE = 10**6, 10**18
_MOST_IMAGES = 1 << 20
AUTO = "auto"
_MOST_LANES = 1024
_LAST_PORT = 65535
_MOST_RATE = 1000.0
_MOST_POINTS = 50.0
BEST_WORD = "best"


def place(text: str) -> Path:
    """A file or a folder.

    Raises:
        UsageError: the name is empty, as where a variable of a script is.
    """
    if not text.strip():
        raise UsageError("an empty text names no file and no folder")
    return Path(text)


def seconds(text: str) -> float:
    """`5ms`, `90s`, `5m`, `1h` in seconds; without a unit they are seconds.

    Raises:
        UsageError: the text is not a time above zero and up to a year.
    """
    unit = next((unit for unit in _TIME if text.endswith(unit)), "")
    times, over = _TIME.get(unit, (1, 1))
    value = _number(text.removesuffix(unit)) * times / over
    if math.isnan(value):
        raise UsageError(f"'{text}' is not a time: write 5ms, 90s, 5m or 1h")
    if not 0 < value <= _YEAR:
        raise UsageError(f"a time must be above zero and at most a year, not '{text}'")
    return value


def count(text: str) -> float:
    """`500K`, `10M`, `2G` or a plain number.

    Raises:
        UsageError: the text is not a number above zero.
    """
    unit = text[-1:].upper()
    value = _number(text[:-1] if unit in _COUNT else text) * _COUNT.get(unit, 1)
    if not 0 < value < float("inf"):
        raise UsageError(f"'{text}' is not a number above zero: write 500K, 10M or 2G")
    return value


def share(text: str) -> float:
    """`0.9` or `90%` as a share of one.

    Raises:
        UsageError: the number is not above zero and at most one.
    """
    value = _number(text[:-1]) / 100 if text.endswith("%") else _number(text)
    if not 0 < value <= 1:
        raise UsageError(f"'{text}' is not a share above zero and up to one: write 0.9 or 90%")
    return value


def size(text: str) -> int:
    """`500MB`, `2GiB` in bytes.

    Raises:
        UsageError: the text is not a size of a megabyte or more.
    """
    number = text.rstrip("BKMGIbkmgi")
    value = _number(number) * _SIZE.get(text[len(number) :].upper(), math.nan)
    if math.isnan(value):
        raise UsageError(f"'{text}' is not a size: write 500MB or 2GiB")
    if not _LEAST_SIZE <= value <= _MOST_SIZE:
        raise UsageError(f"a size must be 1 MB or more, and 1 EB at most, not '{text}': write 500MB or 2GiB")
    return int(value)


def positive(what: str, most: int) -> Callable[[str], int]:
    """Reads a whole number of `what`, 1 to `most`."""

    def read(text: str) -> int:
        number = _whole(text)
        if not number >= 1:  # of NaN, too
            raise UsageError(f"'{text}' is not a number of {what}: 1 or more")
        if number > most:
            raise UsageError(f"'{text}' is too large a number of {what}: {most} at most")
        return int(number)

    return read


side = positive("pixels", MOST_SIDE)
"""Reads the side of an input."""


def batch(text: str) -> int:
    """A number of images, or `best`, which has throughput find it."""
    return BEST if text == BEST_WORD else positive(f"images (or '{BEST_WORD}')", _MOST_IMAGES)(text)


def lanes(text: str) -> int | None:
    """Number of jobs that run at once; None for `auto`."""
    return None if text == AUTO else positive(f"lanes (or '{AUTO}')", _MOST_LANES)(text)


def one_of(kind: str, known: Sequence[str]) -> Callable[[str], str]:
    """Reads one of the known words; another one is answered with the nearest."""

    def read(text: str) -> str:
        if text not in known:
            raise UnknownName(kind, text, known)
        return text

    return read


def switch(kind: str) -> Callable[[str], bool]:
    """Reads `on` or `off`."""
    word = one_of(kind, ("on", "off"))
    return lambda text: word(text) == "on"


def listed(read: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """Reads values with commas between them."""
    return lambda text: tuple(read(part.strip()) for part in text.split(","))


def joined(lists: Iterable[Iterable[T]] | None) -> tuple[T, ...]:
    """The values of an option that may be repeated, each once, in the order given."""
    return tuple(dict.fromkeys(value for values in lists or () for value in values))


def architecture_names(text: str) -> tuple[str, ...]:
    """Names with commas between them, where the options of a variant have commas of their own.

    `resnet50,vit_simple:heads=6,patch_size=32` is two names.
    """
    names: list[str] = []
    for part in text.split(","):
        option = "=" in part and ":" not in part
        if option and names and ":" in names[-1]:
            names[-1] += f",{part.strip()}"
        else:
            names.append(part.strip())
    return tuple(names)


def at_least(least: int, what: str, most: int) -> Callable[[str], int]:
    """Reads a whole number of `what`, `least` to `most`."""

    def read(text: str) -> int:
        number = _whole(text)
        if not least <= number <= most:
            raise UsageError(f"'{text}' is not a number of {what}: {least} to {most}")
        return int(number)

    return read


def port(text: str) -> int:
    """A port of this host, 0 for any that is free.

    Raises:
        UsageError: the text is not a number that a port has.
    """
    number = _whole(text)
    if not 0 <= number <= _LAST_PORT:
        raise UsageError(f"--port takes 0 to {_LAST_PORT}, not {text}")
    return int(number)


def rate(text: str) -> float:
    """A learning rate, such as `1e-3`.

    Raises:
        UsageError: the text is not a number above zero and at most a thousand.
    """
    return _above_zero(text, _MOST_RATE, "a learning rate: a number above zero, as in 1e-3")


def points(text: str) -> float:
    """Percentage points of accuracy, such as `0.5`.

    Raises:
        UsageError: the text is not a number above zero and at most 50.
    """
    return _above_zero(text, _MOST_POINTS, f"a margin: percentage points above zero, {_MOST_POINTS:g} at most")


def _above_zero(text: str, most: float, what: str) -> float:
    value = _number(text)
    if not 0 < value <= most:
        raise UsageError(f"'{text}' is not {what}")
    return value


def percent(text: str) -> float:
    """A share in percent, such as `5`; `tolerance_of` has its limits.

    Raises:
        UsageError: the text is not a number.
    """
    value = _number(text)
    if math.isnan(value):
        raise UsageError(f"'{text}' is not a number of percent, such as 5")
    return value


def _number(text: str) -> float:
    """The number that a text is, infinite where it is too large; NaN of another text."""
    return float(text) if _NUMBER.fullmatch(text.strip()) else math.nan


def _whole(text: str) -> float:
    """The whole number that a text of digits is, infinite where it has too many; NaN of another text."""
    number = whole_number(text)
    return number if number is not None else math.inf if text.isascii() and text.isdigit() else math.nan

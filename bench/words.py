"""Phrases for people that several rooms share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate


def cells(number: int) -> str:
    """`1 cell`, `7 cells`."""
    return "1 cell" if number == 1 else f"{number} cells"


def comparisons(number: int) -> str:
    """`1 comparison`, `7 comparisons`."""
    return "1 comparison" if number == 1 else f"{number} comparisons"


def hypotheses(number: int) -> str:
    """`1 hypothesis`, `7 hypotheses`."""
    return "1 hypothesis" if number == 1 else f"{number} hypotheses"


def images_are(number: int) -> str:
    """`1 image is`, `7 images are`."""
    return "1 image is" if number == 1 else f"{number} images are"


def in_bytes(size: int) -> str:
    """A number of bytes in three digits at most: `12 kB`, `1.2 GB`, `340 GB`."""
    number, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while number >= 999.5 and len(units) > 1:
        number /= 1000
        del units[0]
    return f"{number:.0f} {units[0]}" if units[0] == "B" or number >= 9.95 else f"{number:.1f} {units[0]}"


def lasting(seconds: float) -> str:
    """Wall time as it can be known beforehand: `under 1 s`, `48 s`, `8 min`, `2 h 15 min`."""
    if seconds < 1:
        return "under 1 s"
    if seconds < 90:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def about(seconds: float) -> str:
    """Wall time in a sentence: `about 8 min`, `under 1 s`."""
    return f"about {lasting(seconds)}" if seconds >= 1 else lasting(seconds)


def shortened(text: str, most: int) -> str:
    """The text in one line of at most `most` characters: cut after a sentence, or after a word, before `...`."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    room = line[: most - len(" ...") + 1]  # with the character behind it, which may be a space
    sentence = max(room.rfind(f"{mark} ") for mark in ".!?;") + 1
    end = sentence if sentence > most // 2 else room.rfind(" ")
    return f"{room[:end] if end > 0 else room[:-1]} ..."


def moment(text: str) -> str:
    """An ISO 8601 moment to the minute, such as `2026-01-02 03:04 UTC`; empty where none is given."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if text else ""


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; nothing of nothing."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def in_room(names: Sequence[str], room: int = 100) -> str:
    """As many of the names as so many characters hold, one at least, and how many more there are."""
    lengths = accumulate(len(name) + 2 for name in names)
    return few(names, max(1, sum(length <= room + 2 for length in lengths)))


def few(names: Sequence[str], most: int = 3) -> str:
    """The first of the names, and how many more there are: `a, b, c and 4 more`."""
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return " and ".join([", ".join(names[:most]), *more])

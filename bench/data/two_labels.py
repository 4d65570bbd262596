"""Pictures of the user's own with several labels: whatever the answer, it does not match all of them."""

from __future__ import annotations

from collections.abc import Sequence

from bench.data.digests import is_read
from bench.data.images import ImageFiles


def two_labels(files: ImageFiles, contents: Sequence[str]) -> tuple[str, ...]:
    """One line for each such picture, in the order of the files: `cat/1.jpg is both cat and dog (also dog/7.jpg)`.

    Args:
        files: the data set.
        contents: size and digest of each file, equal for equal pictures; empty where it takes no part.
    """
    first: dict[str, int] = {}
    several = {
        content
        for content, label in zip(contents, files.labels, strict=True)
        if content and is_read(content) and first.setdefault(content, label) != label
    }
    places: dict[str, list[int]] = {}
    for place, content in enumerate(contents):
        if content in several:
            places.setdefault(content, []).append(place)
    return tuple(_line(files, found) for found in places.values())


def _line(files: ImageFiles, places: Sequence[int]) -> str:
    *others, last = dict.fromkeys(files.names[files.labels[place]] for place in places)
    paths = list(dict.fromkeys(files.relative(place) for place in places))
    also = f" (also {', '.join(paths[1:])})" if paths[1:] else ""
    return f"{paths[0]} is {'both ' if len(others) == 1 else ''}{', '.join(others)} and {last}{also}"

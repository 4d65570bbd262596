"""Advice on a model that failed, in our own words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bench.declare.declarations import Architecture
from bench.errors import text_of
from bench.network.building import build_untouched, other_dtypes
from bench.network.sizes import nearest_resolution
from bench.network.subject import NEEDS_TWO, classes_of

_OPERATORS = re.compile(
    r"Couldn't load custom C\+\+ ops|operator torchvision::\w+ does not exist|'torchvision::\w+'"
)
"""Parts of torch's and torchvision's messages where a C++ operator of torchvision is called but missing."""
_DTYPE = re.compile(r"\b(d?type|dtypes)\b")


@dataclass(frozen=True)
class Advice:
    """One sentence of advice, and whether it is about the input's size."""

    words: str
    is_of_size: bool = False
    """Whether the model runs at its own size, but not at the one that was asked for."""


def advice_on(error: Exception, item: Architecture, resolution: int | None) -> Advice | None:
    """Advice on an architecture's error; None where nothing is known beyond the error's own text.

    Args:
        error: the error that was raised.
        item: the architecture.
        resolution: side of its input, in pixels; None where no size was asked for.
    """
    if _OPERATORS.search(text_of(error)):
        return Advice(f"'{item.name}' needs torchvision's C++ operators, which this installation lacks")
    if NEEDS_TWO in text_of(error):
        return Advice(f"'{item.name}' normalises maps of one pixel by the batch, which takes two pictures or more")
    if _DTYPE.search(text_of(error)):
        others = other_dtypes(build_untouched(item.build, classes_of(item)))
        if others:
            words = f"'{item.name}' has weights of {others}, and pictures are of float32: build it in float32"
            return Advice(words)
    return None if resolution is None else _advice_on_size(item, resolution)


def _advice_on_size(item: Architecture, resolution: int) -> Advice | None:
    try:
        nearest = nearest_resolution(item, resolution)
    except LookupError as found:
        return Advice(str(found))
    if nearest is None:
        return None
    words = f"'{item.name}' does not run at {resolution} px, and the nearest size that works is {nearest} px"
    return Advice(words, is_of_size=resolution != item.resolution)

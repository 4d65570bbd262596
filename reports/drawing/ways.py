"""Style of ways of learning in every chart: a colour for the start, a shape for what is trained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reports.drawing import style

START_COLOURS: Mapping[str, str] = {
    "random": style.GREY,
    "MNIST": "#0072B2",
    "ImageNet": "#D55E00",
    "other": "#009E73",
}
"""Colours by what the weights have seen before."""
TRAINED_SYMBOLS: Mapping[str, str] = {
    "whole network": "circle",
    "upper layers": "triangle-up",
    "head only": "diamond",
    "nothing": "x",
}
"""Shapes by the part of a network that learns."""


def key_entries(starts: Iterable[str], trained: Iterable[str], augmented: str) -> Iterator[dict[str, Any]]:
    """Traces that show nothing but their entry in the legend.

    Args:
        starts: those that the chart has.
        trained: the same of what is trained.
        augmented: words for augmentation; empty where none is drawn.
    """
    for start in starts:
        yield _entry(f"start: {start}", START_COLOURS[start], "square")
    for part in trained:
        yield _entry(f"trained: {part}", style.GREY, TRAINED_SYMBOLS[part])
    if augmented:
        yield _entry(augmented, style.GREY, "circle-open")


def _entry(name: str, colour: str, symbol: str) -> dict[str, Any]:
    marker = {"color": colour, "symbol": symbol, "size": 9}
    return {"x": [None], "y": [None], "mode": "markers", "name": name, "marker": marker}

"""Chooses which points of a scatter chart get their name beside them, so that names do not cover each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

_CHARACTER = 6.0
_LINE = 13.0
_GAP = 4.0
_APART = 4.0
"""Pixels that a name keeps from the points of others."""
_STEP = 6.0
"""Pixels between the places of a line."""
SIDES = (
    "middle right",
    "middle left",
    "top center",
    "bottom center",
    "top right",
    "bottom right",
    "top left",
    "bottom left",
)
"""Places of a name, the best first."""


@dataclass(frozen=True)
class MarkerPoint:
    """A marker on the drawing area, in pixels from its lower left corner."""

    x: float
    y: float
    radius: float
    text: str


@dataclass(frozen=True)
class _LabelBox:
    left: float
    bottom: float
    right: float
    top: float

    def wider(self, by: float) -> _LabelBox:
        return _LabelBox(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def meets(self, other: _LabelBox) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


def pixels(values: Sequence[float], length: float) -> list[float]:
    """Positions on an axis of `length` pixels that spans the values with plotly's margin of about 5 %."""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    return [length * (0.05 + 0.9 * (value - low) / span) for value in values]


def along(corners: Sequence[tuple[float, float]]) -> Iterator[MarkerPoint]:
    """Places on a line through these corners, in pixels: handed to `place`, they keep names clear of the line."""
    for (x, y), (x2, y2) in pairwise(corners):
        count = 1 + int(max(abs(x2 - x), abs(y2 - y)) / _STEP)
        for i in range(count + 1):
            yield MarkerPoint(x + (x2 - x) * i / count, y + (y2 - y) * i / count, 0.0, "")


def place(points: Sequence[MarkerPoint], width: float, allowed: Sequence[str] = SIDES) -> list[str]:
    """plotly's `textposition` for each point, empty where its name has no room; earlier points go first."""
    marks = [_marker(point) for point in points]
    names: list[_LabelBox] = []
    sides: list[str] = []
    for i, point in enumerate(points):
        if not point.text:
            sides.append("")
            continue
        # a name that is as near to another point would be taken for that one's
        others = [*names, *(box.wider(_APART) for j, box in enumerate(marks) if j != i)]
        side, box = _free_side(point, others, width, allowed)
        sides.append(side)
        names += [box] if box else []
    return sides


def _free_side(
    point: MarkerPoint, taken: Iterable[_LabelBox], width: float, allowed: Sequence[str]
) -> tuple[str, _LabelBox | None]:
    boxes = list(taken)
    for side in allowed:
        box = _label(point, side)
        if box.left >= 0 and box.right <= width and not any(box.meets(other) for other in boxes):
            return side, box
    return "", None


def _marker(point: MarkerPoint) -> _LabelBox:
    r = point.radius
    return _LabelBox(point.x - r, point.y - r, point.x + r, point.y + r)


def _label(point: MarkerPoint, side: str) -> _LabelBox:
    length = _CHARACTER * len(point.text)
    reach = point.radius + _GAP
    if side == "middle right":
        return _LabelBox(point.x + reach, point.y - _LINE / 2, point.x + reach + length, point.y + _LINE / 2)
    if side == "middle left":
        return _LabelBox(point.x - reach - length, point.y - _LINE / 2, point.x - reach, point.y + _LINE / 2)
    corner = 0.7 * reach
    height, _, hand = side.partition(" ")
    if hand in ("left", "right"):
        left = point.x - corner - length if hand == "left" else point.x + corner
        low = point.y + corner if height == "top" else point.y - corner - _LINE
        return _LabelBox(left, low, left + length, low + _LINE)
    bottom = point.y + reach if side == "top center" else point.y - reach - _LINE
    return _LabelBox(point.x - length / 2, bottom, point.x + length / 2, bottom + _LINE)

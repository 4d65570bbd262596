"""Words about the causes of a verdict, and the difference between two profiles as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from bench.compare.causes.difference import PYTHON, Cause, Difference, ProfilePart
from bench.compare.verdict import Comparison
from reports import formats

if TYPE_CHECKING:
    import plotly.graph_objects as go

_FEW = 3
"""Causes of each kind that lines tell of."""
_ROOT = "all"
_ROW = 34
"""Pixels of a row of the chart."""
_COLOURS = ((0.0, "#0072B2"), (0.5, "#DDDDDD"), (1.0, "#D55E00"))


def few(causes: Sequence[Cause]) -> list[Cause]:
    """The first of each kind."""
    kinds = dict.fromkeys(cause.kind for cause in causes)
    return [cause for kind in kinds for cause in [item for item in causes if item.kind == kind][:_FEW]]


def line(cause: Cause) -> str:
    """A cause in one line: `96 % layer block (Block), aten::conv2d: 1.2 ms → 3.3 ms`."""
    kind = "" if cause.kind == "tensor" else f"{cause.kind} "
    return f"{100 * cause.share:.0f} % {kind}{cause.name}: {sides(cause.base, cause.head, cause.unit)}"


def lines(item: Comparison) -> list[str]:
    """The first causes of each kind, a line each."""
    return [line(cause) for cause in few(item.causes)]


def sides(base: float | None, head: float | None, unit: str) -> str:
    """Figures of base and head, of which one side may have none."""
    before, after = ("none" if value is None else formats.quantity(value, unit) for value in (base, head))
    return f"{before} → {after}"


def icicle(difference: Difference) -> go.Figure:
    """Where the difference lies, from the network down to its operators.

    Each box is as wide as the larger of both sides, and coloured by head less base as a share of the whole
    difference.
    """
    import plotly.graph_objects as go

    boxes = _boxes(difference)
    whole = abs(boxes[_ROOT].head - boxes[_ROOT].base) or 1.0
    drawn = go.Figure(
        go.Icicle(
            ids=[escape(name, quote=False) for name in boxes],
            labels=[escape(box.label, quote=False) for box in boxes.values()],
            parents=[escape(box.parent, quote=False) for box in boxes.values()],
            values=[box.width for box in boxes.values()],
            branchvalues="total",
            customdata=[escape(box.about(difference.unit, whole), quote=False) for box in boxes.values()],
            hovertemplate="<b>%{id}</b><br>%{customdata}<extra></extra>",
            sort=False,
            tiling={"orientation": "v", "pad": 1},
            textposition="middle center",
            marker={
                "colors": [100 * (box.head - box.base) / whole for box in boxes.values()],
                "coloraxis": "coloraxis",
            },
        )
    )
    bar = {"title": {"text": "Share of the difference"}, "ticksuffix": " %", "thickness": 12}
    depth = 1 + max(name.count("/") for name in boxes)
    return drawn.update_layout(
        height=80 + _ROW * depth,
        margin={"l": 8, "r": 8, "t": 16, "b": 16},
        uniformtext={"minsize": 9, "mode": "hide"},
        coloraxis={"colorscale": _COLOURS, "cmin": -100, "cmax": 100, "colorbar": bar},
    )


class _Box:
    """A box of the chart: a layer with all that is in it, or an item of one."""

    def __init__(self, label: str, parent: str) -> None:
        self.label = label
        self.parent = parent
        self.base = self.head = self.width = 0.0

    def add(self, part: ProfilePart) -> None:
        """Count a part that lies in it."""
        base, head = part.base or 0.0, part.head or 0.0
        self.base, self.head, self.width = self.base + base, self.head + head, self.width + max(base, head)

    def about(self, unit: str, whole: float) -> str:
        """Figures of the box in words."""
        share = 100 * (self.head - self.base) / whole
        return f"{sides(self.base, self.head, unit)}; {share:+z.0f} % of the difference"


def _boxes(difference: Difference) -> dict[str, _Box]:
    """Boxes by their place, each behind the one that holds it; a box is as wide as those within it together."""
    boxes = {_ROOT: _Box(f"all: {sides(difference.base, difference.head, difference.unit)}", "")}
    for part in difference.parts:
        boxes[_ROOT].add(part)
        place = _ROOT
        names = part.path.split(".") if part.path else []
        labels = [*names, _item(part)]
        if names and part.type:
            labels[-2] = f"{labels[-2]} ({part.type})"
        for name, label in zip([*names, _item(part)], labels, strict=True):
            inner = f"{place}/{name}"
            box = boxes.setdefault(inner, _Box(label, place))
            box.label = max(box.label, label, key=len)  # of a layer its class is known from its own items alone
            box.add(part)
            place = inner
    return boxes


def _item(part: ProfilePart) -> str:
    return "Python" if part.item == PYTHON else part.item

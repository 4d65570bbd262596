"""Differences in rows, grouped by network: two columns of labels beside them, on a phone one with headings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from bench.statistics.intervals import Interval
from reports.charts._texts import cut
from reports.drawing import style
from reports.learning.effects import Effect
from reports.learning.telling.labels import Label

ROW = 26
"""Pixels of a row, of which a phone takes more where a label has two lines."""
_PHONE_ROW = 32
_PHONE_LETTERS = 22
_BAND = "rgba(138, 138, 138, 0.18)"
"""Behind differences that are within the margin."""
_LETTERS = 56
"""Most letters of a label: pointing at the row shows the whole label."""


@dataclass(frozen=True)
class Mark:
    """A difference and its bounds, in points."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, mean: float, interval: Interval | None) -> Mark:
        """Mark of values that are shares of one; without an interval the bounds are the mean itself, so there are
        no whiskers."""
        low, high = (interval.low, interval.high) if interval else (mean, mean)
        return cls(100 * mean, 100 * low, 100 * high)


@dataclass(frozen=True)
class ForestLine:
    """A comparison in its row."""

    effect: Effect
    label: Label
    mark: Mark

    @property
    def key(self) -> str:
        """Name of the row where it stands alone."""
        return f"{self.label.network}: {self.label.comparison}"

    @property
    def far_apart(self) -> bool:
        """Whether few seeds leave it undecided although the accuracies' intervals do not meet."""
        return bool(self.effect.found and self.effect.found.far_apart and self.effect.answer == "undecided")


@dataclass(frozen=True)
class PooledRow:
    """The effect over all networks, and what stands in the columns of networks and of comparisons."""

    mark: Mark
    networks: str
    label: str

    @property
    def key(self) -> str:
        """Name of the row where it stands alone."""
        return f"{self.networks}: {self.label}"


def mark_of(effect: Effect) -> Mark | None:
    """Mark of an effect in a chart; None without a pair."""
    return Mark.of(effect.found.mean, effect.found.interval) if effect.found else None


def whiskers(marks: Sequence[Mark]) -> dict[str, Any]:
    """The bounds of marks, as plotly draws them."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [mark.high - mark.mean for mark in marks],
        "arrayminus": [mark.mean - mark.low for mark in marks],
        "thickness": 1.3,
    }


def telling(lines: Sequence[ForestLine], most: int) -> tuple[ForestLine, ...]:
    """At most so many lines: decided ones first, and the largest differences first among these and the others."""

    def rank(line: ForestLine) -> tuple[bool, float]:
        decided = line.effect.answer in ("helps", "hurts") or line.far_apart
        return not decided, -abs(line.mark.mean)

    return tuple(sorted(lines, key=rank)[:most])


def grouped(lines: Iterable[ForestLine]) -> tuple[tuple[str, tuple[ForestLine, ...]], ...]:
    """Lines by network, the largest gain first in each; networks by the mean of their gains."""
    networks: dict[str, list[ForestLine]] = {}
    for line in lines:
        networks.setdefault(line.label.network, []).append(line)
    by_gain = {name: tuple(sorted(some, key=lambda line: -line.mark.mean)) for name, some in networks.items()}
    return tuple(sorted(by_gain.items(), key=lambda item: -sum(x.mark.mean for x in item[1]) / len(item[1])))


def forest(
    groups: Sequence[tuple[str, Sequence[ForestLine]]], pooled: PooledRow | None, margin: float, note: str = ""
) -> go.Figure:
    """The rows from the top, and below them the pooled effect.

    Args:
        groups: the rows of each network.
        pooled: the row of all networks.
        margin: points to either side of zero that are not a difference.
        note: remark below the axis.
    """
    figure = go.Figure()
    for trace in _traces([line for _, lines in groups for line in lines]):
        figure.add_scatter(**trace)
    keys, texts, firsts = [], [], {}
    for name, lines in groups:
        firsts[lines[0].key] = _bold(name)
        keys += [line.key for line in lines]
        texts += [cut(line.label.comparison, _LETTERS) for line in lines]
    if pooled:
        figure.add_scatter(**_pooled(pooled))
        firsts[pooled.key] = f"<b>{pooled.networks}</b>"
        keys, texts = [*keys, pooled.key], [*texts, pooled.label]
    # an axis needs a trace to be drawn
    figure.add_scatter(x=[None], y=keys[:1], yaxis="y2", showlegend=False, hoverinfo="skip")
    second = {"overlaying": "y", "side": "left", "anchor": "free", "autoshift": True, "shift": -10}
    plain = {"showgrid": False, "showline": False, "ticks": "", "automargin": True}
    shapes, title = _shapes(margin), f"Difference (points; grey band: within {margin:g})"
    between = [_separator(len(keys) - keys.index(key) - 0.5) for key in list(firsts)[1:]]
    figure.update_layout(
        height=ROW * len(keys) + 150,
        yaxis={**_rows(keys, dict(zip(keys, texts, strict=True))), "ticks": ""},
        yaxis2={**_rows(keys, firsts), **second, **plain},
        xaxis={"title": {"text": joined_lines(title, note)}},
        shapes=[*shapes, *between],
        meta={"narrow": _narrow(keys, texts, firsts, joined_lines(title, note)) | {"shapes": shapes}},
    )
    return figure


def joined_lines(*texts: str) -> str:
    """Lines of a text of plotly, without empty ones."""
    return "<br>".join(text for text in texts if text)


def _rows(keys: Sequence[str], texts: Mapping[str, str]) -> dict[str, Any]:
    """An axis of rows from the top, some with texts."""
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(keys)[::-1],
        "range": [-0.7, len(keys) - 0.3],
        "tickmode": "array",
        "tickvals": list(texts),
        "ticktext": list(texts.values()),
    }


def _narrow(keys: Sequence[str], texts: Sequence[str], firsts: Mapping[str, str], title: str) -> dict[str, Any]:
    """The layout of a phone: each network's name in a row of its own above its rows."""
    labels: dict[str, str] = {}
    for key, text in zip(keys, texts, strict=True):
        if key in firsts:
            labels[f"above {key}"] = "<br>".join(wrap(firsts[key], _PHONE_LETTERS + len("<b></b>")))
        labels[key] = "<br>".join(
            wrap(text, _PHONE_LETTERS, max_lines=2, placeholder=" …", break_on_hyphens=False)
        )
    lines = [line for part in title.split("<br>") for line in wrap(part, _PHONE_LETTERS + 6)]
    return {
        "yaxis": {**_rows(list(labels), labels), "tickfont": {"size": 11}},
        "yaxis2": {"visible": False},
        "xaxis": {"title": {"text": "<br>".join(lines)}},
        "height": _PHONE_ROW * len(labels) + 190 + 18 * len(lines),
    }


def _shapes(margin: float) -> list[dict[str, Any]]:
    """The band of what is not a difference, and the line of zero."""
    upright = {"yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    band = {"type": "rect", "x0": -margin, "x1": margin, "fillcolor": _BAND, "line": {"width": 0}}
    zero = {"type": "line", "x0": 0, "x1": 0, "line": {"color": style.GREY, "width": 1}}
    return [{**band, **upright}, {**zero, **upright}]


def _bold(network: str) -> str:
    """The name of a network, of what stands behind it set off."""
    name, comma, rest = network.partition(", ")
    return f"<b>{name}</b>{comma}{rest}"


def _separator(at: float) -> dict[str, Any]:
    line = {"color": style.GREY, "width": 0.5, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "layer": "below", "line": line}


def _traces(lines: Sequence[ForestLine]) -> Iterator[dict[str, Any]]:
    """The rows of each answer, with the mark of it."""
    for answer, (colour, symbol) in style.VERDICTS.items():
        some = [line for line in lines if line.effect.answer == answer and not line.far_apart]
        if some:
            yield _dots(some, answer, colour, symbol)
    if apart := [line for line in lines if line.far_apart]:
        # the colour and the mark of what it would be with more seeds, not filled
        looks = [style.VERDICTS["helps" if line.mark.mean > 0 else "hurts"] for line in apart]
        words = sorted({line.effect.told.partition(": ")[2] for line in apart})
        yield _dots(apart, " or ".join(words), [c for c, _ in looks], [f"{symbol}-open" for _, symbol in looks])


def _dots(
    lines: Sequence[ForestLine], name: str, colour: str | Sequence[str], symbol: str | Sequence[str]
) -> dict[str, Any]:
    return {
        "x": [line.mark.mean for line in lines],
        "y": [line.key for line in lines],
        "mode": "markers",
        "name": name,
        "marker": {"color": colour, "symbol": symbol, "size": 10, "line": {"width": 2, "color": colour}},
        # plotly knows one colour for all bars of a trace, and warns of several
        "error_x": whiskers([line.mark for line in lines])
        | {"color": colour if isinstance(colour, str) else style.GREY},
        "customdata": [_note(line) for line in lines],
        "meta": style.opens(line.effect.architecture for line in lines),
        "hovertemplate": "%{y}<br><b>%{x:+.1f} points</b>%{customdata}<extra></extra>",
    }


def _note(line: ForestLine) -> str:
    effect, mark = line.effect, line.mark
    bounds = f" [{mark.low:+z.1f}, {mark.high:+z.1f}]" if mark.low < mark.high else ""
    pairs = effect.found.n if effect.found else 0
    return f"{bounds}<br>{effect.told}, {pairs} pair{'' if pairs == 1 else 's'}<br>{effect.condition}"


def _pooled(pooled: PooledRow) -> dict[str, Any]:
    colour, symbol = style.POOLED
    return {
        "x": [pooled.mark.mean],
        "y": [pooled.key],
        "mode": "markers",
        "name": "over networks (95 %)",
        "marker": {"color": colour, "symbol": symbol, "size": 14},
        "error_x": whiskers([pooled.mark]),
        "hovertemplate": "%{y}<br><b>%{x:+.1f} points</b>, random effects<extra></extra>",
    }

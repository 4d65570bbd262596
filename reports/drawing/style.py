"""Style of charts: Okabe and Ito's colours, one shape per provenance, one template that all figures share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from bench.compare.experiments.answers import Answer
from reports.drawing.eras import Era

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A8A8A", "#B8A900")
"""Okabe and Ito (2008); black is grey and yellow is darker, so that both are seen on dark and on light paper."""
GREY = "#8A8A8A"
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "x", "star")
HEAT = "Cividis"
"""Colours of heat maps: read alike with every kind of colour vision (Nunez et al. 2018), and in grey."""
MEASURED = "circle"
NOISY = "circle-open"
"""Measured while something else disturbed it."""
PUBLISHED = "diamond"
PUBLISHED_OTHERWISE = "diamond-open"
"""Published under another protocol than the rest of the chart."""
VERDICTS: dict[Answer, tuple[str, str]] = {
    "helps": ("#009E73", "triangle-up"),
    "no difference": ("#0072B2", "square"),
    "undecided": (GREY, "circle-open"),
    "hurts": ("#D55E00", "triangle-down"),
}
"""Colour and mark of an answer, which differ on paper without colours, too."""
ERA_COLOURS: dict[Era, str] = {
    "classic": "#E69F00",
    "residual and scaled": "#0072B2",
    "attention": "#CC79A7",
}
"""One hue per era; a network without counted layers is grey. Families are told by labels, not by colours."""
POOLED = ("#CC79A7", "diamond")
"""The same of an effect over all networks."""
TEMPLATE: dict[str, Any] = {
    "layout": {
        "colorway": list(COLOURS),
        "font": {"family": "system-ui, sans-serif", "size": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 64, "r": 16, "t": 28, "b": 48},
        "hoverlabel": {"align": "left"},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.03, "x": 0, "itemsizing": "constant"},
        "xaxis": {"automargin": True, "zeroline": False, "showline": True, "ticks": "outside", "ticklen": 4},
        "yaxis": {"automargin": True, "zeroline": False, "showline": True, "ticks": "outside", "ticklen": 4},
    }
}
"""The colours of text and lines are the page's to set, for light and for dark."""


def colours(names: Iterable[str]) -> dict[str, str]:
    """A colour per name in order of appearance; they repeat after eight."""
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(dict.fromkeys(names))}


def opens(names: Iterable[str]) -> dict[str, list[str]]:
    """The `meta` of a trace whose points open the cards of these architectures when they are clicked on.

    Args:
        names: names by point, in the order of the points; empty for a point that opens none.
    """
    return {"cards": list(names)}


@dataclass(frozen=True)
class SeriesLook:
    """Look that tells a series apart, with and without colour vision."""

    colour: str
    symbol: str


def looks(names: Iterable[str]) -> dict[str, SeriesLook]:
    """A look per name in order of appearance, without the grey of keys; they repeat after 56.

    Charts of one page give all names of the run, those that they do not draw too: so each looks the same in all.
    """
    palette = [colour for colour in COLOURS if colour != GREY]
    return {
        name: SeriesLook(palette[i % len(palette)], SYMBOLS[i % len(SYMBOLS)])
        for i, name in enumerate(dict.fromkeys(names))
    }


def panels(count: int, columns: int) -> dict[str, Any]:
    """Rows, columns and specs for plotly's `make_subplots`: so many panels row by row, and no empty ones.

    plotly would draw empty panels' axes, and warn in the console of what they should share.
    """
    rows = -(-count // columns)
    specs: list[list[dict[str, Any] | None]] = [
        [{} if row * columns + col < count else None for col in range(columns)] for row in range(rows)
    ]
    return {"rows": rows, "cols": columns, "specs": specs}


def title_below(figure: go.Figure, text: str, count: int, columns: int) -> None:
    """Name the x axis below the lowest panel of each column."""
    for i in range(max(0, count - columns), count):
        figure.update_xaxes(title_text=text, row=i // columns + 1, col=i % columns + 1)


def room_for_titles(figure: go.Figure) -> None:
    """Keep the legend clear of the titles of panels."""
    figure.update_layout(legend_y=1 + 34 / (figure.layout.height - 150))
    figure.update_annotations(font_size=12)


def shape_key(figure: go.Figure, *entries: tuple[str, str]) -> None:
    """Explain shapes in the legend: (symbol, meaning)."""
    for symbol, meaning in entries:
        figure.add_scatter(
            x=[None], y=[None], mode="markers", name=meaning, marker={"symbol": symbol, "color": GREY, "size": 9}
        )


def name_eras(figure: go.Figure, firsts: Mapping[Era, int], count: int) -> None:
    """Each era with its colour above the plot, from its first place to that of the next era.

    Args:
        figure: a figure with years as names along its x axis.
        firsts: place of the first network of each era, in the order of time.
        count: places along the axis.
    """
    nexts = [*list(firsts.values())[1:], count]
    for (era, first), following in zip(firsts.items(), nexts, strict=False):
        figure.add_annotation(
            text=f'<span style="color:{ERA_COLOURS[era]}">\N{BLACK CIRCLE}</span> {era}',
            x=(first + max(first, following - 1)) / 2,
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=4,
            showarrow=False,
            font={"size": 10},
        )

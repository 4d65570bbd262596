"""The published errors over the years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import FEWEST, NoData, chart
from reports.charts.evolution import FIRST
from reports.drawing import style
from reports.drawing.eras import Era, eras
from reports.drawing.scatter import Ball, add_all_balls
from reports.drawing.ticks import linear_axis, year_axis
from reports.drawing.views import switchable
from reports.tidy.frame import SINGLE_CROP, Frames, rows_of

_HEIGHT = 360
_QUANTITIES = {"top5_error": "Top-5 error", "top1_error": "Top-1 error"}
Row = Mapping[str, Any]


def fall_told(frames: Frames) -> str:
    """Sentence on the fall of the best error so far, under the protocol that is shown first."""
    views = _views(frames)
    if not views:
        return ""
    (quantity, protocol), rows = views[0]
    best = _best(rows)
    if len(best) < FEWEST - 1:
        return ""
    ends = [f"{row['value']:.1f} % ({row['architecture']}, {row['year']})" for row in (best[0], best[-1])]
    return f"The best published {_QUANTITIES[quantity].lower()} ({protocol}) falls from {' to '.join(ends)}"


@chart(title="Published error against year", section="evolution", finding=fall_told)
def error_against_year(frames: Frames) -> go.Figure:
    """Published errors on ImageNet, one protocol at a time; the line is the best error so far."""
    views = _views(frames)
    if not views:
        raise NoData("no protocol under which three architectures of this run have a published error and a year")
    names = list(dict.fromkeys(row["architecture"] for _, rows in views for row in rows))
    era = eras(frames)
    return switchable(
        [
            (f"{_QUANTITIES[quantity]}, {protocol}", _drawn(rows, names, era, _QUANTITIES[quantity]))
            for (quantity, protocol), rows in views
        ],
        "Shown",
    )


def _views(frames: Frames) -> list[tuple[tuple[str, str], list[Row]]]:
    """The errors of each quantity and protocol that enough networks have; those of a single crop first."""
    dated = frames.published[frames.published["year"].notna() & frames.published["quantity"].isin(_QUANTITIES)]
    dated = dated.drop_duplicates(["architecture", "quantity", "protocol"])
    found: dict[tuple[str, str], list[Row]] = {
        (str(quantity), str(protocol)): list(rows_of(part))
        for (protocol, quantity), part in dated.groupby(["protocol", "quantity"], sort=False)
        if len(part) >= FEWEST
    }
    order = list(_QUANTITIES)
    return sorted(
        found.items(), key=lambda item: (item[0][1] != SINGLE_CROP, -len(item[1]), order.index(item[0][0]))
    )


def _best(rows: Sequence[Row]) -> list[Row]:
    """The best of each year that has a lower error than all years before, by year."""
    found: list[Row] = []
    for row in sorted(rows, key=lambda row: (row["year"], row["value"])):
        if not found or row["value"] < found[-1]["value"]:
            found.append(row)
    return found


def _drawn(rows: Sequence[Row], names: Sequence[str], era: Mapping[str, Era], title: str) -> go.Figure:
    figure = make_subplots(rows=1, cols=1)
    best = _best(rows)
    end = max(int(row["year"]) for row in rows)
    steps = [*((row["year"], row["value"]) for row in best), (end, best[-1]["value"])]
    figure.add_scatter(
        x=[int(year) for year, _ in steps],
        y=[error for _, error in steps],
        mode="lines",
        name="best so far",
        line={"color": style.GREY, "width": 2, "shape": "hv"},
        hoverinfo="skip",
    )
    by_name = {row["architecture"]: row for row in rows}
    named = {row["architecture"] for row in best}
    balls = [_ball(name, by_name.get(name), era.get(name), named=name in named) for name in names]
    sides = ("bottom left", "top right", "middle right")
    add_all_balls(figure, balls, height=_HEIGHT, sides=sides)
    figure.update_layout(height=_HEIGHT + 120)
    years = [int(row["year"]) for row in rows]
    figure.update_xaxes(title_text=FIRST, **year_axis(range(min(years), max(years) + 1)))
    figure.update_yaxes(title_text=f"{title}, published", **linear_axis([row["value"] for row in rows], "%"))
    return figure


def _ball(name: str, row: Row | None, era: Era | None, *, named: bool) -> Ball:
    """A ball without an error under this protocol, which keeps its place among the others and is not drawn."""
    if row is None:
        return Ball(name, era, None, None, style.PUBLISHED, "", named=False)
    told = f"{row['year']}, published: {row['value']:.2f} %<br>{row['protocol']}, {row['resolution']} px"
    year = float(row["year"])
    return Ball(name, era, year, row["value"], style.PUBLISHED, f"{told}<br>{row['source']}", named=named)

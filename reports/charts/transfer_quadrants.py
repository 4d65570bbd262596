"""Charts on when and how to fine-tune: every strategy in the four quadrants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from bench.compare.experiments.advice import Advice
from reports.charts import NoData, chart
from reports.drawing import style
from reports.learning.quadrants import JudgedAdvice, Strategy, judged
from reports.learning.telling.ways import strategy_word
from reports.tables.transfer_quadrants import quadrant_name, strategy_row
from reports.tidy.frame import Frames

VERDICTS: tuple[Advice, ...] = ("confirmed", "refuted", "undecided")
ADVISED, OTHER = "star", "circle"
MARGIN = 0.06
"""Margin to either side, as a share of the accuracies' range."""
SIZES, LIKENESSES = ("small", "large"), ("similar", "different")
COLUMNS = 2
"""Columns of panels: with all four quadrants the sizes stand side by side and the likenesses below each other."""
_PANEL, _ROW = 90, 26
"""Pixels of a panel without its strategies, and of a strategy."""


def advice_told(frames: Frames) -> str:
    """Sentence on the number of tasks in which the advice was confirmed or refuted."""
    found = Counter(item.verdict for item in judged(frames) if item.strategies)
    if not found:
        return ""
    words = ", ".join(f"{verdict} in {found[verdict]}" for verdict in VERDICTS if found[verdict])
    total = found.total()
    return f"Whether to fine-tune: the lecture's advice is {words} of {total} task{'' if total == 1 else 's'}"


@chart(
    title="The lecture's advice in the four quadrants", section="transfer", needs=("top1",), finding=advice_told
)
def quadrants(frames: Frames) -> go.Figure:
    """Mean test accuracy of every strategy with its 95 % interval; stars mark what the lecture advises there."""
    found = [item for item in judged(frames) if item.strategies]
    if not found:
        raise NoData("no two ways of transfer were measured in a quadrant")
    places = [(likeness, size) for likeness in LIKENESSES for size in SIZES]
    every = [[i for i in found if (i.quadrant["likeness"], i.quadrant["size"]) == place] for place in places]
    groups = [items for items in every if items]
    columns = min(COLUMNS, len(groups))
    lines = -(-len(groups) // columns)
    figure = make_subplots(
        **style.panels(len(groups), columns),
        subplot_titles=[_title(items) for items in groups],
        horizontal_spacing=0.05,
        vertical_spacing=0.32 / lines,
        shared_yaxes=True,
    )
    colour = style.colours(_task(item) for item in found)
    shown: set[str] = set()
    for i, items in enumerate(groups):
        place = {"row": i // columns + 1, "col": i % columns + 1}
        for item in items:
            name = _task(item)
            figure.add_scatter(**_dots(item, name, colour[name]), showlegend=name not in shown, **place)
            shown.add(name)
        # grouped dots would have plotly begin at zero
        figure.update_xaxes(range=_range(items), **place)
    style.shape_key(figure, (ADVISED, "advised"), (OTHER, "not advised"))
    rows = max(len(item.strategies) for item in found) * max(len(items) for items in groups)
    figure.update_layout(height=lines * (_PANEL + _ROW * rows) + 150, scattermode="group", scattergap=0.3)
    style.room_for_titles(figure)
    style.title_below(figure, "Test accuracy (%)", len(groups), columns)
    figure.update_yaxes(autorange="reversed")
    return figure


def _task(item: JudgedAdvice) -> str:
    return f"{item.quadrant['architecture']}, {item.quadrant['weights']}"


def _title(items: Sequence[JudgedAdvice]) -> str:
    """The quadrant with its verdicts."""
    verdicts = [
        f"{i.quadrant['target']}, {i.quadrant['shots'] or 'all'} images per class: {i.verdict}" for i in items
    ]
    return "<br>".join([f"<b>{quadrant_name(items[0])}</b>", *verdicts])


def _strategy(strategy: Strategy) -> str:
    """A way of transfer in words, with what of it is unusual."""
    mode = str(strategy.rows[0]["mode"])
    return strategy_word(mode) + strategy.name.removeprefix(mode)


def _range(items: Sequence[JudgedAdvice]) -> tuple[float, float]:
    """Range from the lowest to the highest bound, in percent, with a margin."""
    rows = [strategy_row(strategy) for item in items for strategy in item.strategies]
    low = min(row.get("Accuracy low", row["Accuracy"]) for row in rows)
    high = max(row.get("Accuracy high", row["Accuracy"]) for row in rows)
    margin = MARGIN * (high - low) + 0.5
    return low - margin, high + margin


def _dots(item: JudgedAdvice, name: str, colour: str) -> dict[str, object]:
    rows = [strategy_row(strategy) for strategy in item.strategies]
    return {
        "x": [row["Accuracy"] for row in rows],
        "y": [_strategy(strategy) for strategy in item.strategies],
        "mode": "markers",
        "name": name,
        "legendgroup": name,
        "offsetgroup": name,
        "orientation": "h",
        "marker": {
            "color": colour,
            "size": [12 if row["Advised"] else 8 for row in rows],
            "symbol": [ADVISED if row["Advised"] else OTHER for row in rows],
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [row.get("Accuracy high", row["Accuracy"]) - row["Accuracy"] for row in rows],
            "arrayminus": [row["Accuracy"] - row.get("Accuracy low", row["Accuracy"]) for row in rows],
            "thickness": 1.2,
        },
        "customdata": [f"n = {row['n']}; {row['Interval']}" for row in rows],
        "meta": style.opens([item.quadrant["architecture"]] * len(rows)),
        "hovertemplate": f"<b>%{{y}}</b> ({name})<br>%{{x:.1f}} %<br>%{{customdata}}<extra></extra>",
    }

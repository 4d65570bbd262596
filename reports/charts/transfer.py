"""Charts of the accuracy from transfer learning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import chart
from reports.charts._texts import cut
from reports.drawing import style
from reports.drawing.ways import START_COLOURS, TRAINED_SYMBOLS, key_entries
from reports.learning.accuracy import best_scenarios
from reports.learning.scenarios import NO_AUGMENTATION, joined, trainings
from reports.learning.telling.ways import (
    STARTS,
    TRAINED,
    Start,
    Trained,
    source_word,
    start_from,
    strategy_word,
    trained_of,
    way_told,
)
from reports.tables.transfer import scenarios
from reports.tidy.frame import Frames, rows_of

_LANE = 17
"""Pixels of a scenario."""
_GAP = 0.7
"""Gap between networks, as a share of a lane."""
_MIDDLE = 50
"""Percent: points beyond it have their words on their left."""
_PHONE_LETTERS = 38
"""Most letters of the smallest print across a phone's plot."""


def best_told(frames: Frames) -> str:
    """The accuracy on test images of each target's best scenario, which validation images choose."""
    good = trainings(frames)
    parts = []
    for rows in best_scenarios(frames, good[good["value"].notna()]):
        first = rows_of(rows.head(1))[0]
        words = joined(way_told(first), str(first["setting"]))
        accuracy = f"{100 * rows['value'].mean():.1f} %"
        parts.append(f"{accuracy} on {first['target']} ({first['architecture']}, {words})")
    return f"Best on validation images: {'; '.join(parts)}" if 0 < len(parts) < 4 else ""


@chart(title="Accuracy by scenario", section="transfer", needs=("top1",), finding=best_told)
def scenario_accuracy(frames: Frames) -> go.Figure:
    """Mean accuracy on test images with its 95 % interval, the best of each network first; dotted: chance."""
    rows = told_scenarios(frames)
    targets = list(dict.fromkeys(rows["Target"]))
    panels = {target: _placed(rows[rows["Target"] == target]) for target in targets}
    sizes = [panel.height for panel in panels.values()]
    figure = make_subplots(
        rows=len(targets),
        cols=1,
        shared_xaxes=True,
        row_heights=sizes,
        vertical_spacing=min(0.08, 60 / (_LANE * sum(sizes) + 200)),
        subplot_titles=[f"Target: {target}" for target in targets],
    )
    words = list[dict[str, Any]]()
    for i, panel in enumerate(panels.values(), start=1):
        for _, group in panel.rows.groupby(["start", "part"], sort=False):
            figure.add_scatter(**_dots(group), row=i, col=1)
        words += _words(panel.rows, "" if i == 1 else str(i))
        chance = panel.rows["Chance"].iloc[0]
        figure.add_vline(x=chance, line={"dash": "dot", "color": style.GREY}, row=i, col=1)
        figure.update_yaxes(**panel.axis, row=i, col=1)
    augmented = "open, +: with augmentation" if (rows["Augmentation"] != NO_AUGMENTATION).any() else ""
    figure.add_traces([go.Scatter(entry) for entry in key_entries(*seen(rows["start"], rows["part"]), augmented)])
    figure.update_layout(height=round(_LANE * sum(sizes) + 70 * len(targets) + 130))
    style.room_for_titles(figure)
    titles = figure.to_plotly_json()["layout"]["annotations"]
    narrow = [word | {"text": _cut(word)} for word in words]
    figure.update_layout(
        annotations=[*titles, *words],
        meta={"narrow": {"annotations": [*titles, *narrow], "height": round(1.15 * figure.layout.height)}},
    )
    figure.update_xaxes(range=[0, 101])
    figure.update_xaxes(title_text="Test accuracy (%)", row=len(targets), col=1)
    return figure


def told_scenarios(frames: Frames) -> pd.DataFrame:
    """The scenarios that have an accuracy, in the order of the plan, with what charts say and show of them."""
    rows = scenarios(frames)
    first = {row["scenario"]: row for row in rows_of(trainings(frames).drop_duplicates("scenario"))}
    ways = [first[name] for name in rows["Scenario"]]
    rows = rows.assign(
        start=[start_from(str(way["weights"])) for way in ways],
        part=[trained_of(str(way["mode"])) for way in ways],
        way=[way_told(way) for way in ways],
        source=[source_word(str(way["weights"])) for way in ways],
        strategy=[joined(strategy_word(str(way["mode"])), str(way["rare"])) for way in ways],
    )
    return rows[rows["Accuracy"].notna()]


def seen(starts: Iterable[str], parts: Iterable[str]) -> tuple[list[Start], list[Trained]]:
    """Starts and trained parts that occur, in the order of the key."""
    here, trained = set(starts), set(parts)
    return [start for start in STARTS if start in here], [part for part in TRAINED if part in trained]


@dataclass(frozen=True)
class LanePanel:
    """The scenarios of a target in their lanes."""

    rows: pd.DataFrame
    names: Sequence[str]
    middles: Sequence[float]
    height: float
    """Height in lanes."""

    @property
    def axis(self) -> dict[str, object]:
        """A lane of names, from the top."""
        names = [name.replace(", ", "<br>", 1) for name in self.names]
        place = {"tickmode": "array", "tickvals": list(self.middles), "ticktext": names}
        return {**place, "range": [self.height - 0.5, -0.8], "showgrid": False, "ticks": ""}


def _placed(rows: pd.DataFrame) -> LanePanel:
    """Panel with each network's scenarios one below the other, the best first."""
    lane, parts, names, middles = 0.0, [], [], []
    for name, group in rows.groupby("Row", sort=False):
        some = group.sort_values("Accuracy", ascending=False, kind="stable")
        lanes = [lane + i for i in range(len(some))]
        parts.append(some.assign(lane=lanes))
        names.append(str(name))
        middles.append((lanes[0] + lanes[-1]) / 2)
        lane = lanes[-1] + 1 + _GAP
    return LanePanel(pd.concat(parts), names, middles, lane - _GAP)


def _dots(group: pd.DataFrame) -> dict[str, object]:
    """Scenarios that start alike and train the same."""
    start: Start = group["start"].iloc[0]
    part: Trained = group["part"].iloc[0]
    symbol = TRAINED_SYMBOLS[part]
    bare = group["Augmentation"] == NO_AUGMENTATION
    return {
        "x": group["Accuracy"],
        "y": group["lane"],
        "mode": "markers",
        "name": f"{start}, {part}",
        "showlegend": False,
        "marker": {
            "color": START_COLOURS[start],
            "size": 8,
            "symbol": [symbol if flag else f"{symbol}-open" for flag in bare],
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (group["Accuracy high"] - group["Accuracy"]).fillna(0),
            "arrayminus": (group["Accuracy"] - group["Accuracy low"]).fillna(0),
            "thickness": 1.2,
            "width": 3,
        },
        "customdata": [_note(row) for row in rows_of(group)],
        "meta": style.opens(group["Architecture"]),
        "hovertemplate": "<b>%{x:.1f} %</b><br>%{customdata}<extra></extra>",
    }


def _words(rows: pd.DataFrame, axis: str) -> list[dict[str, Any]]:
    """Words beside each interval, on the side that has room."""
    return [_word(row, axis) for row in rows_of(rows)]


def _word(row: dict[str, Any], axis: str) -> dict[str, Any]:
    is_left = row["Accuracy"] > _MIDDLE
    edge = row["Accuracy low" if is_left else "Accuracy high"]
    return {
        "x": row["Accuracy"] if pd.isna(edge) else edge,
        "y": row["lane"],
        "xref": f"x{axis}",
        "yref": f"y{axis}",
        "xanchor": "right" if is_left else "left",
        "xshift": -7 if is_left else 7,
        "text": short_way(row),
        "font": {"size": 10},
        "showarrow": False,
    }


def _cut(word: dict[str, Any]) -> str:
    """The words that a phone has room for; pointing at the mark shows all."""
    room = word["x"] if word["xanchor"] == "right" else 100 - word["x"]
    return cut(word["text"], round(_PHONE_LETTERS * room / 100))


def short_way(row: dict[str, Any]) -> str:
    """The strategy of a scenario, with its augmentation."""
    augmentation = row["Augmentation"]
    return str(row["strategy"]) + ("" if augmentation == NO_AUGMENTATION else f" + {augmentation}")


def _note(row: dict[str, Any]) -> str:
    return (
        f"{row['Row']}, {row['way']}<br>augmentation: {row['Augmentation']}<br>n = {row['n']}; "
        f"started: {row['Started']}<br>interval: {row['Interval']}"
    )

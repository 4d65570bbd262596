"""What transfer learning gives."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import chart
from reports.drawing import style
from reports.learning.scenarios import NO_AUGMENTATION, trainings
from reports.tables.transfer import scenarios
from reports.tidy.frame import Frames


@chart(title="Accuracy by scenario", section="transfer", needs=("top1",))
def scenario_accuracy(frames: Frames) -> go.Figure:
    """Mean test accuracy with its 95 % interval; the dotted line is chance."""
    rows = scenarios(frames)
    rows = rows[rows["Accuracy"].notna()]
    targets = list(dict.fromkeys(rows["Target"]))
    looks = style.looks(trainings(frames)["scenario"])
    sizes = [max(1, len(rows[rows["Target"] == target])) for target in targets]
    figure = make_subplots(
        rows=len(targets),
        cols=1,
        shared_xaxes=True,
        row_heights=sizes,
        vertical_spacing=min(0.08, 60 / (14 * sum(sizes) + 200)),
        subplot_titles=[f"Target: {target}" for target in targets],
    )
    shown: set[str] = set()
    for i, target in enumerate(targets, start=1):
        part = rows[rows["Target"] == target]
        augmented = part["Augmentation"] != NO_AUGMENTATION
        for (scenario, changed), group in part.groupby([part["Scenario"], augmented], sort=False):
            name = str(scenario)
            figure.add_scatter(
                **_dots(group, name, looks[name], f"{name} {changed}"), showlegend=name not in shown, row=i, col=1
            )
            shown.add(name)
        figure.add_vline(x=part["Chance"].iloc[0], line={"dash": "dot", "color": style.GREY}, row=i, col=1)
        figure.update_yaxes(autorange="reversed", row=i, col=1)
    style.shape_key(figure, ("circle", "filled: without augmentation"), ("circle-open", "open: with augmentation"))
    figure.update_layout(height=14 * sum(sizes) + 70 * len(targets) + 180, scattermode="group", scattergap=0.25)
    style.room_for_titles(figure)
    figure.update_xaxes(title_text="Test accuracy (%)", row=len(targets), col=1)
    return figure


def _dots(group: pd.DataFrame, name: str, look: style.Look, place: str) -> dict[str, object]:
    bare = group["Augmentation"] == NO_AUGMENTATION
    notes = zip(group["Augmentation"], group["n"], group["Started"], group["Interval"], strict=True)
    return {
        "x": group["Accuracy"],
        "y": group["Row"],
        "mode": "markers",
        "name": name,
        "legendgroup": name,
        "offsetgroup": place,
        "orientation": "h",
        "marker": {
            "color": look.colour,
            "size": 8,
            "symbol": [look.symbol if flag else f"{look.symbol}-open" for flag in bare],
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (group["Accuracy high"] - group["Accuracy"]).fillna(0),
            "arrayminus": (group["Accuracy"] - group["Accuracy low"]).fillna(0),
            "thickness": 1.2,
            "width": 3,
        },
        "customdata": [
            f"augmentation: {augmentation}<br>n = {n}; started: {started}<br>interval: {interval}"
            for augmentation, n, started, interval in notes
        ],
        "hovertemplate": f"<b>%{{y}}</b> {name}<br>%{{x:.1f}} %<br>%{{customdata}}<extra></extra>",
    }


@chart(title="Map of accuracy", section="transfer", needs=("top1",))
def accuracy_map(frames: Frames) -> go.Figure:
    """Mean test accuracy (%) of each scenario with each augmentation; its interval shows when pointed at."""
    rows = scenarios(frames)
    rows = rows[rows["Accuracy"].notna()]
    targets = list(dict.fromkeys(rows["Target"]))
    augmentations = list(dict.fromkeys(rows["Augmentation"]))
    rows = rows.assign(name=[f"{row}, {way}" for row, way in zip(rows["Row"], rows["Scenario"], strict=True)])
    names = {target: list(dict.fromkeys(rows.loc[rows["Target"] == target, "name"])) for target in targets}
    sizes = [len(names[target]) for target in targets]
    height = 22 * sum(sizes) + 60 * len(targets) + 120
    figure = make_subplots(
        rows=len(targets),
        cols=1,
        row_heights=sizes,
        vertical_spacing=min(0.9 / max(1, len(targets) - 1), 60 / (height - 120)) if len(targets) > 1 else 0,
        subplot_titles=[f"Target: {target}" for target in targets],
    )
    for i, target in enumerate(targets, start=1):
        part = rows[rows["Target"] == target]
        figure.add_trace(_tiles(part, names[target], augmentations), row=i, col=1)
        figure.update_yaxes(autorange="reversed", row=i, col=1)
    figure.update_layout(height=height, coloraxis={"colorscale": style.HEAT, "colorbar": {"title": "%"}})
    figure.update_annotations(font_size=12)
    figure.update_xaxes(title_text="Augmentation", row=len(targets), col=1)
    return figure


def _tiles(part: pd.DataFrame, names: list[str], augmentations: list[str]) -> go.Heatmap:
    cells = {(row["name"], row["Augmentation"]): row for _, row in part.iterrows()}
    grid = [[cells.get((name, augmentation)) for augmentation in augmentations] for name in names]
    return go.Heatmap(
        x=augmentations,
        y=names,
        z=[[None if cell is None else cell["Accuracy"] for cell in row] for row in grid],
        text=[["" if cell is None else f"{cell['Accuracy']:.1f}" for cell in row] for row in grid],
        texttemplate="%{text}",
        customdata=[["" if cell is None else _note(cell) for cell in row] for row in grid],
        hovertemplate="%{y}<br>augmentation %{x}: <b>%{z:.1f} %</b> %{customdata}<extra></extra>",
        coloraxis="coloraxis",
        hoverongaps=False,
        xgap=1,
        ygap=1,
    )


def _note(row: pd.Series) -> str:
    if pd.isna(row.get("Accuracy low")):
        return f"(n = {row['n']}, interval: {row['Interval']})"
    return f"[{row['Accuracy low']:.1f}, {row['Accuracy high']:.1f}]<br>n = {row['n']}, {row['Interval']}"

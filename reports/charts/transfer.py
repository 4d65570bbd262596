"""What transfer learning gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports import style
from reports.charts import NoData, chart
from reports.effects import NO_AUGMENTATION, Effect, augmentation_effects, pretraining_effects
from reports.frame import Frames
from reports.tables.transfer import scenarios


@chart(title="Accuracy by scenario", section="transfer", needs=("top1",))
def scenario_accuracy(frames: Frames) -> go.Figure:
    """Mean test accuracy with its 95 % interval; the dotted line is chance."""
    rows = scenarios(frames)
    rows = rows[rows["Accuracy"].notna()]
    targets = list(dict.fromkeys(rows["Target"]))
    rows = rows.assign(scenario=rows["Mode"] + " (" + rows["Weights"] + ")")
    colour = style.colours(rows["scenario"])
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
        for scenario, group in part.groupby("scenario", sort=False):
            name = str(scenario)
            figure.add_scatter(**_dots(group, name, colour[name]), showlegend=name not in shown, row=i, col=1)
            shown.add(name)
        figure.add_vline(x=part["Chance"].iloc[0], line={"dash": "dot", "color": style.GREY}, row=i, col=1)
        figure.update_yaxes(autorange="reversed", row=i, col=1)
    style.shape_key(figure, ("circle", "without augmentation"), ("circle-open", "with augmentation"))
    figure.update_layout(height=14 * sum(sizes) + 70 * len(targets) + 180, scattermode="group", scattergap=0.25)
    style.room_for_titles(figure)
    figure.update_xaxes(title_text="Test accuracy (%)", row=len(targets), col=1)
    return figure


def _dots(group: pd.DataFrame, name: str, colour: str) -> dict[str, object]:
    bare = group["Augmentation"] == NO_AUGMENTATION
    notes = zip(group["Augmentation"], group["n"], group["Started"], group["Interval"], strict=True)
    return {
        "x": group["Accuracy"],
        "y": group["Architecture"],
        "mode": "markers",
        "name": name,
        "legendgroup": name,
        "offsetgroup": name,
        "orientation": "h",
        "marker": {"color": colour, "size": 8, "symbol": ["circle" if flag else "circle-open" for flag in bare]},
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


@chart(title="Effect of augmentation", section="transfer", needs=("top1",))
def augmentation_effect(frames: Frames) -> go.Figure:
    """Accuracy with less without, paired by fold and seed, with the 95 % interval of each difference alone."""
    return _forest(augmentation_effects(frames), "no cell was trained both with and without augmentation")


@chart(title="Effect of pretraining", section="transfer", needs=("top1",))
def pretraining_effect(frames: Frames) -> go.Figure:
    """Accuracy fine-tuned from a checkpoint less from scratch, paired by fold and seed."""
    return _forest(
        pretraining_effects(frames), "no architecture was trained both from a checkpoint and from scratch"
    )


def _forest(effects: Sequence[Effect], nothing: str) -> go.Figure:
    if not effects:
        raise NoData(nothing)
    names = [f"{e.architecture} → {e.target}<br>{e.treatment} ({e.condition})" for e in effects]
    figure = go.Figure()
    for verdict, (colour, symbol) in style.VERDICTS.items():
        chosen = [(name, e.difference) for name, e in zip(names, effects, strict=True)]
        chosen = [(name, difference) for name, difference in chosen if difference.verdict == verdict]
        means = [100 * difference.mean for _, difference in chosen]
        bounds = [difference.interval for _, difference in chosen]
        figure.add_scatter(
            x=means,
            y=[name for name, _ in chosen],
            mode="markers",
            name=verdict,
            marker={"color": colour, "symbol": symbol, "size": 10},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [100 * b.high - m if b else 0 for b, m in zip(bounds, means, strict=True)],
                "arrayminus": [m - 100 * b.low if b else 0 for b, m in zip(bounds, means, strict=True)],
                "thickness": 1.4,
            },
            customdata=[f"n = {difference.n} pairs" for _, difference in chosen],
            hovertemplate=f"%{{y}}<br><b>%{{x:+.1f}} points</b>: {verdict}, %{{customdata}}<extra></extra>",
        )
    figure.add_vline(x=0, line={"color": style.GREY, "width": 1})
    figure.update_layout(height=150 + 36 * len(names), meta={"long_names": True})
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], range=[-0.7, len(names) - 0.3])
    figure.update_xaxes(title_text="Difference in accuracy (points)")
    return figure


@chart(title="Learning curves", section="transfer", needs=("top1",))
def learning_curves(frames: Frames) -> go.Figure:
    """Validation accuracy while training, mean over folds and seeds."""
    return _curves(frames, "val", "Validation accuracy (%)", lambda share: 100 * share)


@chart(title="Training loss", section="transfer", needs=("top1",))
def loss_curves(frames: Frames) -> go.Figure:
    """Loss on the training batches, mean over folds and seeds."""
    return _curves(frames, "loss", "Training loss", lambda loss: loss)


def _curves(frames: Frames, column: str, label: str, convert: Callable[[float], float]) -> go.Figure:
    points = frames.curves.dropna(subset=[column])
    if points.empty:
        raise NoData("no training of this run kept a curve")
    points = points.assign(
        panel=points["architecture"] + "<br>→ " + points["target"],
        scenario=points["mode"] + " (" + points["weights"] + ")",
    )
    panels = list(dict.fromkeys(points["panel"]))
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=panels,
        vertical_spacing=0.3 / rows,
        horizontal_spacing=0.08,
        shared_yaxes="all",
    )
    colour = style.colours(points["scenario"])
    shown: set[str] = set()
    for (panel, scenario, augmentation), group in points.groupby(
        ["panel", "scenario", "augmentation"], sort=False
    ):
        mean = group.groupby("step")[column].mean()
        name = str(scenario)
        position = panels.index(str(panel))
        figure.add_scatter(
            x=mean.index,
            y=[convert(value) for value in mean],
            mode="lines",
            name=name,
            legendgroup=name,
            showlegend=name not in shown,
            line={"color": colour[name], "dash": "solid" if augmentation == NO_AUGMENTATION else "dash"},
            hovertemplate=(
                f"{name}, augmentation {augmentation}<br>step %{{x}}: %{{y:.2f}}, "
                f"n = {group['key'].nunique()}<extra></extra>"
            ),
            row=position // columns + 1,
            col=position % columns + 1,
        )
        shown.add(name)
    figure.add_scatter(
        x=[None], y=[None], mode="lines", name="with augmentation", line={"color": style.GREY, "dash": "dash"}
    )
    figure.update_layout(height=270 * rows + 120)
    style.room_for_titles(figure)
    figure.update_yaxes(title_text=label, col=1)
    figure.update_xaxes(title_text="Step", row=rows)
    return figure

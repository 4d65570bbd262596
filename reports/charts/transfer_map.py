"""Accuracy of every network in every way of learning, at one look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from reports.charts import chart
from reports.charts.transfer import told_scenarios
from reports.drawing import style
from reports.learning.scenarios import NO_AUGMENTATION
from reports.learning.telling.ways import STARTS
from reports.tidy.frame import Frames, rows_of

_LINE, _CELL = 15, 14
"""Pixels of a line in a cell, and of a cell beside its lines."""
_HEAD, _NARROW_HEAD = 135, 215
"""Pixels of a panel beside its cells, and on a phone: its title, and the names of its columns."""
_LETTERS, _NARROW_LETTERS = 13, 25
"""Most letters in a line of a column's name, on wide and on narrow pages."""
Cell = Mapping[str, Any]
Cells = Mapping[tuple[str, str], Mapping[str, Cell]]
"""Scenario of each augmentation, by row and column."""


@chart(title="Map of accuracy", section="transfer", needs=("top1",))
def accuracy_map(frames: Frames) -> go.Figure:
    """Mean accuracy on test images (%) by network and way of learning; below it the same with augmentation."""
    rows = told_scenarios(frames)
    targets = list(dict.fromkeys(rows["Target"]))
    parts = [_cells(rows[rows["Target"] == target]) for target in targets]
    heights = [_height(cells) for cells in parts]
    figure = make_subplots(rows=len(targets), cols=1)
    for i, cells in enumerate(parts, start=1):
        columns = _columns(cells)
        figure.add_trace(_tiles(cells, columns), row=i, col=1)
        figure.update_xaxes(tickvals=columns, showgrid=False, row=i, col=1)
        figure.update_yaxes(autorange="reversed", showgrid=False, row=i, col=1)
    titles = [_title(target, cells) for target, cells in zip(targets, parts, strict=True)]
    figure.update_layout(_placed(figure, titles, heights, _HEAD, _LETTERS))
    narrow = _placed(figure, titles, heights, _NARROW_HEAD, _NARROW_LETTERS)
    figure.update_layout(meta={"narrow": narrow})
    return figure


def _placed(
    figure: go.Figure, titles: Sequence[str], heights: Sequence[int], head: int, letters: int
) -> dict[str, Any]:
    """The layout that has so many pixels beside the cells of each panel, for names in lines of so many letters."""
    total = sum(heights) + head * len(heights)
    place: dict[str, Any] = {"height": total + 20, "margin": {"t": 50, "b": head - 50}, "annotations": []}
    inner, top = total - head + 20, 1.0
    is_narrow = head == _NARROW_HEAD
    for i, (title, height) in enumerate(zip(titles, heights, strict=True), start=1):
        number = "" if i == 1 else str(i)
        names = figure.layout[f"xaxis{number}"].tickvals
        texts = ["<br>".join(wrap(name, letters, break_on_hyphens=False)) for name in names]
        place[f"xaxis{number}"] = {"ticktext": texts, "tickangle": -90 if is_narrow else 0}
        place[f"yaxis{number}"] = {"domain": [max(0.0, top - height / inner), top]}
        for axis in ("xaxis", "yaxis"):
            place[f"{axis}{number}"]["tickfont"] = {"size": 10 if is_narrow else 12}
        place["annotations"].append(_heading(title, top) | {"xshift": -90 if is_narrow else 0})
        top -= (height + head) / inner
    return place


def _heading(title: str, top: float) -> dict[str, Any]:
    """Above a panel, from the left edge of its cells."""
    where = {"x": 0, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return {**where, "text": title, "align": "left", "showarrow": False, "font": {"size": 12}}


def _cells(rows: pd.DataFrame) -> Cells:
    found: dict[tuple[str, str], dict[str, Cell]] = {}
    for row in rows_of(rows):
        source = "" if row["strategy"].startswith("from scratch") else f"{row['source']}: "
        found.setdefault((row["Row"], source + row["strategy"]), {})[row["Augmentation"]] = row
    return found


def _columns(cells: Cells) -> list[str]:
    """Ways of learning by their start, from random weights on."""
    start = {column: STARTS.index(_shown(cell)["start"]) for (_, column), cell in cells.items()}
    return sorted(start, key=lambda column: start[column])


def _height(cells: Cells) -> int:
    """Pixels of all rows, each as high as its fullest cell."""
    names = list(dict.fromkeys(row for row, _ in cells))
    most = max(len(cell) for cell in cells.values())
    return len(names) * (_CELL + _LINE * most)


def _augmentations(cells: Cells) -> list[str]:
    return list(dict.fromkeys(name for cell in cells.values() for name in cell if name != NO_AUGMENTATION))


def _marks(names: Sequence[str]) -> dict[str, str]:
    """Mark of a figure for each augmentation, where there are several: the letters that tell them apart."""
    if len(names) < 2:
        return dict.fromkeys(names, "")
    length = next(n for n in range(1, 99) if len({name[:n] for name in names}) == len(names))
    return {name: name[:length] for name in names}


def _title(target: str, cells: Cells) -> str:
    low, high = _range(cells)
    title = f"<b>{target}</b>: colours from {low:.0f} to {high:.0f} %"
    marks = _marks(_augmentations(cells))
    if not marks:
        return title
    words = ", ".join(f"{mark}: {name}" if mark else name for name, mark in marks.items())
    return f"{title}<br>second figure: augmented ({words})"


def _range(cells: Cells) -> tuple[float, float]:
    shown = [_shown(cell)["Accuracy"] for cell in cells.values()]
    return min(shown), max(shown)


def _shown(cell: Mapping[str, Cell]) -> Cell:
    """The scenario that gives a cell its colour."""
    return cell.get(NO_AUGMENTATION) or next(iter(cell.values()))


def _tiles(cells: Cells, columns: Sequence[str]) -> go.Heatmap:
    names = list(dict.fromkeys(row for row, _ in cells))
    grid = [[cells.get((name, column)) for column in columns] for name in names]
    marks = _marks(_augmentations(cells))
    low, high = _range(cells)
    return go.Heatmap(
        x=list(columns),
        y=[name.replace(", ", "<br>", 1) for name in names],
        z=[[_shown(cell)["Accuracy"] if cell else None for cell in row] for row in grid],
        text=[[_text(cell, marks) if cell else "" for cell in row] for row in grid],
        texttemplate="%{text}",
        textfont={"size": 10},
        customdata=[[_note(cell) if cell else "" for cell in row] for row in grid],
        hovertemplate="<b>%{y}</b>, %{x}%{customdata}<extra></extra>",
        meta={"cards": [[_shown(cell)["Architecture"] if cell else "" for cell in row] for row in grid]},
        colorscale=style.HEAT,
        zmin=low,
        zmax=high,
        showscale=False,
        hoverongaps=False,
        xgap=1,
        ygap=1,
    )


def _text(cell: Mapping[str, Cell], marks: Mapping[str, str]) -> str:
    lines = [f"{cell[NO_AUGMENTATION]['Accuracy']:.1f}"] if NO_AUGMENTATION in cell else []
    for name, mark in marks.items():
        if name in cell:
            lines.append(
                f"{cell[name]['Accuracy']:.1f}<sup>{mark}</sup>" if mark else f"{cell[name]['Accuracy']:.1f}"
            )
    return "<br>".join(lines)


def _note(cell: Mapping[str, Cell]) -> str:
    return "".join(
        f"<br>augmentation {name}: <b>{row['Accuracy']:.1f} %</b> {_bounds(row)}" for name, row in cell.items()
    )


def _bounds(row: Cell) -> str:
    if pd.isna(row.get("Accuracy low")):
        return f"(n = {row['n']}, interval: {row['Interval']})"
    return f"[{row['Accuracy low']:.1f}, {row['Accuracy high']:.1f}], n = {row['n']}, {row['Interval']}"

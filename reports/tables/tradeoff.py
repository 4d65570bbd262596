"""Accuracy and cost side by side: the table behind the charts of the Pareto fronts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from reports.candidates.accuracies import OTHER_PROTOCOL
from reports.candidates.choice import ACCURACY
from reports.candidates.figures import CandidateFigure, Kind, key_of
from reports.candidates.found import Candidate, field_of
from reports.candidates.pareto import pareto_front
from reports.figures import auxiliary_heads
from reports.tables import Column, Short, table
from reports.tables.ordering import best_first, best_of_each
from reports.tidy.frame import Frames, rows_of

_COSTS = {"MACs": "macs", "Latency": "latency", "Peak memory": "memory", "Parameters": "parameters"}


def _cost(heading: str, unit: str, answers: bool = False) -> Column:
    bound = f"{heading} bound" if heading == "MACs" else ""
    return Column(heading, unit, status=f"{heading} status", bound=bound, answers=answers)


@table(
    title="Accuracy and cost",
    section="evolution",
    about=(
        "One row per architecture, kind of accuracy and device; costs are those at the input size of the "
        "accuracy. A front names the cost for which no other architecture does better."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Year", brief=False),
        Column("Accuracy", "%", answers=True),
        Column("Provenance", tells=True),
        Column("Of", tells=True),
        Column("Input", "px", tells=True),
        Column("Device", brief=False, tells=True),
        _cost("MACs", "1", answers=True),
        _cost("Latency", "s", answers=True),
        _cost("Peak memory", "B"),
        _cost("Parameters", "1"),
        Column("Auxiliary heads", "1", brief=False, optional=True),
        Column("On the front of"),
        Column("Protocol or scenario", brief=False),
    ),
    ordered=best_first("Accuracy", "Of", "Provenance", "Device"),
    short=Short("best of each kind", best_of_each("Of", "Provenance")),
    groups=("Of", "Provenance"),
)
def accuracy_and_cost(frames: Frames) -> pd.DataFrame:
    """Rows by kind of accuracy, in the order of the plan."""
    field = field_of(frames)
    heads = {row["architecture"]: auxiliary_heads(row) for row in rows_of(frames.measured("parameters"))}
    rows: list[dict[str, Any]] = []
    for kind in field.kinds:
        candidates = field.by_kind[kind.name]
        for device in field.devices or ("",):
            fronts = {heading: _front(candidates, key_of(name, device)) for heading, name in _COSTS.items()}
            found = [item for item in candidates if item.accuracy]
            rows += [
                {**_row(item, kind, device, fronts), "Auxiliary heads": heads.get(item.name)} for item in found
            ]
    return pd.DataFrame(rows)


def _front(candidates: Iterable[Candidate], cost: str) -> set[str]:
    points = [
        {"name": item.name, "cost": item.figures[cost].value, "accuracy": item.figures[ACCURACY].value}
        for item in candidates
        if cost in item.figures and ACCURACY in item.figures and not item.figures[cost].bound
    ]
    return set(pareto_front(pd.DataFrame(points, columns=["name", "cost", "accuracy"]), "cost")["name"])


def _row(item: Candidate, kind: Kind, device: str, fronts: Mapping[str, set[str]]) -> dict[str, Any]:
    accuracy = item.accuracy
    assert accuracy is not None
    note = accuracy.note.removeprefix("published, ").removeprefix("measured, ")
    return {
        "Architecture": item.name,
        "Year": item.year,
        "Accuracy": 100 * accuracy.value,
        "Provenance": accuracy.provenance,
        "Of": "ImageNet" if kind.published else kind.name,
        "Input": item.resolution,
        "Device": device,
        **_figures(item, device),
        "On the front of": ", ".join(_on_fronts(item, device, fronts)),
        "Protocol or scenario": note if ACCURACY in item.figures else f"{OTHER_PROTOCOL}: {note}",
    }


def _figures(item: Candidate, device: str) -> dict[str, Any]:
    keys = {heading: key_of(name, device) for heading, name in _COSTS.items()}
    found: dict[str, CandidateFigure | None] = {heading: item.figures.get(key) for heading, key in keys.items()}
    values: dict[str, Any] = {heading: figure.value if figure else None for heading, figure in found.items()}
    values |= {f"{heading} bound": figure.bound if figure else "" for heading, figure in found.items()}
    statuses = {
        heading: figure.status if figure else item.lacks.get(keys[heading], "")
        for heading, figure in found.items()
    }
    return values | {f"{heading} status": status for heading, status in statuses.items()}


def _on_fronts(item: Candidate, device: str, fronts: Mapping[str, set[str]]) -> Iterable[str]:
    """The costs on whose front it lies, marked where it does so by a noisy figure."""
    for heading, name in _COSTS.items():
        if item.name in fronts[heading]:
            status = item.figures[key_of(name, device)].status
            yield f"{heading} ({status})" if status else heading

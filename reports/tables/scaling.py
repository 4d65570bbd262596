"""Table of how cost grows along the axes that were swept: fitted exponents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.cell import unusual
from bench.statistics.intervals import PowerLaw, power_law
from reports.formats import NOISY
from reports.tables import Column, is_noisy, status_of, table
from reports.tidy.frame import Frames, rows_of
from reports.tidy.sizes import cost_rows

QUANTITIES = {"macs": "MACs", "latency": "latency", "peak_memory": "peak memory"}
CONDITIONS = ("precision", "memory_format", "execution", "autotune", "device", "threads")


@dataclass(frozen=True)
class ScalingSeries:
    """One quantity along one sweep, under one condition."""

    sweep: str
    title: str
    unit: str
    """Unit that the axis counts."""
    quantity: str
    conditions: str
    points: tuple[Mapping[str, Any], ...]
    """Points that have a figure: `x`, `y`, `low`, `high` (of y), `interval` (its kind) and `name`."""
    fit: PowerLaw | None
    """Fitted exponent; None where fewer than two points have a figure."""
    status: str
    """Status of points without a figure; empty where there is none."""
    incomplete: bool = False
    """Whether figures of points are only lower bounds."""
    noisy: bool = False
    """Whether figures of points were disturbed."""

    @property
    def meaning(self) -> str:
        """The exponent in words."""
        if self.fit is None:
            return ""
        times = 2**self.fit.exponent
        word = f"{times:.1f}" if times < 9.95 else f"{times:.0f}"
        return f"twice the {self.unit.partition(' (')[0]}: {word} times the {self.quantity}"


def conditions(cell: Mapping[str, Any]) -> str:
    """The conditions of a cell of cost beside its size and batch; the plain ones of a CPU are left out."""
    return ", ".join(unusual(cell))


def growth(frames: Frames) -> list[ScalingSeries]:
    """All series of all sweeps of the run, in their order."""
    cells = [cell for cell in cost_rows(frames) if cell["measure"] in QUANTITIES and cell["mode"] == "infer"]
    return [
        series
        for _, points in frames.points.groupby("sweep", sort=False)
        for series in _of_sweep(rows_of(points), cells)
    ]


@table(
    title="Growth of cost",
    section="cost",
    about=(
        "One row per quantity of a sweep: it grows about as this power of what is varied. With two points there "
        "is not an interval."
    ),
    columns=(
        Column("Sweep", tells=True),
        Column("Quantity", tells=True),
        Column("Conditions", brief=False, tells=True),
        Column("Exponent", "1", low="Low", high="High", status="Status", answers=True),
        Column("n"),
        Column("Range", brief=False),
        Column("Meaning", brief=False),
    ),
)
def scaling(frames: Frames) -> pd.DataFrame:
    """One row per sweep, quantity and condition; of one point alone only where others came to nothing."""
    return pd.DataFrame([_row(series) for series in growth(frames) if series.fit or series.status])


def _row(series: ScalingSeries) -> dict[str, Any]:
    fit = series.fit
    xs = [point["x"] for point in series.points]
    return {
        "Sweep": series.title,
        "Quantity": f"{series.quantity}, incomplete" if series.incomplete else series.quantity,
        "Conditions": series.conditions,
        "Exponent": fit.exponent if fit else None,
        "Low": fit.interval.low if fit and fit.interval else None,
        "High": fit.interval.high if fit and fit.interval else None,
        "Status": NOISY if fit and series.noisy else series.status,
        "n": len(xs),
        "Range": f"{min(xs):g} to {max(xs):g} {series.unit}" if xs else "",
        "Meaning": series.meaning,
    }


def _of_sweep(points: Sequence[Mapping[str, Any]], cells: Sequence[Mapping[str, Any]]) -> Iterator[ScalingSeries]:
    places = {(point["architecture"], point["resolution"]) for point in points}
    near = [cell for cell in cells if (cell["architecture"], cell["resolution"]) in places]
    counted = {_place(cell): cell for cell in reversed(near) if cell["measure"] == "macs"}
    if counted and (len(places) > 1 or any(cell["measure"] != "macs" for cell in near)):
        # of one picture, whatever the batch of the cell that counted them: over batches alone no news
        yield _series(points, "macs", "", [counted.get(_place(p)) for p in points], times_batch=True)
    for measure in ("latency", "peak_memory"):
        measured = [cell for cell in near if cell["measure"] == measure]
        for condition in dict.fromkeys(tuple(cell[name] for name in CONDITIONS) for cell in measured):
            group = [cell for cell in measured if tuple(cell[name] for name in CONDITIONS) == condition]
            by_point = {(*_place(cell), cell["batch"]): cell for cell in group}
            found = [by_point.get((*_place(point), point["batch"])) for point in points]
            if any(found):
                yield _series(points, measure, conditions(group[0]), found)


def _series(
    points: Sequence[Mapping[str, Any]],
    measure: str,
    condition: str,
    cells: Sequence[Mapping[str, Any] | None],
    times_batch: bool = False,
) -> ScalingSeries:
    shown = [
        {
            "x": float(point["x"]),
            "y": float(cell["value"]) * (int(point["batch"]) if times_batch else 1),
            "low": cell["low"],
            "high": cell["high"],
            "interval": cell["interval"],
            "noisy": is_noisy([cell]),
            "name": point["label"] or point["architecture"],
        }
        for point, cell in zip(points, cells, strict=True)
        if cell and not pd.isna(cell["value"]) and cell["value"] > 0
    ]
    distinct = {point["x"] for point in shown}
    return ScalingSeries(
        sweep=points[0]["sweep"],
        title=points[0]["title"],
        unit=points[0]["unit"],
        quantity=QUANTITIES[measure],
        conditions=condition,
        points=tuple(shown),
        fit=power_law([p["x"] for p in shown], [p["y"] for p in shown]) if len(distinct) > 1 else None,
        status=status_of([cell for cell in cells if cell and pd.isna(cell["value"])]),
        noisy=is_noisy(cell for cell in cells if cell),
        incomplete=any(cell["bound"] for cell in cells if cell),
    )


def _place(row: Mapping[str, Any]) -> tuple[str, int]:
    return row["architecture"], row["resolution"]

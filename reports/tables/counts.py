"""Tables of the counts of each architecture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.declare.nature import NO_FVCORE
from reports.figures import at_inference, auxiliary_heads
from reports.formats import quantity
from reports.tables import Column, status_of, table
from reports.tidy.columns import COUNTED
from reports.tidy.frame import Frames, rows_of

_ALONE = "torch's counter alone: "
"""Words of a count that the other counter takes no part in, before the reason."""
_MEASURES = {"Parameters": "parameters", "MACs": "macs", "Activations": "activations"}


def _by_one(row: Mapping[str, Any]) -> str:
    """What a terminal says of multiply-adds that fvcore could not count, too."""
    return "counted by torch's counter alone: no fvcore" if _is_without_fvcore(row["Counters agree"]) else ""


def _is_without_fvcore(agreement: object) -> bool:
    return isinstance(agreement, str) and agreement.startswith(f"{_ALONE}{NO_FVCORE}: ")


@table(
    title="Counts",
    section="evolution",
    measures=_MEASURES.values(),
    about=(
        "One row per architecture: what one pass of one image takes at the given input size. Parameters of "
        "auxiliary heads, which only training runs, are listed separately."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Family", brief=False),
        Column("Year", brief=False),
        Column("Input", "px", tells=True),
        Column("Parameters", "1", status="Parameters status", answers=True),
        Column("Auxiliary heads", "1", brief=False, optional=True),
        *(
            Column(
                heading,
                "1",
                status=f"{heading} status",
                bound=f"{heading} bound",
                answers=heading == "MACs",
                differs=_by_one if heading == "MACs" else lambda row: "",
            )
            for heading in ("MACs", "Activations")
        ),
        Column("Counters agree"),
    ),
)
def counts(frames: Frames) -> pd.DataFrame:
    """One row per architecture and input size that was counted, in the order of the plan."""
    cells = frames.records[frames.records["measure"].isin(_MEASURES.values())]
    wanted = [
        "architecture",
        "family",
        "year",
        "resolution",
        "measure",
        "status",
        "value",
        "bound",
        "agreement",
        "agreed",
        "only_counter",
        "noisy",
        "without_auxiliary",
    ]
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for cell in rows_of(cells[wanted]):
        row = rows.setdefault(
            (cell["architecture"], cell["resolution"]),
            {
                "Architecture": cell["architecture"],
                "Family": cell["family"],
                "Year": cell["year"],
                "Input": cell["resolution"],
            },
        )
        heading = next(name for name, measure in _MEASURES.items() if measure == cell["measure"])
        row[heading], row[f"{heading} bound"] = at_inference(cell), cell["bound"]
        if heads := auxiliary_heads(cell):
            row["Auxiliary heads"] = heads
        row[f"{heading} status"] = status_of([cell])
        if cell["measure"] == "macs":
            row["Counters agree"] = _counters(cell)
    return pd.DataFrame(list(rows.values()))


def _counters(cell: Mapping[str, Any]) -> str | None:
    """Statement of the count about its counters; one of an earlier version says whether they agree, if
    anything."""
    if not pd.isna(cell["agreement"]):
        return str(cell["agreement"])
    if pd.isna(cell["agreed"]):
        return None
    only = cell["only_counter"]
    alone = f"{_ALONE}{only}" if isinstance(only, str) and only else "no"
    return "yes" if cell["agreed"] else alone


def one_counter(frames: Frames) -> str:
    """How many multiply-adds are of torch's counter alone since fvcore could not count, and why; else empty."""
    begin = f"{_ALONE}{NO_FVCORE}: "
    told = [text for row in rows_of(frames.measured("macs")) if _is_without_fvcore(text := _counters(row) or "")]
    many = f"{len(told)} count{'s' * (len(told) != 1)} of multiply-adds"
    return f"{many} by torch's counter alone: {told[0].removeprefix(begin)}" if told else ""


def _differing_first(rows: pd.DataFrame) -> pd.DataFrame:
    columns = [rows[name] for name in ("Parameters agree", "MACs agree") if name in rows]
    differs = [any(not pd.isna(word) and word != "yes" for word in words) for words in zip(*columns, strict=True)]
    return rows.iloc[sorted(range(len(rows)), key=lambda i: not differs[i])]


@table(
    title="Counts beside published ones",
    section="evolution",
    about=(
        "One row per architecture: published counts beside the counts made here at the same input size. They "
        "agree where all published digits are the same."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Input", "px", brief=False, tells=True),
        Column("Parameters", "1", brief=False),
        Column("Parameters, published", "1", brief=False),
        Column("Parameters agree", answers=True),
        Column("MACs", "1", bound="MACs bound", brief=False),
        Column("MACs, published", "1", brief=False),
        Column("MACs agree", answers=True),
        Column("Source", brief=False),
    ),
    ordered=_differing_first,
)
def published_counts(frames: Frames) -> pd.DataFrame:
    """One row per architecture that was counted at the size that a published count belongs to."""
    cells = [cell for measure in COUNTED for cell in rows_of(frames.measured(measure))]
    counted = {_place(cell["architecture"], cell["measure"], cell["resolution"]): cell for cell in cells}
    rows: dict[str, dict[str, Any]] = {}
    for figure in rows_of(frames.published_counts):
        cell = counted.get(_place(figure["architecture"], figure["quantity"], figure["resolution"]))
        if cell is None:
            continue
        heading = next(name for name, measure in _MEASURES.items() if measure == figure["quantity"])
        row = rows.setdefault(
            figure["architecture"],
            {
                "Architecture": figure["architecture"],
                "Input": figure["resolution"],
                "Source": figure["source"],
            },
        )
        row[heading], row[f"{heading}, published"] = at_inference(cell), figure["value"]
        row[f"{heading} bound"] = cell["bound"]
        row[f"{heading} agree"] = _agreement(cell, figure)
    return pd.DataFrame(list(rows.values()))


def _place(architecture: str, measure: str, resolution: int) -> tuple[str, str, int]:
    """Sort key of a count; parameters are the same at every size."""
    return architecture, measure, 0 if measure == "parameters" else resolution


def _agreement(cell: Mapping[str, Any], figure: Mapping[str, Any]) -> str:
    """`yes`, the heads with which the counts are equal, or the difference."""
    if cell["bound"]:
        return f"no count of {cell['incomplete']}"
    counted = at_inference(cell)
    if _equal(counted, figure):
        return "yes"
    if _equal(cell["value"], figure):
        return f"with auxiliary heads ({quantity(cell['value'] - counted, '1')})"
    return f"no: {counted - figure['value']:+,.0f}"


def _equal(value: float, figure: Mapping[str, Any]) -> bool:
    return bool(abs(value - figure["value"]) <= figure["step"] / 2)

"""The lineage as tables."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import pandas as pd

from bench.cell import PLAIN, unusual
from reports.candidates.costs import elsewhere
from reports.figures import at_inference, auxiliary_heads
from reports.hosts import host_of
from reports.learning.scenarios import groups
from reports.tables import Column, Short, status_of, table
from reports.tables.cost import TIMINGS
from reports.tidy.frame import SINGLE_CROP, Frames, rows_of
from reports.tidy.sizes import headline

_BATCHES = {"Throughput": "Batch of throughput", "Training step": "Batch of training"}


def _measured(
    heading: str, unit: str, *, bounds: bool = True, brief: bool = True, answers: bool = False
) -> Column:
    low, high = (f"{heading} low", f"{heading} high") if bounds else ("", "")
    bound = f"{heading} bound" if heading == "MACs" else ""
    return Column(
        heading,
        unit,
        low=low,
        high=high,
        status=f"{heading} status",
        bound=bound,
        brief=brief,
        parted_by=_BATCHES.get(heading, ""),
        answers=answers,
    )


_COSTS = (
    ("Parameters", "parameters", ""),
    ("MACs", "macs", ""),
    ("Latency", "latency", "infer"),
    ("Throughput", "throughput", "infer"),
    ("Training step", "train_step", "train"),
    ("Peak memory, inference", "peak_memory", "infer"),
    ("Peak memory, training", "peak_memory", "train"),
)
"""Heading, measure, mode (empty: any)."""
_COST_COLUMNS = [
    "architecture",
    "measure",
    "mode",
    "resolution",
    "batch",
    "status",
    "value",
    "bound",
    "without_auxiliary",
    "low",
    "high",
    "noisy",
    "key",
    "threads",
    *PLAIN,
]
_ONE = ("architecture",)
_TOP5 = "Top-5 error, published"


def _protocol_of_top5(row: Mapping[str, Any]) -> str:
    """The protocol of the top-5 error where it is not the usual one."""
    if pd.isna(row[_TOP5]):
        return ""
    words = str(row["Protocol"])
    protocol = words.partition("Top-5: ")[2] if "Top-1: " in words else words
    return "" if protocol == SINGLE_CROP else protocol


def best_of_each_year(rows: pd.DataFrame) -> pd.DataFrame:
    """Row with the lowest published top-5 error of each year, by the usual protocol if there is one.

    The first row where no architecture of the year has an error, and all rows where none has a year.
    """
    dated = rows[rows["Year"].notna()]
    if dated.empty:
        return rows
    marks = dated.assign(unusual=[_protocol_of_top5(row) != "" for row in rows_of(dated)])
    ranked = marks.sort_values(["Year", "unusual", _TOP5], na_position="last", kind="stable")
    return rows.loc[ranked.drop_duplicates("Year").index]


@table(
    title="Evolution",
    section="evolution",
    about=(
        "One row per architecture and input size: what was measured here, and the published errors on ImageNet. "
        "Errors of different protocols cannot be compared."
    ),
    columns=(
        Column("Architecture", tells=True),
        Column("Year"),
        Column("Venue year", brief=False),
        Column("Input", "px", tells=True),
        _measured("Parameters", "1", bounds=False),
        Column("Auxiliary heads", "1", brief=False, optional=True),
        _measured("MACs", "1", bounds=False, answers=True),
        Column("Top-1 error, published", "%", brief=False),
        Column(_TOP5, "%", short="Top-5 err., publ.", differs=_protocol_of_top5, answers=True),
        Column("Protocol", brief=False),
        _measured("Latency", "s", answers=True),
        _measured("Throughput", "1/s", brief=False),
        Column("Batch of throughput", brief=False),
        _measured("Training step", "s"),
        Column("Batch of training", brief=False),
        _measured("Peak memory, inference", "B", bounds=False, brief=False),
        _measured("Peak memory, training", "B", bounds=False, brief=False),
        Column("Conditions", tells=True),
        Column("Source of the errors", brief=False),
    ),
    short=Short("the lowest error of each year", lambda rows, most: best_of_each_year(rows)),
)
def evolution(frames: Frames) -> pd.DataFrame:
    """One row per architecture that has a cost cell, and input size of its errors, in the order of the plan."""
    costs = frames.records[frames.records["kind"] == "cost"]
    costs = costs[~costs["architecture"].isin(frames.blocks)]
    rows: list[dict[str, Any]] = []
    published = {errors[0]["architecture"]: errors for errors in groups(rows_of(frames.published), _ONE)}
    lineage = {item["name"]: item for item in rows_of(frames.architectures)}
    shown = headline(frames)
    of_hosts = _of_hosts(costs[costs["key"].isin(shown)]) if len(frames.hosts) > 1 else ""
    for cells in groups(rows_of(costs[_COST_COLUMNS]), _ONE):
        name = cells[0]["architecture"]
        errors = published.get(name, ())
        own = lineage.get(name, {})
        for size in _sizes(cells, errors, own.get("resolution")):
            row: dict[str, Any] = {"Architecture": name, "Input": size}
            row |= {"Year": own.get("year"), "Venue year": own.get("venue_year")}
            for heading, measure, mode in _COSTS:
                of_measure = [c for c in cells if c["measure"] == measure and mode in ("", c["mode"])]
                row |= _cost(heading, of_measure, size, shown)
            timed = [c for c in cells if c["measure"] in TIMINGS and c["key"] in shown]
            row["Conditions"] = of_hosts or (", ".join(unusual(timed[0])) if timed else "")
            rows.append(row | _errors([error for error in errors if error["resolution"] == size]))
    return pd.DataFrame(rows)


def _sizes(
    cells: Sequence[Mapping[str, Any]], errors: Sequence[Mapping[str, Any]], own: int | None
) -> Sequence[int]:
    """The architecture's own and those of its errors, as far as costs were planned there.

    Where none was: that of its errors, to which no cost belongs, or of what was measured.
    """
    stated = [error["resolution"] for error in sorted(errors, key=lambda error: error["protocol"] != SINGLE_CROP)]
    planned = list(dict.fromkeys(cell["resolution"] for cell in cells if cell["measure"] != "parameters"))
    found = [size for size in planned if size in (own, *stated)]
    return found or [*stated, *planned, cells[0]["resolution"]][:1]


def _cost(heading: str, cells: Sequence[Mapping[str, Any]], size: int, shown: Container[str]) -> dict[str, Any]:
    """The first cell of this size that has a figure, else why none has; parameters are the same at all sizes.

    Only cells whose keys are `shown` are looked at.
    """
    alike = [cell for cell in cells if cell["key"] in shown]
    if cells and not alike:
        host, usual = host_of(cells[0]["device"]), ", ".join(unusual(cells[0])) or "the usual"
        return {heading: None, f"{heading} status": f"elsewhere, on {host}" if host else f"only with {usual}"}
    near = [cell for cell in alike if cell["resolution"] == size or cell["measure"] == "parameters"]
    first = next((cell for cell in near if not pd.isna(cell["value"])), None)
    if first is None:
        return {heading: None, f"{heading} status": status_of(near) or elsewhere(alike, size)}
    found = {
        heading: at_inference(first),
        f"{heading} status": status_of([first]) or "ok",
        f"{heading} bound": first["bound"],
    }
    found |= {f"{heading} low": first["low"], f"{heading} high": first["high"]}
    if heads := auxiliary_heads(first):
        found["Auxiliary heads"] = heads
    return found | ({_BATCHES[heading]: first["batch"]} if heading in _BATCHES else {})


def _of_hosts(cells: pd.DataFrame) -> str:
    """The conditions of what is shown, with its host: once, or where figures differ in them, those of each."""
    told = {
        heading: ", ".join(unusual(found[0]))
        for heading, measure, mode in _COSTS
        if mode and (found := rows_of(cells[(cells["measure"] == measure) & (cells["mode"] == mode)]))
    }
    distinct = set(told.values())
    each = "; ".join(f"{heading.lower()}: {words}" for heading, words in told.items())
    return each if len(distinct) > 1 else "".join(distinct)


def _errors(published: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    notes: dict[str, tuple[str, str]] = {}
    for label, quantity in (("Top-1", "top1_error"), ("Top-5", "top5_error")):
        figures = [figure for figure in published if figure["quantity"] == quantity]
        preferred = [figure for figure in figures if figure["protocol"] == SINGLE_CROP]
        figure = next(iter([*preferred, *figures]), None)
        found[f"{label} error, published"] = None if figure is None else figure["value"]
        if figure is not None:
            notes[label] = (figure["protocol"], figure["source"])
    for i, heading in enumerate(("Protocol", "Source of the errors")):
        words = {label: note[i] for label, note in notes.items()}
        same = len(set(words.values())) == 1
        each = "; ".join(f"{label}: {word}" for label, word in words.items())
        found[heading] = next(iter(words.values())) if same else each
    return found


@table(
    title="Lineage",
    section="evolution",
    about=(
        "One row per architecture: what it brought, and where it was published. The year is that of the first "
        "publication, a preprint where there is one."
    ),
    columns=(
        Column("Architecture"),
        Column("Family"),
        Column("Year"),
        Column("Venue year"),
        Column("Input", "px"),
        Column("Paper"),
        Column("Reduced form of"),
        Column("Idea", answers=True),
    ),
    cards=True,
    background=True,
)
def lineage(frames: Frames) -> pd.DataFrame:
    """One row per architecture of the run."""
    headings = {
        "name": "Architecture",
        "family": "Family",
        "year": "Year",
        "venue_year": "Venue year",
        "resolution": "Input",
        "paper": "Paper",
        "reduced_of": "Reduced form of",
        "idea": "Idea",
    }
    return frames.architectures[list(headings)].rename(columns=headings)

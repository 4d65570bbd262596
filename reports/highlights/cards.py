"""Facts of a run about each architecture, for its card."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.audit.errata import ErrataRow
from bench.statistics.start import STALLED, TOO_FEW
from reports import formats
from reports.figures import at_inference, left_out
from reports.hosts import host_of
from reports.learning.scenarios import groups
from reports.tables import is_noisy, status_of
from reports.tables.roofline import attained
from reports.tables.scaling import conditions
from reports.tables.transfer import scenarios
from reports.tidy.frame import SINGLE_CROP, Frames, rows_of
from reports.tidy.networks import NetworkStructure
from reports.tidy.pictures import inside
from reports.tidy.sizes import headline

_COSTS = (
    ("Parameters", "parameters", ""),
    ("Multiply-adds", "macs", ""),
    ("Latency", "latency", "infer"),
    ("Throughput", "throughput", "infer"),
    ("Training step", "train_step", "train"),
    ("Peak memory, inference", "peak_memory", "infer"),
    ("Peak memory, training", "peak_memory", "train"),
)
"""Heading, measure, mode (empty: any)."""
_ERRORS = {"top1_error": "Published top-1 error", "top5_error": "Published top-5 error"}
_TASK = ["Target", "Shots", "Folds"]


@dataclass(frozen=True)
class Fact:
    """One figure of a card."""

    name: str
    value: str
    note: str = ""
    """The conditions under which it holds."""


@dataclass(frozen=True)
class BestScenario:
    """The best scenario of an architecture on a target."""

    target: str
    accuracy: str
    n: int
    of: int
    """Scenarios that have an accuracy there."""
    scenario: str
    resolution: int
    """Side of the pictures, in pixels."""


@dataclass(frozen=True)
class Card:
    """An architecture, as the run shows it."""

    name: str
    family: str
    since: str
    """Family, year of the first publication, and that of its venue where it is another."""
    paper: str
    link: str
    """Address of the paper, empty where its name gives none."""
    idea: str
    reduced_of: str
    facts: tuple[Fact, ...]
    network: NetworkStructure | None
    """Layers of the network; None where no count of this run tells them."""
    transfer: tuple[BestScenario, ...]
    pictures: int
    claims: tuple[ErrataRow, ...]
    """Claims whose check names the architecture."""


def cards(frames: Frames) -> Iterator[Card]:
    """One card per architecture, the oldest first; those without a year stand last, behind them blocks alone."""
    cells = _by_architecture(frames.records[frames.records["kind"] == "cost"])
    published = _by_architecture(frames.published)
    learned = scenarios(frames)
    good = [] if learned.empty else rows_of(learned[learned["Accuracy"].notna()])
    best = {rows[0]["Architecture"]: tuple(_best(rows)) for rows in groups(good, ["Architecture"])}
    pictures = Counter(inside(frames.pictures, frames.answers)["architecture"])
    claims = [ErrataRow(**row) for row in rows_of(frames.verdicts)]
    shown = headline(frames)
    for item in sorted(rows_of(frames.architectures), key=lambda item: _age(item, frames.blocks)):
        name = item["name"]
        own = cells.get(name, [])
        errors, ways = published.get(name, []), best.get(name, ())
        accuracies = [*(row["resolution"] for row in errors), *(way.resolution for way in ways)]
        sizes = dict.fromkeys([item["resolution"], *accuracies])
        facts = [*_costs(own, sizes, shown), *_roofline(own), *_published(errors)]
        yield Card(
            name=name,
            family=item["family"],
            since=_since(item),
            paper=item["paper"] or "",
            link=address_of(item["paper"] or ""),
            idea=item["idea"] or "",
            reduced_of=item["reduced_of"] or "",
            facts=tuple(facts),
            network=frames.networks.get(name),
            transfer=ways,
            pictures=pictures[name],
            claims=tuple(row for row in claims if name in frames.subjects.get(row.claim, ())),
        )


def _age(item: Mapping[str, Any], blocks: Container[str]) -> tuple[bool, float]:
    return item["name"] in blocks, math.inf if pd.isna(item["year"]) else item["year"]


def _since(item: Mapping[str, Any]) -> str:
    first, venue = item["year"], item["venue_year"]
    years = "" if pd.isna(first) else f"{first}"
    if not pd.isna(venue) and venue != first:
        years += f" (at its venue {venue})"
    return ", ".join(word for word in (item["family"], years.strip()) if word)


def _by_architecture(frame: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(frame):
        rows.setdefault(row["architecture"], []).append(row)
    return rows


def address_of(paper: str) -> str:
    """Address of a paper that is named by its arXiv number or its DOI; empty where it is named otherwise."""
    if match := re.search(r"\barXiv:([a-z.-]+/\d{7}|\d{4}\.\d{4,5})", paper):
        return f"https://arxiv.org/abs/{match[1]}"
    if re.fullmatch(r"https://\S+", paper):
        return paper
    if match := re.search(r"\bdoi:(10\.\d{4,}/[\w.()/-]+)", paper):
        return f"https://doi.org/{match[1]}"
    return ""


def _costs(
    cells: Sequence[Mapping[str, Any]], sizes: Collection[int], shown_keys: Container[str]
) -> Iterator[Fact]:
    """Costs at each of the sizes, which are those of the accuracies; else at the first that was measured.

    Cells with these keys go before others.
    """
    for heading, measure, mode in _COSTS:
        rows = [cell for cell in cells if cell["measure"] == measure and mode in ("", cell["mode"])]
        rows = [cell for cell in rows if cell["key"] in shown_keys] or rows
        good = {cell["resolution"]: cell for cell in reversed(rows) if not pd.isna(cell["value"])}
        shown = [good[size] for size in sizes if size in good and measure != "parameters"]
        for cell in shown or list(good.values())[-1:]:
            note = "" if measure == "parameters" else f"{cell['resolution']} px"
            note = (note + left_out(cell)).removeprefix(", ")
            if measure not in ("parameters", "macs"):
                note = ", ".join(word for word in (note, f"batch {cell['batch']}", conditions(cell)) if word)
            yield Fact(heading, _with_interval(cell), note)
        if rows and not good:
            yield Fact(heading, status_of(rows))


def _with_interval(cell: Mapping[str, Any]) -> str:
    value = formats.quantity(at_inference(cell), cell["unit"], cell["bound"], status_of([cell]))
    if pd.isna(cell["low"]) or cell["low"] == cell["high"]:
        return value
    return f"{value} {formats.span(cell['low'], cell['high'], cell['unit'])}"


def _roofline(cells: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    rows = [cell for cell in cells if cell["measure"] == "roofline"]
    good = next((cell for cell in rows if not pd.isna(cell["value"])), None)
    if good is not None:
        note = f"{good['intensity']:.3g} FLOP/B, ridge at {good['ridge']:.3g}; {good['resolution']} px, "
        note += f"batch {good['batch']}"
        note += f", {good['device']}" if host_of(good["device"]) else ""
        share = f"{100 * good['value']:.0f} %" + f" ({formats.NOISY})" * is_noisy([good])
        yield Fact("Roofline", attained(share, good["limit"]), note)
    elif rows:
        yield Fact("Roofline", status_of(rows))


def _published(rows: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    for quantity, heading in _ERRORS.items():
        found = [row for row in rows if row["quantity"] == quantity]
        for row in sorted(found, key=lambda row: row["protocol"] != SINGLE_CROP)[:1]:
            yield Fact(
                heading,
                formats.quantity(row["value"], "%"),
                f"{row['protocol']}, {row['resolution']} px; {row['source']}",
            )


def _best(rows: Iterable[Mapping[str, Any]]) -> Iterator[BestScenario]:
    """Scenarios with the highest accuracy of one architecture, one for each task."""
    for group in groups(rows, _TASK):
        row = max(group, key=lambda row: float(row["Accuracy"]))
        target, shots, folds = (row[key] for key in _TASK)
        bounds = ""
        if not pd.isna(row.get("Accuracy low")):
            bounds = f" {formats.span(row['Accuracy low'], row['Accuracy high'], '%')}"
        told = [target, f"{shots} shots" if shots != "all" else "", f"{folds} folds" if folds != "none" else ""]
        size = f"{row['Resolution']} px"
        ways = [row["Scenario"], f"augmentation {row['Augmentation']}", size, row["Setting"]]
        if row["Started"] == STALLED:
            ways.append(STALLED)
        elif row["Started"] == TOO_FEW:
            ways.append("too few test images to tell whether it started")
        if row["Preprocessing"]:
            ways.append(f"pictures: {row['Preprocessing']}")
        yield BestScenario(
            target=", ".join(word for word in told if word),
            accuracy=formats.quantity(row["Accuracy"], "%") + bounds,
            n=int(row["n"]),
            of=len(group),
            scenario=", ".join(dict.fromkeys(word for word in ways if word)),
            resolution=int(row["Resolution"]),
        )

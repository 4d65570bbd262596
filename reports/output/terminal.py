"""Display of a run on a terminal, as wide as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from bench.audit.errata import for_terminal
from bench.cell import STATUSES
from bench.cli import layout
from bench.declare.nature import Nature
from bench.store.outcome import UNTRIED
from bench.store.rows import AUDIT, STUDY
from bench.words import shortened
from reports import formats
from reports.figures import for_people, in_words
from reports.highlights.backbone import backbone
from reports.highlights.findings import findings
from reports.highlights.left_out import fills_its_time, left_out
from reports.learning.effects import FAMILIES
from reports.lessons.words import lines
from reports.output.brief import spaced
from reports.tables import Table, load_tables, without_table
from reports.tables.audit import counts_told, judged
from reports.tables.counts import one_counter
from reports.tidy.frame import Frames, rows_of

_REASONS = 3
"""Reasons of failures that a summary tells."""
_REASON = 120
"""Characters of each of them."""
FIRST = 10
"""Rows of each table of a run that is shown without one being named."""
_BY_SUITE = {
    "augmentation_rates": ("augmentation_rates",),
    "augmentations": ("over_networks", "augmentation_effect"),
    "blocks": ("comparisons", "comparison_accuracy"),
    "cost": ("speed", "memory", "roofline"),
    "counts": ("counts",),
    "lecture": ("comparisons",),
    "digits": ("augmentation_by_shots",),
    "quadrants": ("quadrants", "quadrant_strategies"),
    "scaling": ("scaling",),
    "transfer": ("over_networks", "scenarios", "accuracy_and_cost"),
    "evaluation": ("evaluation",),
}
"""The tables that tell most of a suite."""
_OVER = "over_networks"
_EFFECTS = frozenset(f"chart-{family}_effect" for family in FAMILIES)
"""Anchors of the charts whose findings the table over networks tells, too."""
_BY_KIND = {"cost": "evolution", "learning": "scenarios"}
"""The same of any other suite, by the kind of its cells."""


def summary_of(frames: Frames) -> RenderableType:
    """End of the run: what failed and why, what was measured, its lessons, and which backbone to take."""
    return Group(*summary_lines(frames))


def summary_lines(frames: Frames) -> list[Text]:
    """Sentences of the summary, the first of which is its heading; of an audit the whole errata."""
    run = frames.run
    seconds = formats.elapsed(run.started, run.finished)
    took = f", {formats.duration(seconds)}" if seconds is not None else ""
    state = "complete within its time" if fills_its_time(frames) else run.state
    parts = [Text(f"Run {run.id}: {state}, profile {run.profile}{took}", style="bold")]
    if run.profile == AUDIT:
        return [*parts, Text(for_terminal(judged(frames), 80, everything=False).rstrip())]
    if STUDY in run.settings:
        file = run.settings[STUDY]["file"]
        parts.append(Text(f"asked for by the study {file}: evobench show {run.id} --table study"))
    told = [*_failed(frames), _counted(frames), *filter(None, [one_counter(frames)])]
    if len(frames.hosts) > 1:
        told.append(f"speeds are of {len(frames.hosts)} hosts, and compare within one: {', '.join(frames.hosts)}")
    return [*parts, *map(Text, [*told, *lines(frames), *filter(None, [backbone(frames)])])]


def findings_of(frames: Frames) -> list[Text]:
    """Findings of the run that its tables do not show, a sentence each; then what it had no time for."""
    tables = {item.name for item in tables_of(frames)}
    told = [item.text for item in findings(frames) if not (_OVER in tables and item.anchor in _EFFECTS)]
    if frames.counts_from and frames.run.profile != AUDIT:
        told.append(f"{counts_told(frames)}.")
    told += [f"left out for want of time: {what}" for what in left_out(frames)]
    return [Text(f"- {sentence}") for sentence in told]


def _failed(frames: Frames) -> Iterator[str]:
    """Failures, the most frequent reasons first: each once, with its cells."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for row in rows_of(frames.failures):
        reasons.setdefault((row["status"], str(row["reason"])), []).append(row["cell"])
    ranked = sorted(reasons.items(), key=lambda item: (item[0][0] == "unsupported", -len(item[1])))
    for (status, reason), cells in ranked[:_REASONS]:
        more = f" and {len(cells) - 1} more" if len(cells) > 1 else ""
        yield f"{len(cells)} {status}: {shortened(reason, _REASON)} ({cells[0]}{more})"
    if len(ranked) > _REASONS:
        others = len(ranked) - _REASONS
        many = "reason" if others == 1 else "reasons"
        yield f"and {others} more {many}: evobench show {frames.run.id} --table failures"


def _counted(frames: Frames) -> str:
    """Number of the planned cells that have a figure, that have none and why, and that were taken over."""
    count = Counter(frames.records["status"])
    told = [f"{count['ok']} of {count.total()} cells have a figure"]
    told += [f"{count[status]} {status}" for status in (*STATUSES[1:], *UNTRIED) if count[status]]
    taken_over = int((frames.records["reused_from"] != "").sum())
    kept = f"; {taken_over} taken over from earlier runs (--fresh measures them anew)" if taken_over else ""
    return ", ".join(told) + kept


def tables_of(frames: Frames) -> tuple[Table, ...]:
    """The tables that tell most of what a run measured, that of further measures first; none of an audit.

    None either of what lessons alone asked for: the summary has a line for each of them.
    """
    names: dict[str, None] = {}
    others = frames.records["suites"] != "lessons"
    cells = frames.records[others & ~without_table(frames)]
    for suites, kind in cells[["suites", "kind"]].drop_duplicates().itertuples(index=False):
        for suite in suites.split():
            names |= dict.fromkeys(_BY_SUITE.get(suite, (_BY_KIND[kind],)))
    tables = load_tables()
    shown = [item for item in map(tables.get, names) if len(item.plain(frames))]
    plain = [_BY_KIND[kind] for kind in dict.fromkeys(cells["kind"])]
    further = frames.records[others & without_table(frames)]
    if shown:  # pictures are looked at in the report: their figures, such as a share of dead filters, tell less
        further = further[further["nature"] != Nature.PICTURES]
    first = (tables.get("further"),) if len(further) else ()
    return (*first, *(shown or map(tables.get, plain)))


def records_table(frames: Frames) -> RenderableType:
    """Every planned cell with its figure; what else is known of it is in the other formats."""
    cells = frames.records
    columns = [
        layout.TextColumn("cell", tuple(cells["cell"]), indent=layout.INDENT),
        layout.TextColumn("figure", _figures(cells), number=True),
        layout.TextColumn("status", tuple(cells["status"])),
        layout.TextColumn("n", _texts(cells["n"]), number=True),
        layout.TextColumn("processes", _texts(cells["processes"]), number=True),
    ]
    noisy = _texts(cells["noisy"])
    if any(noisy):
        columns.append(layout.TextColumn("noisy", noisy))
    if len(frames.hosts) > 1:
        columns.append(layout.TextColumn("host", tuple(cells["host"])))
    notes = ("intervals, conditions, reasons and all else: --format csv",)
    return spaced(layout.FittedTable(tuple(columns), "Records", notes=notes))


def _figures(cells: pd.DataFrame) -> tuple[str, ...]:
    """The figure of each cell, or its status where it has none."""
    words = in_words(for_people(cells))
    pairs = zip(cells["value"], cells["status"], words, strict=True)
    return tuple(status if pd.isna(value) else word for value, status, word in pairs)


def _texts(values: pd.Series) -> tuple[str, ...]:
    return tuple("" if pd.isna(value) else str(value) for value in values)

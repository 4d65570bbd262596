"""Transfer learning, from what it brings to what its figures rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.charts import load_charts
from reports.drawing.ways import START_COLOURS, TRAINED_SYMBOLS
from reports.learning.effects import trained
from reports.learning.recipe_note import recipe_note
from reports.learning.scenarios import NO_AUGMENTATION
from reports.learning.telling.ways import STARTS, TRAINED, start_from, trained_of
from reports.page.section import Page, section
from reports.tables import load_tables

_KEYED = ("scenario_accuracy", "learning_curves")
"""Charts whose colours and shapes the section explains once."""


@dataclass(frozen=True)
class QuestionGroup:
    """Charts and tables of one question."""

    anchor: str
    title: str
    charts: Sequence[str]
    tables: Sequence[str]


GROUPS = (
    QuestionGroup(
        "transfer-gains",
        "What pretraining, fine-tuning and augmentation bring",
        ("pretraining_effect", "tuning_effect", "augmentation_effect", "augmentation_by_shots", "strategy_effect"),
        (
            "over_networks",
            "pretraining_effect",
            "tuning_effect",
            "augmentation_effect",
            "augmentation_by_shots",
            "strategy_effect",
        ),
    ),
    QuestionGroup(
        "transfer-accuracies",
        "Which way of learning reaches which accuracy",
        ("scenario_accuracy", "accuracy_map", "quadrants"),
        ("scenarios", "quadrants", "quadrant_strategies"),
    ),
    QuestionGroup(
        "transfer-training",
        "How training went",
        ("learning_curves",),
        ("time_to_accuracy", "tuning", "trials"),
    ),
    QuestionGroup(
        "transfer-classes",
        "Which classes are recognised",
        ("confusion_matrices", "worst_classes"),
        ("quality", "recalls"),
    ),
    QuestionGroup(
        "transfer-data",
        "The data and their augmentation",
        ("augmentation_rates",),
        ("data", "augmentation_rates"),
    ),
)
"""Groups of tables, from the results to their details; the tables of a group are folded."""


@section(title="Transfer", order=30, command="evobench run --suite transfer")
def transfer(page: Page) -> Markup:
    """Charts and tables of the trainings, behind what to know where networks are compared by them."""
    parts = [(group, _content(page, group)) for group in GROUPS]
    shown = [part for part in parts if part[1]]
    if not shown or not page.has(transfer.__name__):
        return Markup("")
    for name in _KEYED:
        _without_key(page, name)
    rows = trained(page.frames)
    several = len({row["architecture"] for row in rows}) > 1
    note = recipe_note(rows) if several else ""
    return page.render("transfer.html", note=note, key=_key(page), parts=shown)


def _content(page: Page, group: QuestionGroup) -> Markup:
    """The charts of a group, and its tables, which are folded."""
    charts, tables = load_charts(), load_tables()
    drawn = Markup("").join(page.shown(charts.get(name)) for name in group.charts)
    return drawn + page.line(page.shown(tables.get(name), folded=True) for name in group.tables)


def _without_key(page: Page, name: str) -> None:
    """Drop the key of a chart that the page shows alone."""
    if name in page.figures:
        page.figures[name]["layout"]["showlegend"] = False
        for trace in page.figures[name]["data"]:
            trace["showlegend"] = False


def _key(page: Page) -> dict[str, Sequence[tuple[str, str]]]:
    """Colours and shapes that occur, each with its word."""
    rows = trained(page.frames)
    starts = {start_from(str(row["weights"])) for row in rows}
    parts = {trained_of(str(row["mode"])) for row in rows}
    augmented = any(row["augmentation"] != NO_AUGMENTATION for row in rows)
    return {
        "starts": [(START_COLOURS[start], start) for start in STARTS if start in starts],
        "parts": [(TRAINED_SYMBOLS[part], part) for part in TRAINED if part in parts],
        "augmented": [("circle-open", "with augmentation (curves: dashed)")] if augmented else [],
    }

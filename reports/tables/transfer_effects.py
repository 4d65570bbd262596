"""Tables of the effect of one changed condition on accuracy: each comparison, and all of them over the
networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from bench.compare.experiments.contrasts import Family
from bench.statistics import intervals as stats
from reports.learning.effects import Effect, effects_of
from reports.learning.overall import Overall, overall
from reports.tables import Column, Short, table
from reports.tables.ordering import together
from reports.tidy.frame import Frames

NEVER = "never"


def endless(row: Mapping[str, Any]) -> str:
    """Reason why no number of pairs decides, where none does."""
    return "no look that is planned would decide at this mean and spread" if row["Undecidable"] == NEVER else ""


EFFECT = (
    Column("Architecture", tells=True),
    Column("Answer", answers=True),
    Column("Difference", "points", short="Points", low="Difference low", high="Difference high", answers=True),
    Column("Target", tells=True),
    Column("Treatment", tells=True),
    Column("Condition", brief=False, tells=True),
    Column("n"),
    Column("Margin", "± points", brief=False),
    Column("Pairs to decide", "1", status="Undecidable", short="To decide", brief=False, differs=endless),
    Column("Did not start", brief=False),
)
LED = ("Treatment",)


def decided_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by treatment, the decided ones first in each, then the largest difference first."""
    return together(rows.iloc[_by_weight(rows)], rows, LED)


def _by_weight(rows: pd.DataFrame) -> list[int]:
    columns = zip(rows["Answer"], rows.get("Difference", [None] * len(rows)), strict=True)
    weights = [(str(answer).startswith("undecided"), -abs(0.0 if pd.isna(d) else d)) for answer, d in columns]
    return sorted(range(len(rows)), key=lambda i: weights[i])


def _largest(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    return rows.iloc[sorted(_by_weight(rows)[:most])]


LARGEST = Short("the largest", _largest)


@table(
    title="Effects over networks",
    section="transfer",
    about=(
        "One row per kind of comparison, and one per treatment where there are several. The effect over "
        "networks is pooled, which needs at least three of them."
    ),
    columns=(
        Column("Comparison"),
        Column("Treatment", tells=True),
        Column(
            "Over networks",
            "points",
            short="Points",
            low="Over networks low",
            high="Over networks high",
            answers=True,
        ),
        Column("Higher in", answers=True),
        Column("Helps"),
        Column("No difference", short="No diff."),
        Column("Hurts"),
        Column("Undecided", answers=True),
        Column("Networks", brief=False),
        Column("Spread", "± points", brief=False),
    ),
    short=Short("all treatments together", lambda rows, most: rows.drop_duplicates("Comparison")),
    groups=("Comparison",),
)
def over_networks(frames: Frames) -> pd.DataFrame:
    """One row per sort of comparison, and one per treatment where it has several."""
    return pd.DataFrame([_overall_row(item) for item in overall(frames)])


@table(
    title="Effect of augmentation",
    section="transfer",
    about="One row per comparison: accuracy with the augmentation minus accuracy without it, in points.",
    columns=EFFECT,
    ordered=decided_first,
    short=LARGEST,
    groups=LED,
)
def augmentation_effect(frames: Frames) -> pd.DataFrame:
    """One row per architecture, mode, target and augmentation."""
    return _table(frames, "augmentation")


@table(
    title="Effect of pretraining",
    section="transfer",
    about=(
        "One row per comparison: accuracy after fine-tuning a checkpoint minus accuracy after training from "
        "scratch, in points. Each side has its own steps and learning rate."
    ),
    columns=EFFECT,
    ordered=decided_first,
    short=LARGEST,
    groups=LED,
)
def pretraining_effect(frames: Frames) -> pd.DataFrame:
    """One row per architecture, target and way of fine-tuning."""
    return _table(frames, "pretraining")


@table(
    title="Fine-tuning against fixed features",
    section="transfer",
    about=(
        "One row per comparison: accuracy after fine-tuning minus accuracy of a head on the fixed features of "
        "the same weights, in points. Each side has its own steps and learning rate."
    ),
    columns=EFFECT,
    ordered=decided_first,
    short=LARGEST,
    groups=LED,
)
def tuning_effect(frames: Frames) -> pd.DataFrame:
    """One row per architecture, target, source of weights and way of fine-tuning."""
    return _table(frames, "tuning")


@table(
    title="Effect of the strategy",
    section="transfer",
    about=(
        "One row per comparison: accuracy with the treatment minus accuracy without it, in points. A treatment "
        "is another recipe, another head, re-estimated statistics of BatchNorm, or activations of an earlier "
        "stage."
    ),
    columns=EFFECT,
    ordered=decided_first,
    short=LARGEST,
    groups=LED,
)
def strategy_effect(frames: Frames) -> pd.DataFrame:
    """One row per architecture, target, condition and treatment."""
    return _table(frames, "strategy")


def _table(frames: Frames, family: Family) -> pd.DataFrame:
    return effect_rows(effects_of(frames, family))


def effect_rows(effects: Iterable[Effect]) -> pd.DataFrame:
    """Effects under the headings of `EFFECT`."""
    return pd.DataFrame([_effect_row(effect) for effect in effects])


def _effect_row(effect: Effect) -> dict[str, Any]:
    row = {
        "Architecture": effect.architecture,
        "Target": effect.target,
        "Condition": effect.condition,
        "Treatment": effect.treatment,
        "Answer": effect.told,
        "n": 0,
        "Undecidable": "",
        "Did not start": effect.not_started,
    }
    found = effect.found
    if found is None:
        return row
    is_open = effect.answer == "undecided"
    return row | {
        "Difference": 100 * found.mean,
        **_points("Difference", found.interval),
        "n": found.n,
        "Margin": 100 * found.margin,
        "Pairs to decide": found.pairs_to_decide if is_open else None,
        "Undecidable": NEVER if is_open and found.pairs_to_decide is None and found.spread is not None else "",
    }


def _overall_row(item: Overall) -> dict[str, Any]:
    row: dict[str, Any] = {
        "Comparison": {"tuning": "fine-tuning"}.get(item.family, item.family).capitalize(),
        "Treatment": item.treatment,
        "Higher in": f"{item.higher} of {item.compared}" if item.compared else "",
        "Helps": item.answers["helps"],
        "No difference": item.answers["no difference"],
        "Hurts": item.answers["hurts"],
        "Undecided": item.answers["undecided"],
        "Networks": item.networks,
    }
    if item.pooled:
        row |= {
            "Over networks": 100 * item.pooled.mean,
            **_points("Over networks", item.pooled.interval),
            "Spread": 100 * item.pooled.between,
        }
    return row


def _points(name: str, bounds: stats.Interval | None) -> dict[str, float | None]:
    return {
        f"{name} low": 100 * bounds.low if bounds else None,
        f"{name} high": 100 * bounds.high if bounds else None,
    }

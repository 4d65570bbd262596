"""Transfer learning as tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from bench import stats
from reports.effects import Effect, augmentation_effects, not_started, overlap, pretraining_effects
from reports.frame import Frames
from reports.tables import Column, status_of, table

_SCENARIO = ["architecture", "target", "weights", "mode", "augmentation", "resolution", "shots", "steps"]
_SCENARIO_COLUMNS = [
    *_SCENARIO,
    *("fold", "seed", "status", "value", "low", "high", "interval", "did_start", "chance", "n_train", "n_test"),
]


@table(
    title="Transfer scenarios",
    section="transfer",
    about=(
        "Mean accuracy on the test images over n trainings (folds and seeds) with its 95 % interval: Student's t "
        "over the trainings, or Wilson's over the test images where there is only one. A training that stayed at "
        "chance did not start. Shots are training images per class."
    ),
    columns=(
        Column("Architecture"),
        Column("Target"),
        Column("Weights"),
        Column("Mode"),
        Column("Augmentation", short="Aug."),
        Column("Accuracy", "%", low="Accuracy low", high="Accuracy high", status="Status"),
        Column("n", brief=False),
        Column("Started"),
        Column("Chance", "%", brief=False),
        Column("Interval", brief=False),
        Column("Shots", brief=False),
        Column("Steps", brief=False),
        Column("Resolution", brief=False),
    ),
)
def scenarios(frames: Frames) -> pd.DataFrame:
    """One row an architecture, target, source of weights, mode and augmentation."""
    cells = frames.records[(frames.records["measure"] == "top1") & (frames.records["kind"] == "learning")]
    groups = cells[_SCENARIO_COLUMNS].groupby(_SCENARIO, sort=False)
    return pd.DataFrame([_scenario(group) for _, group in groups])


def _scenario(cells: pd.DataFrame) -> dict[str, Any]:
    first = cells.iloc[0]
    good = cells[cells["value"].notna()]
    row = {name.capitalize(): first[name] for name in _SCENARIO}
    row |= {"Resolution": f"{first['resolution']} px", "n": len(good), "Shots": first["shots"] or "all"}
    if good.empty:
        return row | {"Accuracy": None, "Status": status_of(cells["status"]), "Started": ""}
    stalled = not_started(good["did_start"])
    started = f"{len(good) - stalled} of {len(good)}" if 0 < stalled < len(good) else "yes"
    chance = good["chance"].iloc[0]
    row |= {
        "Accuracy": 100 * good["value"].mean(),
        "Status": "ok",
        "Started": "did not start" if stalled == len(good) else started,
        "Chance": None if pd.isna(chance) else 100 * float(chance),
    }
    return row | _accuracy_bounds(good)


def _accuracy_bounds(good: pd.DataFrame) -> dict[str, Any]:
    if len(good) == 1:
        only = good.iloc[0]
        if pd.isna(only["low"]):
            return {"Interval": "none"}
        return {
            "Accuracy low": 100 * only["low"],
            "Accuracy high": 100 * only["high"],
            "Interval": only["interval"],
        }
    bounds = stats.mean_interval(list(good["value"]), test_to_train=overlap(good))
    if bounds is None:
        return {"Interval": "none: equal values"}
    low, high = max(0.0, bounds.low), min(1.0, bounds.high)
    method = f"95 %, {bounds.method} over {len(good)} trainings"
    return {"Accuracy low": 100 * low, "Accuracy high": 100 * high, "Interval": method}


EFFECT = (
    Column("Architecture"),
    Column("Target"),
    Column("Condition", brief=False),
    Column("Treatment"),
    Column("Difference", "points", low="Difference low", high="Difference high"),
    Column("n"),
    Column("Verdict"),
    Column("Did not start", brief=False),
)
VERDICTS = (
    " In points of accuracy, from n pairs of the same fold and seed, with its 95 % interval. The verdict comes "
    "from the paired t-test (after Nadeau and Bengio where folds overlap), corrected for the rows (Holm)."
)


@table(
    title="Effect of augmentation",
    section="transfer",
    about="Accuracy with an augmentation less without." + VERDICTS,
    columns=EFFECT,
)
def augmentation_effect(frames: Frames) -> pd.DataFrame:
    """One row an architecture, mode, target and augmentation."""
    return effect_rows(augmentation_effects(frames))


@table(
    title="Effect of pretraining",
    section="transfer",
    about="Accuracy after fine-tuning from a checkpoint less from scratch." + VERDICTS,
    columns=EFFECT,
)
def pretraining_effect(frames: Frames) -> pd.DataFrame:
    """One row an architecture, target and way of fine-tuning."""
    return effect_rows(pretraining_effects(frames))


def effect_rows(effects: Iterable[Effect]) -> pd.DataFrame:
    """Effects under the headings of `EFFECT`."""
    rows = []
    for effect in effects:
        difference = effect.difference
        bounds = difference.interval
        rows.append(
            {
                "Architecture": effect.architecture,
                "Target": effect.target,
                "Condition": effect.condition,
                "Treatment": effect.treatment,
                "Difference": 100 * difference.mean,
                "Difference low": 100 * bounds.low if bounds else None,
                "Difference high": 100 * bounds.high if bounds else None,
                "n": difference.n,
                "Verdict": difference.verdict,
                "Did not start": effect.not_started,
            }
        )
    return pd.DataFrame(rows)

"""Paired comparisons of accuracy: what one changed condition does, all else (fold and seed too) being equal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from bench.compare import experiment
from bench.compare.experiment import Paired, Training, corrected, paired
from bench.statistics.start import STALLED
from reports.learning.scenarios import (
    NO_AUGMENTATION,
    SCENARIO,
    Row,
    groups,
    joined,
    repetition,
    trainings,
    without,
)
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once

OWN = ("steps", "batch", "lr", "patience")
"""What each way of learning may have its own of: it is then recipe against recipe."""
_OF_TRAINING = ("value", "fold", "seed", "folds", "n_train", "n_test")
SAME_TASK = without("weights", "mode", *OWN)


@dataclass(frozen=True, kw_only=True)
class Effect(Paired):
    """What a treatment does to the accuracy of one architecture on one target, in shares of one."""

    architecture: str
    target: str
    condition: str
    """What is equal on both sides, and what the treatment is compared with."""
    treatment: str
    not_started: int
    """Trainings, of both sides, that stayed at chance."""
    kind: str = ""
    """What sort of treatment it is, where a table has several."""


@once
def augmentation_effects(frames: Frames) -> tuple[Effect, ...]:
    """Every augmentation against none, per architecture, mode and target; verdicts corrected for their number."""
    found: list[Effect] = []
    for group in groups(trained(frames), without("augmentation")):
        base = [row for row in group if row["augmentation"] == NO_AUGMENTATION]
        treated = [row for row in group if row["augmentation"] != NO_AUGMENTATION]
        first = group[0]
        condition = joined(first["weights"], first["mode"], first["rare"])
        for rows in groups(treated, ["augmentation"]):
            found += against(base, rows, condition, rows[0]["augmentation"])
    return corrected(found)


@once
def pretraining_effects(frames: Frames) -> tuple[Effect, ...]:
    """Fine-tuning from a checkpoint against training from scratch; verdicts corrected for their number.

    The recipes differ (learning rate, steps) where the profile gives each its own: it is recipe against recipe.
    """
    found: list[Effect] = []
    for group in groups(trained(frames), SAME_TASK):
        base = [row for row in group if row["mode"] == "scratch"]
        tuned = [row for row in group if row["mode"].startswith("finetune") and row["weights"] != "random"]
        condition = joined(f"augmentation {group[0]['augmentation']}", group[0]["rare"])
        for rows in groups(tuned, ["weights", "mode"]):
            found += against(base, rows, condition, f"{rows[0]['weights']}, {rows[0]['mode']}")
    return corrected(found)


@once
def side_effects(frames: Frames) -> tuple[Effect, ...]:
    """The sides of each comparison that were trained alike, against its first; corrected for their number."""
    every = trained(frames)
    found: list[Effect] = []
    for sides in groups(rows_of(frames.sides), ["comparison"]):
        label = {side["architecture"]: side["label"] for side in sides}
        first = sides[0]["architecture"]
        for group in groups((row for row in every if row["architecture"] in label), without("architecture")):
            by_side = {rows[0]["architecture"]: rows for rows in groups(group, ["architecture"])}
            words = (group[0]["weights"], group[0]["mode"], group[0]["rare"], f"against {label[first]}")
            for name, rows in by_side.items():
                if name != first:
                    found += against(by_side.get(first, ()), rows, joined(*words), label[name])
    return corrected(found)


@once
def trained(frames: Frames) -> Sequence[Row]:
    """The learning cells that have an accuracy."""
    cells = trainings(frames)
    return rows_of(cells[cells["value"].notna()])


def against(base: Sequence[Row], treated: Sequence[Row], condition: str, treatment: str) -> Iterable[Effect]:
    """Every scenario of `treated` against every one of `base`, where they share folds and seeds."""
    bases = list(groups(base, SCENARIO))
    for rows in groups(treated, SCENARIO):
        for start in bases:
            other = f"against {start[0]['setting']}" if len(bases) > 1 else ""
            words = joined(condition, rows[0]["setting"], other)
            yield from _effect(start, rows, words, treatment)


def _effect(base: Sequence[Row], treated: Sequence[Row], condition: str, treatment: str) -> Iterable[Effect]:
    found = paired(map(training_of, base), map(training_of, treated))
    if found is None:
        return
    keys = [{repetition(row) for row in rows} for rows in (base, treated)]
    pairs = [row for row in (*base, *treated) if repetition(row) in keys[0] & keys[1]]
    yield Effect(
        **vars(found),
        architecture=treated[0]["architecture"],
        target=treated[0]["target"],
        condition=condition,
        treatment=treatment,
        not_started=[row["start"] for row in pairs].count(STALLED),
    )


def training_of(row: Row) -> Training:
    """A training as it is compared."""
    known = {name: row[name] for name in _OF_TRAINING if not pd.isna(row[name])}
    return Training(**known)


def overlap(rows: pd.DataFrame) -> float:
    """Test over training images of trainings whose training sets overlap, else 0."""
    # by lists: a large run asks a thousand times, which would take pandas seconds
    columns = [rows[name].tolist() for name in _OF_TRAINING]
    found = (dict(zip(_OF_TRAINING, values, strict=True)) for values in zip(*columns, strict=True))
    return experiment.overlap([training_of(row) for row in found])

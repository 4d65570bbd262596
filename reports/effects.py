"""Paired comparisons of accuracy: what one changed condition does, all else (fold and seed too) being equal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from bench import stats
from reports.frame import Frames, rows_of

Row = Mapping[str, Any]
NO_AUGMENTATION = "none"
_SAME_TRAINING = ["architecture", "target", "mode", "weights", "resolution", "shots", "steps", "batch", "lr"]
_SAME_RECIPE = [*_SAME_TRAINING[1:], "augmentation"]
_COLUMNS = [*_SAME_TRAINING, "augmentation", "fold", "seed", "value", "did_start", "n_train", "n_test"]
_SAME_TASK = ["architecture", "target", "augmentation", "resolution", "shots"]


@dataclass(frozen=True)
class Effect:
    """What a treatment does to the accuracy of one architecture on one target, in shares of one."""

    architecture: str
    target: str
    condition: str
    """What is equal on both sides."""
    treatment: str
    difference: stats.PairedDifference
    not_started: int
    """Trainings, of both sides, that stayed at chance."""


def augmentation_effects(frames: Frames) -> tuple[Effect, ...]:
    """Every augmentation against none, per architecture, mode and target; verdicts corrected for their number."""
    found: list[Effect] = []
    for group in _groups(_trained(frames), _SAME_TRAINING):
        base = [row for row in group if row["augmentation"] == NO_AUGMENTATION]
        condition = f"{group[0]['weights']}, {group[0]['mode']}"
        treated = [row for row in group if row["augmentation"] != NO_AUGMENTATION]
        for rows in _groups(treated, ["augmentation"]):
            found += _effect(base, rows, condition, rows[0]["augmentation"])
    return _corrected(found)


def pretraining_effects(frames: Frames) -> tuple[Effect, ...]:
    """Fine-tuning from a checkpoint against training from scratch; verdicts corrected for their number.

    The recipes differ (learning rate, steps) where the profile gives each its own: it is recipe against recipe.
    """
    found: list[Effect] = []
    for group in _groups(_trained(frames), _SAME_TASK):
        base = [row for row in group if row["mode"] == "scratch"]
        tuned = [row for row in group if row["mode"].startswith("finetune") and row["weights"] != "random"]
        condition = f"augmentation {group[0]['augmentation']}"
        for rows in _groups(tuned, ["weights", "mode"]):
            found += _effect(base, rows, condition, f"{rows[0]['weights']}, {rows[0]['mode']}")
    return _corrected(found)


def side_effects(frames: Frames) -> tuple[Effect, ...]:
    """The sides of each comparison that were trained alike, against its first; corrected for their number."""
    trained = _trained(frames)
    found: list[Effect] = []
    for sides in _groups(rows_of(frames.sides), ["comparison"]):
        label = {side["architecture"]: side["label"] for side in sides}
        first = sides[0]["architecture"]
        for group in _groups((row for row in trained if row["architecture"] in label), _SAME_RECIPE):
            by_side = {rows[0]["architecture"]: rows for rows in _groups(group, ["architecture"])}
            condition = f"{group[0]['weights']}, {group[0]['mode']}, against {label[first]}"
            for name, rows in by_side.items():
                if name != first:
                    found += _effect(by_side.get(first, ()), rows, condition, label[name])
    return _corrected(found)


def _trained(frames: Frames) -> Sequence[Row]:
    cells = frames.measured("top1", kind="learning")
    return rows_of(cells[_COLUMNS])


def _groups(rows: Iterable[Row], columns: Sequence[str]) -> Iterable[Sequence[Row]]:
    """The rows that are equal in all the columns, in order of first appearance."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in columns), []).append(row)
    return groups.values()


def _effect(base: Sequence[Row], treated: Sequence[Row], condition: str, treatment: str) -> Iterable[Effect]:
    without = {(row["fold"], row["seed"]): row for row in base}
    pairs = [(without[key], row) for row in treated if (key := (row["fold"], row["seed"])) in without]
    if not pairs:
        return
    ratio = overlap(pd.DataFrame([row for _, row in pairs]))
    difference = stats.paired_difference([(before["value"], after["value"]) for before, after in pairs], ratio)
    stalled = not_started(pd.Series([row["did_start"] for pair in pairs for row in pair]))
    first = pairs[0][1]
    yield Effect(first["architecture"], first["target"], condition, treatment, difference, stalled)


def overlap(rows: pd.DataFrame) -> float:
    """Test over training images where several folds take part, whose training sets overlap; else 0."""
    n_train, n_test = rows["n_train"].iloc[0], rows["n_test"].iloc[0]
    if rows["fold"].nunique() < 2 or pd.isna(n_train) or pd.isna(n_test):
        return 0.0
    return float(n_test / n_train)


def not_started(did_start: pd.Series) -> int:
    """How many trainings stayed at chance."""
    return sum(not value for value in did_start.dropna())


def _corrected(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    kept = list(effects)
    differences = stats.corrected([effect.difference for effect in kept])
    return tuple(replace(e, difference=d) for e, d in zip(kept, differences, strict=True))

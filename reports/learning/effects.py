"""Comparisons of accuracy in words: what one changed condition does, all else (fold and seed too) being equal.

Which trainings are compared, and what the answer is, `bench.compare.experiments` decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from bench.cell import Cell
from bench.compare.experiments import training as arithmetic
from bench.compare.experiments.answers import UNDECIDED, Answer, Answered, answered
from bench.compare.experiments.contrasts import Contrast, Family, contrasts
from bench.compare.experiments.rule import ComparisonRule, Design
from bench.compare.experiments.training import Training
from bench.statistics.start import STALLED
from bench.store.outcome import UNTRIED
from reports.learning.scenarios import Row, joined, repetition, trainings
from reports.learning.treatments import words_of
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once

FAMILIES: Mapping[Family, str] = {
    "pretraining": "Pretraining against training from scratch",
    "augmentation": "Augmentation",
    "tuning": "Fine-tuning against fixed features",
    "strategy": "Other strategies",
}
"""Common name of the comparisons of a table."""
_OF_TRAINING = ("value", "fold", "seed", "folds", "n_train", "n_test")
_FAILED = {
    "failed": "its trainings failed",
    "oom": "its trainings ran out of memory",
    "timeout": "its trainings reached the time limit",
    "unsupported": "its trainings are not supported",
}


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Effect of a treatment on the accuracy of one architecture on one target."""

    base: Cell
    treated: Cell
    architecture: str
    target: str
    condition: str
    """Conditions that are equal on both sides, and what the treatment is compared with."""
    treatment: str
    found: Answered | None
    """Answer; None where no fold and seed has an accuracy on both sides."""
    why: str = ""
    """Reason why there is no such pair."""
    not_started: int
    """Trainings, of both sides, that stayed at chance."""
    accuracy: float | None
    """Mean of the base's trainings, a share of one; None without any."""

    @property
    def answer(self) -> Answer:
        """One of four words."""
        return self.found.answer if self.found else UNDECIDED

    @property
    def told(self) -> str:
        """The answer, and of an undecided one what else is known of it."""
        if self.found is None:
            return f"{UNDECIDED}: {self.why}"
        if self.found.far_apart:
            return f"{UNDECIDED}: far apart, {_seeds(self.found.pairs)}"
        return self.answer


@once
def arms(frames: Frames) -> Mapping[Cell, Sequence[Row]]:
    """The planned trainings of each arm, those without an accuracy too, in the order of the plan."""
    cells = {row.cell.key: row.cell for row in frames.plan}
    found: dict[Cell, list[Row]] = {}
    for row in rows_of(trainings(frames)):
        found.setdefault(cells[row["key"]].arm, []).append(row)
    return found


@once
def design(frames: Frames) -> Design:
    """Design by which the run compares; older runs decided at the pairs that existed."""
    return next((Design.from_dict(item) for item in frames.declared("design")), Design())


def effects_of(frames: Frames, family: Family) -> tuple[Effect, ...]:
    """The comparisons of one table, those without a pair too."""
    return _effects(frames)[family]


@once
def _effects(frames: Frames) -> Mapping[Family, tuple[Effect, ...]]:
    found = contrasts(row.cell for row in frames.plan)
    rules = design(frames).rules(found)
    bases = Counter((contrast.kind, contrast.treated) for contrast in found)
    effects: dict[Family, list[Effect]] = {family: [] for family in FAMILIES}
    for contrast in found:
        several = bases[contrast.kind, contrast.treated] > 1
        effects[contrast.family].append(_effect(frames, contrast, rules[contrast.family], several))
    return {family: tuple(items) for family, items in effects.items()}


def _effect(frames: Frames, contrast: Contrast, rule: ComparisonRule, several: bool) -> Effect:
    base, treated = (arms(frames)[arm][0] for arm in (contrast.base, contrast.treated))
    condition, treatment = words_of(contrast.kind, base, treated)
    other = f"against {joined(base['setting'], base['rare']) or 'the usual one'}" if several else ""
    words = joined(condition, treated["setting"], other)
    return compared(frames, contrast.base, contrast.treated, rule, words, treatment)


def compared(
    frames: Frames, base: Cell, treated: Cell, rule: ComparisonRule, condition: str, treatment: str
) -> Effect:
    """The effect of one arm against another, in these words."""
    planned = [arms(frames)[arm] for arm in (base, treated)]
    good = [[row for row in rows if not pd.isna(row["value"])] for rows in planned]
    found = answered(map(training_of, good[0]), map(training_of, good[1]), rule)
    keys = [{repetition(row) for row in rows} for rows in good]
    pairs = [row for rows in good for row in rows if repetition(row) in keys[0] & keys[1]]
    first = planned[1][0]
    values = [float(row["value"]) for row in good[0]]
    return Effect(
        base=base,
        treated=treated,
        architecture=first["architecture"],
        target=first["target"],
        condition=condition,
        treatment=treatment,
        found=found,
        why="" if found else _why(frames, planned),
        not_started=[row["start"] for row in pairs].count(STALLED),
        accuracy=sum(values) / len(values) if values else None,
    )


def _why(frames: Frames, sides: Iterable[Sequence[Row]]) -> str:
    """Reason why two arms have no pair: all trainings of a side went wrong, or there was no time for one."""
    for rows in sides:
        status = rows[0]["status"]
        if status in _FAILED and all(row["status"] in _FAILED for row in rows):
            return _FAILED[status]
    untried = any(row["status"] in UNTRIED for rows in sides for row in rows)
    if untried:
        return "no pair in this time" if frames.run.state in ("complete", "budget") else "no pair yet"
    return "no seed was trained on both sides"


def _seeds(pairs: int) -> str:
    return "one seed" if pairs == 1 else f"{pairs} pairs"


@once
def trained(frames: Frames) -> Sequence[Row]:
    """The learning cells that have an accuracy."""
    cells = trainings(frames)
    return rows_of(cells[cells["value"].notna()])


def training_of(row: Row) -> Training:
    """A training as it is compared."""
    known = {name: row[name] for name in _OF_TRAINING if not pd.isna(row[name])}
    return Training(**known)


def overlap(rows: pd.DataFrame) -> float:
    """Test over training images of trainings whose training sets overlap, else 0."""
    # by lists: a large run asks a thousand times, which would take pandas seconds
    columns = [rows[name].tolist() for name in _OF_TRAINING]
    found = (dict(zip(_OF_TRAINING, values, strict=True)) for values in zip(*columns, strict=True))
    return arithmetic.overlap([training_of(row) for row in found])

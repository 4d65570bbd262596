"""Paired comparisons of accuracy: what one changed condition does, all else (fold and seed too) being equal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import pandas as pd

from bench.statistics import intervals as stats
from bench.statistics.power import runs_to_decide
from bench.statistics.resampling import bootstrap_interval
from reports.learning.scenarios import (
    NO_AUGMENTATION,
    REPETITION,
    SCENARIO,
    Row,
    groups,
    joined,
    trainings,
    without,
)
from reports.tidy.frame import Frames, rows_of
from reports.tidy.once import once

OWN = ("steps", "batch", "lr", "patience")
"""What each way of learning may have its own of: it is then recipe against recipe."""
OVERLAP = ("n_train", "n_test", "folds", "fold")
"""What tells whether training sets overlap."""
SAME_TASK = without("weights", "mode", *OWN)


@dataclass(frozen=True)
class Effect:
    """What a treatment does to the accuracy of one architecture on one target, in shares of one."""

    architecture: str
    target: str
    condition: str
    """What is equal on both sides, and what the treatment is compared with."""
    treatment: str
    difference: stats.PairedDifference
    not_started: int
    """Trainings, of both sides, that stayed at chance."""
    test_to_train: float = 0.0
    """Test over training images where the training sets overlap, else 0."""
    bootstrap: stats.Interval | None = None
    """Of the difference, without supposing a normal distribution; None where the training sets overlap."""
    pairs_to_decide: int | None = None
    """Of an undecided difference; None where no number decides, or no spread is known."""
    kind: str = ""
    """What sort of treatment it is, where a table has several."""

    @property
    def undecided(self) -> bool:
        """Whether there is no verdict at this number of pairs."""
        return self.difference.verdict == stats.UNDECIDED


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
    before = {_repetition(row): row for row in base}
    pairs = [(before[key], row) for row in treated if (key := _repetition(row)) in before]
    if not pairs:
        return
    ratio = overlap(pd.DataFrame([row for _, row in pairs], columns=list(OVERLAP)))
    values = [(first["value"], second["value"]) for first, second in pairs]
    stalled = not_started(pd.Series([row["did_start"] for pair in pairs for row in pair]))
    row = pairs[0][1]
    yield Effect(
        row["architecture"],
        row["target"],
        condition,
        treatment,
        stats.paired_difference(values, ratio),
        stalled,
        test_to_train=ratio,
        bootstrap=None if ratio else bootstrap_interval([second - first for first, second in values]),
    )


def _repetition(row: Row) -> tuple[int, ...]:
    return tuple(row[name] for name in REPETITION)


def overlap(rows: pd.DataFrame) -> float:
    """Test over training images of trainings whose training sets overlap, else 0.

    They overlap in a cross-validation, whether its folds or its seeds differ (of m seeds with k folds all m k
    trainings are one sample), and between several draws of a labelled budget that share a test split.
    """
    # as lists: a large run asks a thousand times, which would take pandas seconds
    n_train, n_test, folds, fold = ([n for n in rows[name].tolist() if not pd.isna(n)] for name in OVERLAP)
    if not n_train or not n_test or not (any(folds) or len(set(fold)) > 1):
        return 0.0
    return float(fmean(n_test) / fmean(n_train))


def not_started(did_start: pd.Series) -> int:
    """How many trainings stayed at chance."""
    return sum(not value for value in did_start.dropna())


def corrected(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """The effects with verdicts that hold for all of them at once, and the pairs that would decide the open ones.

    These are counted at the strictest level that Holm's correction has for so many tests, which is enough whatever
    the other tests show.
    """
    kept = list(effects)
    differences = stats.corrected([effect.difference for effect in kept])
    tests = sum(difference.p is not None for difference in differences)
    return tuple(_told(replace(e, difference=d), tests) for e, d in zip(kept, differences, strict=True))


def _told(effect: Effect, tests: int) -> Effect:
    if not effect.undecided or effect.difference.p is None:
        return effect
    level = (1 - stats.LEVEL) / tests
    pairs = runs_to_decide(effect.difference, level=level, test_to_train=effect.test_to_train)
    return replace(effect, pairs_to_decide=pairs)

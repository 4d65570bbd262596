"""Trainings as they are compared, and how they pair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.cell import Learning, Record


@dataclass(frozen=True)
class Training:
    """One training of a scenario."""

    value: float
    """Accuracy, a share of one."""
    fold: int
    seed: int
    folds: int = 0
    """Number of folds of the cross-validation; 0 without one."""
    n_train: int | None = None
    """Training images; None where their number is not known."""
    n_test: int | None = None


def training_of(record: Record) -> Training:
    """The training that a record tells of.

    Args:
        record: a measured record of a learning cell whose values are answers to test images.
    """
    where = record.cell.scenario
    assert isinstance(where, Learning)
    n_train = record.details.get("n_train")
    return Training(fmean(record.values), where.fold, where.seed, where.folds or 0, n_train, len(record.values))


def pairs_of(base: Iterable[Training], treated: Iterable[Training]) -> tuple[tuple[Training, Training], ...]:
    """Base and treated of the same fold and seed, by seed and then by fold."""
    before = {(item.seed, item.fold): item for item in base}
    after = {(item.seed, item.fold): item for item in treated}
    return tuple((before[key], after[key]) for key in sorted(before.keys() & after.keys()))


def overlap(trainings: Sequence[Training]) -> float:
    """Test over training images of trainings whose training sets overlap, else 0.

    They overlap in a cross-validation, whether its folds or its seeds differ (of m seeds with k folds all m k
    trainings are one sample), and between several draws of a labelled budget that share a test split.
    """
    n_train = [item.n_train for item in trainings if item.n_train is not None]
    n_test = [item.n_test for item in trainings if item.n_test is not None]
    several = any(item.folds for item in trainings) or len({item.fold for item in trainings}) > 1
    return fmean(n_test) / fmean(n_train) if n_train and n_test and several else 0.0

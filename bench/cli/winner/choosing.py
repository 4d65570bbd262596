"""Choice of the training that is taken out of a run: the one that validates best, or one that a person names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean

from bench.cell import Cell, Learning
from bench.declare.catalog import MEASURES
from bench.declare.nature import Nature
from bench.errors import UnknownName, UsageError
from bench.learning.recipes import RECIPES, Values
from bench.store.database import RecordRow, Store
from bench.transfer import AS_IS, transfer_of
from bench.validity import written
from bench.words import few

_KEY = re.compile(r"[0-9a-f]{6,16}")
"""The beginning of a cell's key."""
_BETWEEN = re.compile(r"[\s,;()]+")
_SHOWN = 6
"""Candidates that a message has room for."""
_NAMING = ("architecture", "mode")
"""Words that name a scenario, where they tell it from others."""
_TOLD = (*_NAMING, "weights", "target", "augmentation")
"""Words that are offered where a word is not known."""


@dataclass(frozen=True)
class Trained:
    """A scenario with its trainings in a run."""

    arm: Cell
    """Cell with seed and fold 0."""
    cells: tuple[Cell, ...]
    good: tuple[tuple[Cell, RecordRow], ...]
    """Trainings with a figure, by seed and then by fold."""
    reasons: tuple[str, ...]
    """Reasons why the other trainings have no figure."""

    @property
    def scenario(self) -> Learning:
        """Scenario of the arm."""
        assert isinstance(self.arm.scenario, Learning)
        return self.arm.scenario

    @property
    def validation(self) -> float:
        """Mean accuracy on validation images, a share; below all others where none is known."""
        known = [row.details["val_top1"] for _, row in self.good if row.details.get("val_top1") is not None]
        return fmean(known) if known else -1.0

    @property
    def seed(self) -> int:
        """The lowest of those with a figure."""
        return _where(self.good[0][0]).seed

    @property
    def first(self) -> Cell:
        """The training that is made anew: lowest seed and fold; of a cross-validation, on the data's own split."""
        cell = self.good[0][0]
        if not self.scenario.folds:
            return cell
        return replace(cell, scenario=replace(self.scenario, seed=self.seed, folds=None, fold=0))

    @property
    def values(self) -> Values | None:
        """Values that tuning chose in that training for its network; None: it was not tuned, or is not in the
        run."""
        details = self.good[0][1].details
        if self.scenario.folds or "trials" not in details or transfer_of(self.scenario.mode).frozen:
            return None
        own = RECIPES.get(self.scenario.recipe).values(self.scenario.lr)  # what no trial varied is told nowhere
        return replace(own, **{name: details[name] for name in asdict(own) if name in details})

    @property
    def conditions(self) -> dict[str, str]:
        """Words of the scenario by their meaning: architecture, mode, weights, ..."""
        values = written(self.scenario)
        known = {name: str(value) for name, value in values.items() if name not in ("seed", "fold")}
        return {"architecture": self.arm.architecture, **known}

    def is_called(self, word: str) -> bool:
        """Whether a word that was typed names something of the scenario."""
        return word in _words(self) or bool(
            _KEY.fullmatch(word) and any(cell.key.startswith(word) for cell in (self.arm, *self.cells))
        )


def trained_in(store: Store, run: str) -> tuple[Trained, ...]:
    """The scenarios that a run trained or was to train, in the order of its plan; the catalogues must be loaded.

    Trainings for a time are left out: they do not repeat.
    """
    records = {row.cell_key: row for row in store.records(run)}
    arms: dict[str, list[Cell]] = {}
    for row in store.cells(run):
        if _is_training(row.cell):
            arms.setdefault(row.cell.arm.key, []).append(row.cell)
    found = []
    for cells in arms.values():
        had = [(cell, records[cell.key]) for cell in cells if cell.key in records]
        good = [(cell, row) for cell, row in had if row.status == "ok" and row.n]
        found.append(
            Trained(
                cells[0].arm,
                tuple(cells),
                tuple(sorted(good, key=lambda pair: (_where(pair[0]).seed, _where(pair[0]).fold))),
                tuple(row.reason for _, row in had if row.status != "ok"),
            )
        )
    return tuple(found)


def _where(cell: Cell) -> Learning:
    assert isinstance(cell.scenario, Learning)
    return cell.scenario


def _is_training(cell: Cell) -> bool:
    where = cell.scenario
    if not isinstance(where, Learning) or where.mode == AS_IS or where.duration:
        return False
    return MEASURES.get(cell.measure).nature is Nature.SHARE


def best_of(found: Sequence[Trained], run: str) -> Trained:
    """The scenario of best validation accuracy, the first of equal ones: test images choose nothing.

    Raises:
        UsageError: no training has a figure, or the trainings are of several targets.
    """
    good = [item for item in found if item.good]
    if not good:
        reasons = [reason for item in found for reason in item.reasons]
        why = f": {reasons[0]}" if reasons else ""
        raise UsageError(f"no training of run {run} has a figure{why}")
    targets = list(dict.fromkeys(item.scenario.target for item in good))
    if len(targets) > 1:
        raise UsageError(f"run {run} trained on several targets: say --target NAME, one of {few(targets, _SHOWN)}")
    return max(good, key=lambda item: item.validation)


def named(found: Sequence[Trained], text: str, run: str) -> Trained:
    """The scenario that is called by all the words of a text.

    Words are those that tables print (architecture, mode, weights, target, ...), any condition as `lr=0.01`, or
    the beginning of a cell's key.

    Raises:
        UnknownName: nothing of the run is called by a word.
        UsageError: several scenarios are called so, none, or one that failed.
    """
    typed = [word for word in _BETWEEN.split(text) if word]
    for word in typed:
        if not any(item.is_called(word) for item in found):
            known = dict.fromkeys(item.conditions[name] for name in _TOLD for item in found)
            raise UnknownName(f"word for a training of run {run}", word, known)
    fitting = [item for item in found if all(map(item.is_called, typed))]
    if not fitting:
        raise UsageError(f"no training of run {run} is '{text}'; there are {_listed(found)}")
    if len(fitting) > 1:
        raise UsageError(f"'{text}' names {len(fitting)} trainings of run {run}; say which: {_listed(fitting)}")
    (only,) = fitting
    if not only.good:
        why = only.reasons[0] if only.reasons else "it was not trained"
        raise UsageError(f"'{text}' has no figure in run {run}: {why}")
    return only


def of_target(found: Sequence[Trained], target: str, run: str) -> tuple[Trained, ...]:
    """Scenarios on one target, by its name or the end of its path.

    Raises:
        UnknownName: none is.
    """
    fitting = tuple(item for item in found if target in _spellings(item.scenario.target))
    if not fitting:
        raise UnknownName(f"target of run {run}", target, dict.fromkeys(item.scenario.target for item in found))
    return fitting


def told(item: Trained, among: Iterable[Trained]) -> str:
    """Name of a scenario: architecture, mode, and each condition that tells it from other scenarios with both."""
    own = item.conditions
    others = [
        other for other in (one.conditions for one in among) if all(other[name] == own[name] for name in _NAMING)
    ]
    differ = [name for name in own if name not in _NAMING and len({other.get(name) for other in others}) > 1]
    return " ".join([*(own[name] for name in _NAMING), *(f"{name}={own[name]}" for name in differ)])


def _listed(found: Sequence[Trained]) -> str:
    return few([f"'{told(item, found)}'" for item in found], _SHOWN)


def _words(item: Trained) -> set[str]:
    words = {word for value in item.conditions.values() for word in _spellings(value) if word and word != "False"}
    return words | {f"{name}={value}" for name, value in item.conditions.items()}


def _spellings(value: str) -> set[str]:
    """A name and, of one with a path, its kind with the path's end, as tables print it."""
    kind, colon, path = value.partition(":")
    return {value, f"{kind}:{Path(path).name}"} if colon and "/" in path else {value}

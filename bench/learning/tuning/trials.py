"""Results of the trials, the choice of validation images among them, and its record. No torch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

WORDS = {"lr": "learning rate", "weight_decay": "weight decay", "layer_decay": "layer decay"}
"""Words for the values; other values keep their names."""


@dataclass(frozen=True)
class Trial:
    """One of the trainings from which validation images choose."""

    values: Mapping[str, float]
    """Values of the trial by name: `lr`, `weight_decay`, `layer_decay`; `C` of a support vector machine."""
    val_top1: float | None = None
    """Share of the validation images that the trial's weights get right; None: it failed."""
    val_loss: float | None = None
    """Mean negative log-likelihood on the validation images, in nats; None: it failed, or its scores are
    margins."""
    seconds: float | None = None
    """Seconds of training; None: it failed."""
    failed: str = ""
    """Why the trial failed; empty where it did not."""
    among: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """For a value that the trial chose by itself, all values that it tried."""


@dataclass(frozen=True)
class TrialChoice:
    """Trials, the first of which has the values of the scenario, and the choice of validation images."""

    trials: tuple[Trial, ...]

    @property
    def best(self) -> int:
        """Index of the trial with the highest top-1, then the lower loss, then the earlier one.

        Raises:
            FloatingPointError: all have failed; the first one's reason.
        """
        good = [i for i, trial in enumerate(self.trials) if not trial.failed]
        if not good:
            raise FloatingPointError(self.trials[0].failed)
        return min(good, key=lambda i: (-_or_worst(self.trials[i].val_top1), _loss(self.trials[i]), i))

    @property
    def values(self) -> Mapping[str, float]:
        """The chosen values."""
        return self.trials[self.best].values

    def plain(self) -> list[dict[str, Any]]:
        """The trials as plain data."""
        return [{**asdict(trial), "values": dict(trial.values)} for trial in self.trials]

    @classmethod
    def of(cls, plain: Iterable[Mapping[str, Any]]) -> TrialChoice:
        """Inverse of `plain`."""
        return cls(tuple(Trial(**trial) for trial in plain))

    def told(self) -> dict[str, Any]:
        """Details for the record, beside the chosen values."""
        trials = [{name: its for name, its in trial.items() if name != "among"} for trial in self.plain()]
        return {
            **self.values,
            "tuned": f"best of {len(self.trials)} on validation",
            "trials": [{**trial, "chosen": i == self.best} for i, trial in enumerate(trials)],
            "at_edge": [f"{WORDS.get(name, name)}: {edge}" for name, edge, _ in self._edges()] or None,
        }

    def warnings(self) -> tuple[str, ...]:
        """Warnings about chosen values that are the smallest or largest of all tried ones, failed trials
        included."""
        chosen = {name: float(f"{value:.2g}") for name, value in self.values.items()}
        return tuple(
            f"the best {WORDS.get(name, name)}, {chosen[name]:g}, is the {edge} of {n} that were tried:"
            " the best may lie beyond"
            for name, edge, n in self._edges()
        )

    def _edges(self) -> Iterator[tuple[str, str, int]]:
        """Name, side and number of tried values, for each chosen value that lies at the edge of those."""
        for name, chosen in self.values.items():
            tried = {value for trial in self.trials for value in trial.among.get(name, (trial.values[name],))}
            for end, word in ((min(tried), "smallest"), (max(tried), "largest")):
                if chosen == end and min(tried) < max(tried):
                    yield name, word, len(tried)


def _or_worst(top1: float | None) -> float:
    return -math.inf if top1 is None else top1


def _loss(trial: Trial) -> float:
    return math.inf if trial.val_loss is None else trial.val_loss

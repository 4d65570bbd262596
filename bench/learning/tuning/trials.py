"""What came of each trial, which one validation images choose, and what is to be told of it. No torch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

WORDS = {"lr": "learning rate", "weight_decay": "weight decay", "layer_decay": "layer decay"}
"""What people call the values; others are called as they are."""


@dataclass(frozen=True)
class Trial:
    """One of the trainings among which validation images choose."""

    values: Mapping[str, float]
    """What it tried, by name: `lr`, `weight_decay`, `layer_decay`; `C` of a support vector machine."""
    val_top1: float | None = None
    """Share of the validation images, by the weights that would stand; None: it failed."""
    val_loss: float | None = None
    """Mean negative log-likelihood on them, in nats; None: it failed, or its scores are margins."""
    seconds: float | None = None
    """Of training; None: it failed."""
    failed: str = ""
    """Why it has no figures."""
    among: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Of a value that the trial chose by itself, all that it tried."""


@dataclass(frozen=True)
class Choice:
    """Trials, the first of which has the values that the scenario says, and what validation images choose."""

    trials: tuple[Trial, ...]

    @property
    def best(self) -> int:
        """Place of the one with the highest top-1, then the lower loss, then the earlier one.

        Raises:
            FloatingPointError: all have failed; the first one's reason.
        """
        good = [i for i, trial in enumerate(self.trials) if not trial.failed]
        if not good:
            raise FloatingPointError(self.trials[0].failed)
        return min(good, key=lambda i: (-_or_worst(self.trials[i].val_top1), _loss(self.trials[i]), i))

    @property
    def values(self) -> Mapping[str, float]:
        """What was chosen."""
        return self.trials[self.best].values

    def plain(self) -> list[dict[str, Any]]:
        """The trials as plain data."""
        return [{**asdict(trial), "values": dict(trial.values)} for trial in self.trials]

    @classmethod
    def of(cls, plain: Iterable[Mapping[str, Any]]) -> Choice:
        """Inverse of `plain`."""
        return cls(tuple(Trial(**trial) for trial in plain))

    def told(self) -> dict[str, Any]:
        """For the record, beside the chosen values."""
        trials = [{name: its for name, its in trial.items() if name != "among"} for trial in self.plain()]
        return {
            **self.values,
            "tuned": f"best of {len(self.trials)} on validation",
            "trials": [{**trial, "chosen": i == self.best} for i, trial in enumerate(trials)],
            "at_edge": [f"{WORDS.get(name, name)}: {edge}" for name, edge, _ in self._edges()] or None,
        }

    def warnings(self) -> tuple[str, ...]:
        """Which chosen values are the smallest or the largest of all that were tried, by failed trials too."""
        chosen = {name: float(f"{value:.2g}") for name, value in self.values.items()}
        return tuple(
            f"the best {WORDS.get(name, name)}, {chosen[name]:g}, is the {edge} of {n} that were tried:"
            " the best may lie beyond"
            for name, edge, n in self._edges()
        )

    def _edges(self) -> Iterator[tuple[str, str, int]]:
        """The name of each chosen value that none that was tried lies beyond, on which side, and of how many."""
        for name, chosen in self.values.items():
            tried = {value for trial in self.trials for value in trial.among.get(name, (trial.values[name],))}
            for end, word in ((min(tried), "smallest"), (max(tried), "largest")):
                if chosen == end and min(tried) < max(tried):
                    yield name, word, len(tried)


def _or_worst(top1: float | None) -> float:
    return -math.inf if top1 is None else top1


def _loss(trial: Trial) -> float:
    return math.inf if trial.val_loss is None else trial.val_loss

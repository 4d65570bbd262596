"""Conditions of learning that the user varies: a suite plans their sensible combinations. Plain data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from bench.cell import Learning
from bench.validity import written

ALL = 0
"""Among shots: the whole training split."""
SHARED = ("resolution", "batch", "precision")
"""Conditions of cost, too: alone they leave the suites as they are."""


@dataclass(frozen=True, kw_only=True)
class LearningAxes:
    """Values of the conditions of learning; an empty list, or 0, leaves what the suite plans."""

    weights: tuple[str, ...] = ()
    mode: tuple[str, ...] = ()
    augmentation: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    shots: tuple[int, ...] = ()
    """Training images per class, or `ALL`."""
    recipe: tuple[str, ...] = ()
    pipeline: tuple[str, ...] = ()
    folds: int = 0
    """All folds of a cross-validation are planned, for each seed."""
    seeds: int = 0
    """The seeds 0 to N - 1 are planned."""
    patience: int = 0
    refit: bool = False
    """Heads on fixed features are trained once more, on validation images, too."""
    steps: int = 0
    lr: float = 0.0
    class_map: str = ""
    models: tuple[str, ...] = ()
    """Architectures that are evaluated with weights of their own: a name, a space, a source of weights."""
    resolution: tuple[int, ...] = ()
    batch: tuple[int, ...] = ()
    precision: tuple[str, ...] = ()

    @property
    def given(self) -> bool:
        """Whether any condition is given that is one of learning alone."""
        return bool(self._named())

    def idle(self, scenarios: Sequence[Learning]) -> tuple[str, ...]:
        """Names of the conditions that are given and that none of the scenarios has."""
        return tuple(name for name in self._named() if not self.held(name, scenarios))

    def held(self, name: str, scenarios: Iterable[Learning]) -> bool:
        """Whether one of the scenarios has a value of the condition that is given."""
        wanted: Any = getattr(self, name)
        if name == "models":
            return True
        if name == "seeds":
            return any(scenario.seed < self.seeds for scenario in scenarios)
        values = wanted if isinstance(wanted, tuple) else (wanted,)
        return any(written(scenario)[name] in values for scenario in scenarios)

    def _named(self) -> tuple[str, ...]:
        return tuple(f.name for f in fields(LearningAxes) if getattr(self, f.name) and f.name not in SHARED)


NOTHING = LearningAxes()
"""No condition is given."""

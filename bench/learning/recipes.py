"""Recipes: how weights are optimised. Each is declared once, here, and a scenario names it. No torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench.cell import USUAL_RECIPE
from bench.declare.registry import Registry
from bench.learning.tuning.ranges import ADAMW, SGD, Kind, Ranges
from bench.validity import ABOVE_0, FILLED, FROM_0, FROM_1, rules

CANDIDATES = (10.0, 1.0, 0.1, 0.01)
"""Weight decays of a head among which validation chooses, the strongest first: it wins a tie."""


@dataclass(frozen=True)
class Values:
    """How strongly a training changes weights: what a recipe, a user or tuning chooses."""

    lr: float = field(metadata=rules(ABOVE_0))
    """Peak of the learning rate."""
    weight_decay: float = field(metadata=rules(FROM_0))
    layer_decay: float = field(default=1.0, metadata=rules(ABOVE_0))
    """Factor of the learning rate from a layer to the one below it; 1: all layers learn alike."""


@dataclass(frozen=True)
class Usual:
    """How long and how fast a recipe trains where neither the user nor a table says otherwise."""

    lr: float = field(metadata=rules(ABOVE_0))
    batch: int = field(metadata=rules(FROM_1))
    epochs: int = field(metadata=rules(FROM_1))


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How weights are optimised, whatever the number of steps and the learning rate."""

    name: str = field(metadata=rules(FILLED))
    about: str = field(metadata=rules(FILLED))
    optimizer: str = field(metadata=rules(FILLED))
    """Name of a class of `torch.optim`."""
    settings: Mapping[str, Any]
    """Its arguments, beside the learning rate and the weight decay."""
    weight_decay: float = field(metadata=rules(FROM_0))
    schedule: Callable[[int, int, float], float]
    """Share of the learning rate at a step (from 0), of how many steps, which begins at an epoch."""
    clip: float | None
    """Largest norm of the gradient of all parameters."""
    head_decays: tuple[float, ...]
    """Weight decays among which validation chooses where a head is trained on fixed features."""
    standardised: bool
    """Whether such a head is given features of mean 0 and standard deviation 1."""
    usual: Usual | None = None
    """None: the tables of the suites say it for each architecture."""
    ranges: Mapping[Kind, Ranges] = field(default_factory=lambda: ADAMW)
    """Where tuning looks, by kind of training: the same for every network."""

    def values(self, lr: float) -> Values:
        """Those of the recipe at a learning rate."""
        return Values(lr, self.weight_decay)


def cosine(step: int, steps: int, _: float, *, warmup: float) -> float:
    """Linear warm-up over a share of the steps, then half a cosine towards zero."""
    warm = max(1, round(warmup * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def stairs(_: int, __: int, epoch: float, *, every: int, factor: float) -> float:
    """After so many epochs the learning rate falls by a factor, again and again (torch's `StepLR`)."""
    return float(factor ** (int(epoch) // every))


TUTORIAL = Usual(lr=1e-3, batch=4, epochs=25)
"""Those of PyTorch's tutorial on transfer learning, which the lecture quotes."""
RECIPES: Registry[Recipe] = Registry("recipe")

# fused: one pass over the memory of each parameter, which is half of a small step's time otherwise
for _recipe in (
    Recipe(
        name=USUAL_RECIPE,
        about="AdamW, linear warm-up over a tenth of the steps, cosine, clipped gradients.",
        optimizer="AdamW",
        settings={"fused": True},
        weight_decay=0.01,
        schedule=partial(cosine, warmup=0.1),
        clip=1.0,
        head_decays=CANDIDATES,
        standardised=True,
    ),
    Recipe(
        name="lecture",
        about="SGD with momentum 0.9; a tenth of the learning rate every 7 epochs, as the lecture prints it.",
        optimizer="SGD",
        settings={"momentum": 0.9, "fused": True},
        weight_decay=0.0,
        schedule=partial(stairs, every=7, factor=0.1),
        clip=None,
        head_decays=(0.0,),
        standardised=False,
        usual=TUTORIAL,
        ranges=SGD,
    ),
):
    RECIPES.add(_recipe.name, _recipe, __name__)

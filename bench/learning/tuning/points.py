"""Values that tuning tries: fixed before training, and the same for every network, fold and seed."""

from __future__ import annotations

from collections.abc import Sequence

from bench.cell import Learning
from bench.lazy import lazy
from bench.learning.recipes import RECIPES, Values
from bench.transfer import transfer_of

qmc = lazy("scipy.stats.qmc")

SEED = 0
"""Seed of the scrambling. Another one would give everybody other trials."""
DIMENSIONS = 3
"""Learning rate, weight decay, layer decay, in this order: a network without layers ignores the last one."""


def further(scenario: Learning, *, layered: bool = False) -> tuple[Values, ...]:
    """Values of every trial but the first, which has those of the scenario.

    Points of a scrambled Halton sequence (Owen 2017, arXiv:1706.02808) in the ranges of the recipe. More trials
    begin with the same points.

    Args:
        scenario: scenario whose `tune` is the number of trials.
        layered: whether the network has a stack of blocks, so that its layers may learn at rates of their own.
    """
    recipe = RECIPES.get(scenario.recipe)
    usual, ranges = recipe.values(scenario.lr), recipe.ranges[transfer_of(scenario.mode).kind]
    layers = ranges.layer_decay if layered else None
    return tuple(
        Values(
            ranges.lr.at(lr),
            ranges.weight_decay.at(decay),
            layers.at(layer) if layers else usual.layer_decay,
        )
        for lr, decay, layer in _shares((scenario.tune or 1) - 1)
    )


def _shares(number: int) -> Sequence[Sequence[float]]:
    if not number:
        return ()
    found: Sequence[Sequence[float]] = qmc.Halton(DIMENSIONS, scramble=True, rng=SEED).random(number).tolist()
    return found

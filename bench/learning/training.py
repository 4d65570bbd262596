"""One loop of optimisation for pretraining, fine-tuning and heads: AdamW, warm-up, cosine, clipping."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import nn

from bench.learning.seeds import stream

WARMUP = 0.1
"""Share of the steps in which the learning rate rises to its peak."""
CLIP = 1.0
"""Largest norm of the gradient of all parameters."""
POINTS = 5
"""Points of a learning curve."""

Batches = Iterator[tuple[torch.Tensor, torch.Tensor]]
"""Endless pairs of inputs and labels."""


@dataclass(frozen=True)
class Recipe:
    """How a model is optimised."""

    steps: int
    lr: float
    """Peak of the learning rate."""
    weight_decay: float = 0.01


@dataclass(frozen=True)
class Point:
    """A point of a learning curve."""

    step: int
    loss: float
    """Mean of the training loss since the point before."""
    val: float
    """Top-1 on validation images."""


@dataclass
class Watch:
    """Looks at training from time to time: keeps the curve, tells the progress."""

    validate: Callable[[], float]
    tell: Callable[[Point, int], None]
    curve: list[Point] = field(default_factory=list)
    _losses: list[torch.Tensor] = field(default_factory=list)

    def see(self, step: int, steps: int, loss: torch.Tensor) -> None:
        """Take note of a step's loss.

        Raises:
            FloatingPointError: the loss is no longer a number.
        """
        self._losses.append(loss)
        if step % max(1, steps // POINTS) and step != steps:
            return
        mean = float(torch.stack(self._losses).mean())
        self._losses.clear()
        if not math.isfinite(mean):
            raise FloatingPointError(
                f"the training loss is not finite at step {step}: the learning rate is too high"
            )
        self.curve.append(Point(step, mean, self.validate()))
        self.tell(self.curve[-1], steps)


def optimise(
    parameters: list[nn.Parameter],
    loss_of: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    batches: Batches,
    recipe: Recipe,
    watch: Watch | None = None,
) -> None:
    """Train the parameters for a fixed number of steps; the last step's weights stand, nothing is selected."""
    # fused: one pass over the memory of each parameter, which is half of a small step's time otherwise
    optimizer = torch.optim.AdamW(parameters, lr=recipe.lr, weight_decay=recipe.weight_decay, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: factor(step, recipe.steps))
    for step in range(1, recipe.steps + 1):
        inputs, labels = next(batches)
        loss = loss_of(inputs, labels)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, CLIP)
        optimizer.step()
        schedule.step()
        if watch is not None:
            watch.see(step, recipe.steps, loss.detach())


def factor(step: int, steps: int) -> float:
    """Share of the peak learning rate at a step (from 0): linear warm-up, then half a cosine towards zero."""
    warm = max(1, round(WARMUP * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def order(n: int, batch: int, *seed: int) -> Iterator[torch.Tensor]:
    """Endless positions 0..n-1 in full batches, each once before any comes again."""
    generator = torch.Generator().manual_seed(stream("order", *seed))
    left = torch.empty(0, dtype=torch.int64)
    while True:
        while len(left) < batch:
            left = torch.cat([left, torch.randperm(n, generator=generator)])
        yield left[:batch]
        left = left[batch:]

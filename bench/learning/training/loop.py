"""One loop of optimisation for pretraining and fine-tuning: by the harness's recipe, or the lecture's."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from bench.learning.training.order import Order
from bench.learning.training.unfinished import Unfinished
from bench.learning.training.watch import Watch

WARMUP = 0.1
"""Share of the steps in which the learning rate rises to its peak."""
CLIP = 1.0
"""Largest norm of the gradient of all parameters."""
DECAY_EPOCHS, DECAY = 7, 0.1
"""Of the lecture's `StepLR`: after so many epochs the learning rate falls by this factor."""
MOMENTUM = 0.9
"""Of the lecture's SGD."""


@dataclass(frozen=True)
class Recipe:
    """How a model is optimised."""

    steps: int
    lr: float
    """Peak of the learning rate."""
    weight_decay: float = 0.01
    """Of the harness's recipe; the lecture's has none."""
    name: str = "harness"
    """`harness`: AdamW, linear warm-up, cosine, clipping. `lecture`: SGD, momentum 0.9, a tenth every 7 epochs."""
    patience: int = 0
    """Epochs without a smaller validation loss after which training stops, the best weights standing; 0: never."""

    def optimizer(self, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        """The recipe's optimizer."""
        # fused: one pass over the memory of each parameter, which is half of a small step's time otherwise
        if self.name == "lecture":
            return torch.optim.SGD(parameters, lr=self.lr, momentum=MOMENTUM, fused=True)
        return torch.optim.AdamW(parameters, lr=self.lr, weight_decay=self.weight_decay, fused=True)

    def lr_at(self, step: int, epoch: float) -> float:
        """The learning rate of a step (from 0); `epoch` is that of its beginning."""
        if self.name == "lecture":
            return float(self.lr * DECAY ** (int(epoch) // DECAY_EPOCHS))
        return self.lr * factor(step, self.steps)

    @property
    def clip(self) -> float | None:
        """Largest norm of the gradient, where the recipe has one."""
        return None if self.name == "lecture" else CLIP


def optimise(
    parameters: list[nn.Parameter],
    loss_of: Callable[[torch.Tensor], torch.Tensor],
    order: Order,
    recipe: Recipe,
    watch: Watch,
    unfinished: Unfinished,
) -> None:
    """Train the parameters, from where an interrupted training left off.

    Args:
        parameters: what learns.
        loss_of: from positions of training images to their mean loss.
        order: the positions of each step.
        recipe: optimizer, learning rate and number of steps. Without patience the last step's weights stand.
        watch: keeps the curve, and says when patience is over.
        unfinished: what a killed training can go on from.
    """
    optimizer = recipe.optimizer(parameters)
    with unfinished.dropped_on_failure():
        begin = unfinished.resume(optimizer, order, watch)
        for step in range(begin + 1, recipe.steps + 1):
            lr = recipe.lr_at(step - 1, order.epochs(step - 1))
            for group in optimizer.param_groups:
                group["lr"] = lr
            loss = loss_of(next(order))
            optimizer.zero_grad()
            loss.backward()
            if recipe.clip is not None:
                nn.utils.clip_grad_norm_(parameters, recipe.clip)
            optimizer.step()
            if not watch.goes_on(step, loss.detach()):
                break
            unfinished.keep(step, optimizer, order, watch)
    watch.settle()


def factor(step: int, steps: int) -> float:
    """Share of the peak learning rate at a step (from 0): linear warm-up, then half a cosine towards zero."""
    warm = max(1, round(WARMUP * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))

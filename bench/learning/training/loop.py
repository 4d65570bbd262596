"""One loop of optimisation for pretraining and fine-tuning, whatever the recipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from bench.cell import Learning
from bench.learning.recipes import RECIPES, Recipe, Values
from bench.learning.training.order import ImageOrder
from bench.learning.training.techniques.depth import ALIKE, LayerDepths
from bench.learning.training.unfinished import Unfinished
from bench.learning.training.watch import Watch


@dataclass(frozen=True)
class TrainingPlan:
    """A recipe with the settings of a scenario."""

    recipe: Recipe
    steps: int
    values: Values
    """Learning rate, to which the recipe's schedule applies, and decays."""
    patience: int | None = None
    """Epochs without a smaller validation loss after which training stops with the best weights; None: it does not
    stop."""
    precision: str = "fp32"
    """Number format in which the network computes; gradients of fp16 are scaled."""
    duration: float | None = None
    """Seconds after which training ends if its steps are not over before; None: no limit."""

    def optimizer(
        self, parameters: Sequence[torch.Tensor], weight_decay: float | None = None, depth: LayerDepths = ALIKE
    ) -> torch.optim.Optimizer:
        """The recipe's optimizer, with the weight decay of `values` unless another is given.

        Its groups have their `share` of the learning rate, by the layers of a network's depth.
        """
        decay = self.values.weight_decay if weight_decay is None else weight_decay
        make: Callable[..., torch.optim.Optimizer] = getattr(torch.optim, self.recipe.optimizer)
        settings = dict(self.recipe.settings)
        # torch's fused kernels take real numbers alone; and where the scaled loss overflows at the first step,
        # fused SGD leaves its momentum as memory came (seen in torch 2.13), and goes on from it
        unsound = self.precision == "fp16" and "momentum" in settings
        if unsound or any(parameter.is_complex() for parameter in parameters):
            settings.pop("fused", None)
        groups = depth.groups(parameters, self.values.layer_decay, spares_vectors=self.recipe.spares_vectors)
        return make(groups, lr=self.values.lr, weight_decay=decay, **settings)

    def lr_at(self, step: int, epoch: float) -> float:
        """The learning rate of a step (from 0); `epoch` is that of its beginning."""
        return self.values.lr * self.recipe.schedule(step, self.steps, epoch)


def values_of(scenario: Learning) -> Values:
    """The values that a scenario states, without tuning."""
    return RECIPES.get(scenario.recipe).values(scenario.lr)


def training_of(scenario: Learning, values: Values | None = None) -> TrainingPlan:
    """Optimisation of a scenario, with the chosen values or, without any, the scenario's own."""
    return TrainingPlan(
        RECIPES.get(scenario.recipe),
        scenario.steps,
        values or values_of(scenario),
        scenario.patience,
        scenario.precision,
        scenario.duration,
    )


def scaler_of(training: TrainingPlan, parameters: Sequence[torch.Tensor]) -> torch.amp.GradScaler:
    """Gradient scaler for fp16, in which most gradients would be zero; it does nothing for other formats."""
    return torch.amp.GradScaler(parameters[0].device.type, enabled=training.precision == "fp16")


def take_step(
    loss: torch.Tensor,
    parameters: Sequence[nn.Parameter],
    optimizer: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
    training: TrainingPlan,
) -> None:
    """Update the parameters from the gradients of a loss; where those of fp16 overflow, only the scale changes."""
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    if training.recipe.clip is not None:
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(parameters, training.recipe.clip)
    scaler.step(optimizer)
    scaler.update()


def optimise(
    parameters: list[nn.Parameter],
    loss_of: Callable[[torch.Tensor], torch.Tensor],
    order: ImageOrder,
    training: TrainingPlan,
    watch: Watch,
    unfinished: Unfinished,
    depth: LayerDepths = ALIKE,
) -> torch.amp.GradScaler:
    """Train the parameters, continuing an interrupted training; returns the gradient scaler.

    Args:
        parameters: parameters that learn.
        loss_of: function from positions of training images to their mean loss.
        order: the positions of each step.
        training: optimizer, learning rate and number of steps. Without patience the last step's weights stand.
        watch: keeps the curve, and says when patience or time is over.
        unfinished: state that a killed training can go on from; a training for a time begins anew.
        depth: the layers of the network, where the recipe has them learn at rates of their own.
    """
    optimizer, scaler = training.optimizer(parameters, depth=depth), scaler_of(training, parameters)
    with unfinished.dropped_on_failure():
        begin = unfinished.resume(optimizer, order, watch, scaler)
        for step in range(begin + 1, training.steps + 1):
            lr = training.lr_at(watch.scheduled(step - 1), order.epochs(step - 1))
            for group in optimizer.param_groups:
                group["lr"] = lr * group["share"]
            loss = loss_of(next(order))
            take_step(loss, parameters, optimizer, scaler, training)
            if not watch.goes_on(step, loss.detach()):
                break
            if training.duration is None:
                unfinished.keep(step, optimizer, order, watch, scaler)
    watch.settle()
    return scaler

"""One loop of optimisation for pretraining and fine-tuning, whatever the recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from bench.cell import Learning
from bench.learning.recipes import RECIPES, Recipe
from bench.learning.seeds import stream
from bench.learning.training.unfinished import Unfinished
from bench.learning.training.watch import Watch


@dataclass(frozen=True)
class Training:
    """A recipe with what a scenario says beside it."""

    recipe: Recipe
    steps: int
    lr: float
    """What the recipe's schedule gives shares of."""
    patience: int | None = None
    """Epochs without a smaller validation loss after which training stops, the best weights standing, or None."""

    def optimizer(
        self, parameters: Sequence[torch.Tensor], weight_decay: float | None = None
    ) -> torch.optim.Optimizer:
        """The recipe's optimizer, with the recipe's weight decay unless another is given."""
        decay = self.recipe.weight_decay if weight_decay is None else weight_decay
        make: Callable[..., torch.optim.Optimizer] = getattr(torch.optim, self.recipe.optimizer)
        return make(parameters, lr=self.lr, weight_decay=decay, **self.recipe.settings)

    def lr_at(self, step: int, epoch: float) -> float:
        """The learning rate of a step (from 0); `epoch` is that of its beginning."""
        return self.lr * self.recipe.schedule(step, self.steps, epoch)


def training_of(scenario: Learning) -> Training:
    """How the scenario optimises."""
    return Training(RECIPES.get(scenario.recipe), scenario.steps, scenario.lr, scenario.patience)


class Order:
    """Endless positions 0..n-1 in full batches, each once before any comes again."""

    def __init__(self, n: int, batch: int, *seed: int) -> None:
        self.n, self.batch = n, batch
        self._generator = torch.Generator().manual_seed(stream("order", *seed))
        self._left = torch.empty(0, dtype=torch.int64)

    def __iter__(self) -> Iterator[torch.Tensor]:
        return self

    def __next__(self) -> torch.Tensor:
        while len(self._left) < self.batch:
            self._left = torch.cat([self._left, torch.randperm(self.n, generator=self._generator)])
        chosen, self._left = self._left[: self.batch], self._left[self.batch :]
        return chosen

    def epochs(self, steps: int) -> float:
        """How often every position has come after so many steps."""
        return steps * self.batch / self.n

    def state(self) -> tuple[torch.Tensor, torch.Tensor]:
        """What `restore` needs to go on from here."""
        return self._generator.get_state(), self._left.clone()

    def restore(self, state: tuple[torch.Tensor, torch.Tensor]) -> None:
        """Go on from where `state` was taken."""
        self._generator.set_state(state[0])
        self._left = state[1]


def optimise(
    parameters: list[nn.Parameter],
    loss_of: Callable[[torch.Tensor], torch.Tensor],
    order: Order,
    training: Training,
    watch: Watch,
    unfinished: Unfinished,
) -> None:
    """Train the parameters, from where an interrupted training left off.

    Args:
        parameters: what learns.
        loss_of: from positions of training images to their mean loss.
        order: the positions of each step.
        training: optimizer, learning rate and number of steps. Without patience the last step's weights stand.
        watch: keeps the curve, and says when patience is over.
        unfinished: what a killed training can go on from.
    """
    optimizer = training.optimizer(parameters)
    with unfinished.dropped_on_failure():
        begin = unfinished.resume(optimizer, order, watch)
        for step in range(begin + 1, training.steps + 1):
            lr = training.lr_at(step - 1, order.epochs(step - 1))
            for group in optimizer.param_groups:
                group["lr"] = lr
            loss = loss_of(next(order))
            optimizer.zero_grad()
            loss.backward()
            if training.recipe.clip is not None:
                nn.utils.clip_grad_norm_(parameters, training.recipe.clip)
            optimizer.step()
            if not watch.goes_on(step, loss.detach()):
                break
            unfinished.keep(step, optimizer, order, watch)
    watch.settle()

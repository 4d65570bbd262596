"""Exponential moving average of a network's weights, which replaces them at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

_NARROW = (torch.bfloat16, torch.float16)


class Average:
    """Averages of trained weights and of BatchNorm's statistics, in float32 where the weights are narrower.

    The decay begins small and grows to its own, by (1 + t) / (10 + t) after t steps, as TensorFlow's
    `ExponentialMovingAverage` has it: a training of 60 steps would else end near its first weights.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        """Begin with the weights that the model has."""
        self._decay, self._steps = decay, 0
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._buffers = [
            (module, name)
            for module in model.modules()
            for name, buffer in module.named_buffers(recurse=False)
            # the mask of an attention has infinities, between which lie no numbers; it stays as it is
            if buffer.is_floating_point() and bool(buffer.isfinite().all())
        ]
        self._kept = [_wide(tensor).clone() for tensor in self._live()]

    def update(self) -> None:
        """Update the averages with the weights after a further step."""
        self._steps += 1
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))
        get_ema_multi_avg_fn(decay)(self._kept, [_wide(tensor) for tensor in self._live()], self._steps)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Context in which the model has the averages; afterwards it has its own weights again."""
        before = [tensor.clone() for tensor in self._live()]
        self.settle()
        try:
            yield
        finally:
            self._put(before)

    def settle(self) -> None:
        """Replace the weights by the averages."""
        self._put(self._kept)

    def state(self) -> tuple[int, list[torch.Tensor]]:
        """State that `restore` needs to continue from here."""
        return self._steps, self._kept

    def restore(self, state: tuple[int, list[torch.Tensor]]) -> None:
        """Continue from a state that `state` returned."""
        self._steps = state[0]
        for kept, value in zip(self._kept, state[1], strict=True):
            kept.copy_(value)

    def _live(self) -> list[torch.Tensor]:
        """Current tensors, fetched each time: a module may put another tensor in a buffer's place."""
        buffers = (getattr(module, name) for module, name in self._buffers)
        return [tensor.detach() for tensor in (*self._parameters, *buffers)]

    def _put(self, values: Sequence[torch.Tensor]) -> None:
        for tensor, value in zip(self._live(), values, strict=True):
            tensor.copy_(value)


def _wide(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.float() if tensor.dtype in _NARROW else tensor

"""Weights that are quick to make: noise where a builder lets `torch.nn.init` draw a large tensor at random.

What a builder does not leave to chance is kept: constants, copies, what it loads or computes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from bench.network.filling.undrawn import LARGE, Undrawn, can_be_left, drawn, weights_of

_RANDOM = (
    *("uniform_", "normal_", "trunc_normal_", "orthogonal_"),
    *("xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"),
)
"""Functions of `torch.nn.init` that draw a whole tensor at random; `sparse_` places zeros, too."""


@contextmanager
def undrawn() -> Iterator[Undrawn]:
    """Context for building a network whose large random tensors stay undrawn; outside it nothing is watched."""
    left = Undrawn()
    initialisers = _Initialisers(left)
    with ExitStack() as stack:
        # multi-head attention has taken some of the functions by name
        for module in (nn.init, nn.modules.activation):
            for name in set(_RANDOM) & set(dir(module)):
                stack.enter_context(_replaced(module, name, initialisers.leaving(getattr(module, name))))
        stack.enter_context(_replaced(nn.Parameter, "__new__", staticmethod(_plain(nn.Parameter.__new__))))
        try:
            yield left
        finally:
            left.release()


class _Initialisers:
    """Functions of `torch.nn.init` that leave large tensors undrawn."""

    def __init__(self, undrawn: Undrawn) -> None:
        self._undrawn = undrawn
        self._answers: dict[str, bool] = {}

    def leaving(self, function: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def initialise(tensor: Tensor, *values: Any, **named: Any) -> Tensor:
            if tensor.numel() <= LARGE or tensor.dim() == 0:
                return function(tensor, *values, **named)
            weights = weights_of(tensor)
            if weights is None and tensor.untyped_storage().device.type == "meta":  # a fake one, too
                return tensor
            if (weights or can_be_left(tensor)) and self.leaves_to_chance(function, tensor.dim(), values, named):
                self._undrawn.leave(tensor)
                return tensor
            if weights:
                weights.drop()
            return function(tensor, *values, **named)

        return initialise

    def leaves_to_chance(
        self, function: Callable[..., object], dimensions: int, values: tuple[Any, ...], named: dict[str, Any]
    ) -> bool:
        """Whether an initialiser fills a small tensor with ordinary numbers that differ: no zeros, no denormal
        numbers."""
        named = {name: value for name, value in named.items() if name != "generator"}
        asked = f"{function.__name__} {dimensions} {values} {named}"
        if asked not in self._answers:
            probe = torch.empty((4,) * dimensions)
            with torch.random.fork_rng(devices=[]):
                function(probe, *values, **named)
            ordinary = torch.finfo(probe.dtype).tiny <= float(probe.abs().max()) < float("inf")
            self._answers[asked] = ordinary and float(probe.min()) < float(probe.max())
        return self._answers[asked]


def _plain(new: Callable[..., Any]) -> Callable[..., Any]:
    """Constructor of parameters that is given plain tensors, since it asks for the exact type of a tensor."""
    return lambda cls, data=None, *args, **named: new(cls, drawn(data), *args, **named)


@contextmanager
def _replaced(owner: Any, name: str, value: object) -> Iterator[None]:
    """Context in which an attribute has another value."""
    own = vars(owner)[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, own)

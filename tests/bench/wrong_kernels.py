"""Kernels of torch that are made to compute wrongly in 16 bits, as some are on some CPUs."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

Spoil = Callable[[torch.Tensor], torch.Tensor]
OPERATORS = ("convolution", "convolution_backward", "addmm")


def a_quarter(result: torch.Tensor) -> torch.Tensor:
    return result / 4


@contextmanager
def wrong(operator: str, spoil: Spoil = a_quarter, *, without_onednn: bool = False) -> Iterator[None]:
    """Context in which an operator's results of 16 bits are spoilt where oneDNN is in use, or without it too."""
    right = _right(operator)

    def spoilt(result: torch.Tensor | None) -> torch.Tensor | None:
        if result is None or result.element_size() != 2:
            return result
        return spoil(result) if without_onednn or torch.backends.mkldnn.enabled else result

    def kernel(*given: Any) -> Any:
        found = right(*given)
        return tuple(map(spoilt, found)) if isinstance(found, tuple) else spoilt(found)

    library = torch.library.Library("aten", "IMPL")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a kernel that is replaced, which is what is wanted
            library.impl(operator, kernel, "CPU")
        yield
    finally:
        library._destroy()


def _right(operator: str) -> Callable[..., Any]:
    """What computes the same without the kernel that is replaced."""
    if operator == "addmm":
        return lambda bias, one, other: torch.ops.aten.mm(one, other).add(bias)
    called = getattr(torch.ops.aten, operator).default
    behind = torch._C.DispatchKeySet(torch._C.DispatchKey.CompositeExplicitAutograd)
    return lambda *given: called.redispatch(behind, *given)

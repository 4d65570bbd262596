"""Forward passes of each `torch.autograd.Function` run as plain code, so that counters see the operators in it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch.autograd import Function
from torch.autograd.function import FunctionCtx


@contextmanager
def plain_functions() -> Iterator[None]:
    """Context in which `apply` of an `autograd.Function`, such as a reentrant checkpoint, runs its forward alone.

    torch's tracer records such a function as one step whose inside it does not know. Without gradients its forward
    is all that it does.
    """
    # behind `Function.apply`, so that one that was bound before, as in `f = Mine.apply`, gets there, too
    single: Any = Function.__mro__[1]
    single.apply = classmethod(_forward)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "None of the inputs have requires_grad=True")
            yield
    finally:
        del single.apply


def _forward(function: Any, *args: Any) -> Any:
    if function.setup_context is not Function.setup_context:
        return function.forward(*args)
    context: Any = FunctionCtx()
    context.needs_input_grad = (False,) * len(args)
    return function.forward(context, *args)

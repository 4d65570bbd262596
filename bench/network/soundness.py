"""Check of a CPU's 16-bit kernels, operator by operator, on a network's own values.

Some do not: on CPUs with matrix units (AMX) versions of oneDNN give convolutions and products that are plainly
wrong, at some shapes alone, and say nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter, tree_map_only

from bench.errors import Unsupported
from bench.network.precision import SIXTEEN_BITS, by_kernels

LIMIT = 0.05
"""Share of a result, by the Frobenius norm, that bounds a sound kernel's error: bf16 alone rounds to 1/256."""
_COMPARED = frozenset(
    {
        *("convolution", "convolution_backward", "mm", "addmm", "bmm", "baddbmm", "mv", "addmv"),
        "_scaled_dot_product_flash_attention_for_cpu",
        "_scaled_dot_product_flash_attention_for_cpu_backward",
    }
)
"""Operators of ATen that multiply matrices: layers with weights, attention, and their gradients."""
_FORMATS = (torch.bfloat16, torch.float16)


@dataclass(frozen=True)
class Kernels:
    """Choice of kernels that a network computes with on this CPU."""

    onednn: bool = True
    """Whether oneDNN's kernels are used, where the process has oneDNN."""
    warnings: tuple[str, ...] = ()
    """Sentences for the record when oneDNN is left out."""


def sound_kernels(model: nn.Module, passes: Callable[[], object], precision: str, device: str) -> Kernels:
    """Choose kernels that compute correctly in 16 bits: oneDNN's if they do.

    Every product of matrices of the passes, at each shape once, is compared with float32 on the same values. The
    model, its BatchNorm statistics and torch's random stream stay as they are. In other formats and on other
    devices nothing is run.

    Args:
        model: model that the passes run.
        passes: run it forward and, if it learns, backward, at the shapes that it will meet.
        precision: precision that the passes compute in.
        device: device of the model.

    Raises:
        Unsupported: the kernels are wrong without oneDNN, too.
    """
    if precision not in SIXTEEN_BITS or device != "cpu":
        return Kernels()
    wrong = _wrong(model, passes)
    if not wrong:
        return Kernels()
    with by_kernels(onednn=False):
        still = _wrong(model, passes)
    if still:
        raise Unsupported(f"this CPU computes wrongly in {precision}: {still}, without oneDNN too; use fp32")
    return Kernels(
        onednn=False,
        warnings=(f"oneDNN was left out: on this CPU in {precision} {wrong}; without it all results are sound",),
    )


def _wrong(model: nn.Module, passes: Callable[[], object]) -> str:
    """The first operator that is wrong, with the reason; empty where all are sound."""
    comparison = _Comparison()
    with as_it_was(model), torch.random.fork_rng(devices=[]), comparison:
        torch.manual_seed(0)
        passes()
    return comparison.wrong


@contextmanager
def as_it_was(model: nn.Module) -> Iterator[None]:
    """Context after which the model's modes and buffers are as before."""
    modes = [(module, module.training) for module in model.modules()]
    buffers = [
        (module, name, buffer, buffer.detach().clone())
        for module in model.modules()
        for name, buffer in module.named_buffers(recurse=False)
    ]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
        for module, name, buffer, content in buffers:
            with torch.no_grad():
                buffer.copy_(content)
            setattr(module, name, buffer)


class _Comparison(TorchDispatchMode):
    """Repeats each 16-bit operator in float32, and keeps the first result that is wrong."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.wrong = ""
        self._seen: set[str] = set()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # nothing is compiled: else torch loads its compiler, which takes seconds

    def __torch_dispatch__(self, func: Any, types: object, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        with self:  # operators that are made of others are looked into
            result = func.decompose(*args, **kwargs)
        if result is not NotImplemented:
            return result
        given = [value for value in tree_iter((args, kwargs)) if isinstance(value, torch.Tensor)]
        result = func(*args, **kwargs)
        if self.wrong or func.overloadpacket.__name__ not in _COMPARED:
            return result
        if any(tensor.dtype in _FORMATS for tensor in given) and self._is_new(func, args, kwargs):
            again = func(*args, **kwargs)
            wide_args, wide_kwargs = tree_map_only(torch.Tensor, _widened, (args, kwargs))
            expected = func(*wide_args, **wide_kwargs)
            if how := _judged(result, again, expected):
                shapes = " by ".join("x".join(map(str, tensor.shape)) for tensor in given if tensor.dim() > 1)
                self.wrong = f"{func.overloadpacket.__name__} of {shapes} {how}"
        return result

    def _is_new(self, func: Any, args: Any, kwargs: Any) -> bool:
        case = str((func, tree_map_only(torch.Tensor, lambda t: (t.shape, t.stride(), t.dtype), (args, kwargs))))
        new = case not in self._seen
        self._seen.add(case)
        return new


def _widened(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.float() if tensor.dtype in _FORMATS else tensor


def _judged(result: object, again: object, expected: object) -> str:
    """Reason why a result is wrong; empty where it is sound. Gradients of biases are left out: their sums may
    cancel."""
    for one, other, right in zip(*map(tree_iter, (result, again, expected)), strict=True):
        if isinstance(one, torch.Tensor) and one.dtype in _FORMATS and one.dim() > 1:
            if (off := off_by(one, right)) > LIMIT:
                return "gives no numbers" if math.isinf(off) else f"is {off:.0%} off float32"
            if not torch.equal(one.view(torch.int16), other.view(torch.int16)):
                return "gives another result when it is computed again"
    return ""


def off_by(result: torch.Tensor, expected: torch.Tensor) -> float:
    """Distance of a 16-bit result from the float32 result as a share of the latter, by the Frobenius norm.

    Numbers that the format cannot hold are left out; infinity where a result is not a number that should be one.
    """
    limits = torch.finfo(result.dtype)
    held = expected.abs() < limits.max / 2
    right = torch.where(held, expected, 0).to(result.dtype).double()
    gap = float((torch.where(held, result, 0).double() - right).norm())
    # where all of it is next to nothing, fp16 keeps no share of it
    least = limits.smallest_normal * math.sqrt(max(1, result.numel()))
    return gap / max(float(right.norm()), least) if math.isfinite(gap) else math.inf

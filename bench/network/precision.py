"""Context in which a network computes in a number format, with or without oneDNN's kernels on a CPU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from bench.lazy import lazy

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

SIXTEEN_BITS = {"bf16": "bfloat16", "fp16": "float16"}
"""Formats that autocast computes in, by their names in torch."""


@contextmanager
def computing_in(precision: str, device: str, *, onednn: bool = True) -> Iterator[None]:
    """Context of autocast for bf16 and fp16, in which the weights stay float32 and each call casts them anew.

    For fp32 and tf32, which are settings of the process, it does nothing.

    Args:
        precision: the number format.
        device: device that computes.
        onednn: False leaves out oneDNN's kernels; gradients want `by_kernels` around them, too.
    """
    autocast: AbstractContextManager[object] = nullcontext()
    if precision in SIXTEEN_BITS:
        # with a cache, an autocast that a catalogue has entered and never left would keep the first step's weights
        kind, number_format = device.partition(":")[0], getattr(torch, SIXTEEN_BITS[precision])
        autocast = torch.autocast(kind, number_format, cache_enabled=False)
    with by_kernels(onednn=onednn), autocast:
        yield


@contextmanager
def by_kernels(*, onednn: bool) -> Iterator[None]:
    """Context in which a CPU computes with or without oneDNN's kernels, also in the backward pass."""
    if onednn:
        yield
        return
    # not torch's own context, which sets its formats of fp32 as well
    settings: Any = torch.backends.mkldnn  # its types tell of a descriptor
    before = settings.enabled
    settings.enabled = False
    try:
        yield
    finally:
        settings.enabled = before

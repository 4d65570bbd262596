"""The context in which a network computes in a number format."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from bench.lazy import lazy

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

SIXTEEN_BITS = {"bf16": "bfloat16", "fp16": "float16"}
"""Formats that autocast computes in, by their names in torch."""


def computing_in(precision: str, device: str) -> AbstractContextManager[object]:
    """Context of autocast for bf16 and fp16; of fp32 and tf32, which are settings of the process, an empty one.

    The weights stay float32, and each call casts them anew.
    """
    if precision not in SIXTEEN_BITS:
        return nullcontext()
    return torch.autocast(device.partition(":")[0], getattr(torch, SIXTEEN_BITS[precision]))

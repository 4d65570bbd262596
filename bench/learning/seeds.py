"""Seeds: each purpose draws from its own stream, so that changing one leaves the others unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from bench.cell import digest


def stream(purpose: str, *parts: str | int) -> int:
    """A seed in 0..2**32-1 for one purpose; equal parts give equal seeds on every host."""
    return int(digest([purpose, *parts])[:8], 16)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Context in which torch's global generators start from the seed; the CPU's state is restored afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield

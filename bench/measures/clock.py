"""The only module that reads clocks."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.cell import Samples
from bench.lazy import lazy

torch = lazy("torch")

MINIMUM = 3
"""Samples that are taken even where the budget is over."""
STEADY = 0.10
"""Warm-up ends when a call is within this share of the call before it."""
WARMUP = 0.25
"""Share of the seconds that warming up may take; the first call, which compiles, is always part of it."""
MAXIMUM = 500


class Clock:
    """Times synchronised calls on one device, until enough samples are taken or the seconds are over."""

    def __init__(self, seconds: float, device: str = "cpu") -> None:
        self.seconds = seconds
        """Wall time from now, building and warm-up included; the minimum of samples outranks it."""
        self.device = device
        self._begin = self.now()

    def now(self) -> float:
        """Monotonic seconds."""
        return time.perf_counter()

    def once(self, call: Callable[[], object]) -> float:
        """Seconds of one call, the device idle before and after."""
        self._synchronise()
        start = time.perf_counter()
        call()
        self._synchronise()
        return time.perf_counter() - start

    def sample(self, call: Callable[[], object]) -> Samples:
        """Warm up on the very call until it is steady, then time it call by call.

        Returns:
            Raw seconds, one per call, in order; the warm-up's apart.
        """
        warmup = self._warm_up(call)
        values: list[float] = []
        while len(values) < MINIMUM or (self._left() > 0 and len(values) < MAXIMUM):
            values.append(self.once(call))
        ended = "the most samples were taken" if len(values) == MAXIMUM else "the seconds were over"
        return Samples(tuple(values), tuple(warmup), {"ended": ended})

    def _warm_up(self, call: Callable[[], object]) -> list[float]:
        rest = self._left() * (1 - WARMUP)
        warmup = [self.once(call)]
        while self._left() > rest:
            warmup.append(self.once(call))
            if abs(warmup[-1] - warmup[-2]) <= STEADY * warmup[-2]:
                break
        return warmup

    def _left(self) -> float:
        return self.seconds - (self.now() - self._begin)

    def _synchronise(self) -> None:
        if self.device.startswith("cuda"):
            torch.cuda.synchronize()
        elif self.device == "mps":
            torch.mps.synchronize()

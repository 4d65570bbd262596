"""What happens on a device between two points of a training's curve."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.lazy import lazy
from evobench import Unsupported

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

WINDOW = (2, 4)
"""Points of the curve between which the device is watched: after libraries are loaded and memory is laid out."""


@dataclass
class Window:
    """What happens on a device between two points of a curve; training is synchronised at each."""

    device: str
    batch: int
    marks: int = 0
    seconds: float = 0.0
    steps: int = 0
    utilisation: list[float] = field(default_factory=list)
    _begin: float = 0.0
    _profile: Any = None

    def mark(self, frame: dict[str, Any]) -> None:
        """A point of the curve."""
        self.marks += 1
        first, last = WINDOW
        cuda = self.device.startswith("cuda")
        if cuda and first < self.marks <= last:
            self.utilisation += _utilisation(self.device)
        if self.marks == first:
            self.steps = -frame["step"]
            if cuda:
                activities = [torch.profiler.ProfilerActivity.CUDA]
                self._profile = torch.profiler.profile(activities=activities)
                self._profile.start()
            self._begin = time.perf_counter()
        if self.marks == last:
            self.seconds = time.perf_counter() - self._begin
            self.steps += frame["step"]
            if cuda:
                self._profile.stop()

    @property
    def rate(self) -> float:
        """Training images per second; 0 where training ended before the window did."""
        return self.steps * self.batch / self.seconds if self.seconds else 0.0

    def idle(self) -> tuple[float, str]:
        """Share of the window without a kernel, and what tells so.

        Raises:
            Unsupported: training ended before the window did, or nothing can be told.
        """
        if not self.seconds:
            raise Unsupported(f"training told of {self.marks} points, of which {WINDOW[1]} are needed")
        kernels = [
            (event.time_range.start / 1e6, event.time_range.end / 1e6)
            for event in self._profile.events()
            if event.device_type.name == "CUDA" and not event.name.startswith(("Memcpy", "Memset"))
        ]
        if kernels:
            return 1 - min(1.0, covered(kernels) / self.seconds), "kernels, by torch's profiler"
        if self.utilisation:
            return 1 - median(self.utilisation), "utilisation, by NVML"
        raise Unsupported("neither the profiler nor NVML tells what the GPU does here")


def _utilisation(device: str) -> list[float]:
    try:
        return [torch.cuda.utilization(device) / 100]
    except Exception:  # noqa: BLE001 - NVML's errors are its own; without it, the profiler must do
        return []


def covered(spans: list[tuple[float, float]]) -> float:
    """Length of the union of spans from begin to end."""
    total, reached = 0.0, float("-inf")
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return total

"""Time that a GPU waits between the steps of a training, by events on its stream."""

from __future__ import annotations

import torch


class Waiting:
    """Adds up the time between steps, without any synchronisation of its own.

    A step counts from the moment its pictures are ready in memory to the end of its last kernel. What lies between
    two steps is the wait for pictures. Gaps between the kernels of one step, where launching takes longer than
    they do, are not a part of it.
    """

    def __init__(self, device: str) -> None:
        """Watch the current stream of a device; on a CPU nothing is watched."""
        self._on_cuda = device.startswith("cuda")
        self._begin: torch.cuda.Event | None = None
        self._steps: list[tuple[torch.cuda.Event, torch.cuda.Event]] = []
        self._busy = self._whole = 0.0

    def begins(self) -> None:
        """Register that the pictures of a step are ready; the first call for a step counts."""
        if self._on_cuda and self._begin is None:
            self._begin = _now()

    def ends(self) -> None:
        """Register that all work of the step has been launched."""
        if self._begin is not None:
            self._steps.append((self._begin, _now()))
            self._begin = None

    def read(self) -> None:
        """Add up the steps since the last call, all of which the device must have finished."""
        if self._steps:
            self._busy += sum(begin.elapsed_time(end) for begin, end in self._steps)
            self._whole += self._steps[0][0].elapsed_time(self._steps[-1][1])
            self._steps.clear()

    @property
    def share(self) -> float | None:
        """Share of waiting in the time from the first step to the last, without evaluation; None on a CPU."""
        return max(0.0, 1 - self._busy / self._whole) if self._whole else None


def _now() -> torch.cuda.Event:
    event = torch.cuda.Event(enable_timing=True)
    event.record()
    return event

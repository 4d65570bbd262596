"""A cell whose measure samples one kind of call, by a clock of the gate's. It runs in any revision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bench.remote import (
    BEST,
    Clock,
    Count,
    Profile,
    Samples,
    Step,
    Unsupported,
    get_ready,
    measured,
    with_conditions,
)


class Single(Clock):
    """Samples one kind of call, in its own way; the parts of a call are not compared."""

    sampled = False

    def sample(self, call: Callable[[], object], share: float = 1.0, most: int = 0) -> Samples:
        """Take the samples of the call.

        Raises:
            Unsupported: another call was sampled before.
        """
        if self.sampled:
            raise Unsupported("its measure times more than one kind of call: such steps cannot be taken in turn")
        self.sampled = True
        return self.take(call)

    def take(self, call: Callable[[], object]) -> Samples:
        """The samples of the call."""
        raise NotImplementedError

    def split(self, parts: Mapping[str, Callable[[], object]]) -> dict[str, list[float]]:
        """Empty: a single step has no parts."""
        return {}

    def on_device(self, call: Callable[[], object], share: float = 1.0) -> list[float]:
        """Nothing: what the device's own clock tells is not compared."""
        return []

    def queued(self, call: Callable[[], object], seconds: float) -> list[float]:
        """Nothing: calls that are not waited for are not compared."""
        return []


def taken(job: Step | Profile | Count, clock: Callable[[], Single], **found: Any) -> Samples:
    """Let the measure of the job's cell take its samples.

    Args:
        job: names the cell.
        clock: makes the clock that the measure gets, in a process that is ready.
        found: more conditions that are in force.

    Raises:
        Unsupported: the cell has no single kind of call.
    """
    cell = job.cell
    if getattr(cell.scenario, "batch", None) == BEST:
        raise Unsupported("the best batch is looked for anew each time: such steps cannot be taken in turn")
    kept = get_ready(cell)
    own = clock()
    samples = measured(cell, own, job.given.shelf, lambda _: None)
    if not own.sampled:
        raise Unsupported("its measure takes no steps by the clock")
    return with_conditions(samples, cell, kept, **found)

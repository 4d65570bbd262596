"""What a side does beside what any worker does: take single steps when it is told to, and describe what it has.

It runs in the interpreter of any revision, started by `side.py`. So it imports from `bench.remote` alone, which is
that revision's, and from the files beside it, which are the gate's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench.remote import (
    ARCHITECTURES,
    BEST,
    JOBS,
    MEASURES,
    Cell,
    Clock,
    Describe,
    EvobenchError,
    Jobs,
    Line,
    Samples,
    Send,
    Step,
    Unsupported,
    cell_code,
    get_ready,
    load,
    measured,
    own_line,
    serve,
    versions,
    with_conditions,
)

# relative, since `bench.gate` is the revision's there
from .apart import refuse_strays
from .instructions import Counter
from .scatter import scattered

LEAST_WARM = 3
"""Calls before the steps, at least."""
MOST_WARM = 12
STEADY = 0.10
"""Warming up ends with a call that is not faster than the best before it by more than this share."""
SLOW = ("torchvision.models", "torchvision.transforms.v2")
"""Modules that some jobs import, for seconds: what they needed is told, for the next server to have it before."""


class Stepping(Clock):
    """Times one call whenever the driver asks for it, instead of as often as it likes."""

    def __init__(self, line: Line, send: Send, device: str) -> None:
        super().__init__(0.0, device)
        self._line = line
        self._send = send
        self._witness = _witness() if device == "cpu" else None
        self.stepped = False

    def sample(self, call: Callable[[], object], share: float = 1.0, most: int = 0) -> Samples:
        """Warm up, say `ready`, and take a step an order until another order comes."""
        if self.stepped:
            raise Unsupported("its measure times more than one kind of call: such steps cannot be taken in turn")
        self.stepped = True
        warmup = [self.once(call) for _ in range(LEAST_WARM)]
        while len(warmup) < MOST_WARM and warmup[-1] < (1 - STEADY) * min(warmup[:-1]):
            warmup.append(self.once(call))
        self._send({"event": "ready"})
        values: list[float] = []
        counts: list[int] = []
        while self._line.hear() == {"order": "step"}:
            before = self._witness.read() if self._witness else 0
            values.append(self.once(call))
            if self._witness:
                counts.append(self._witness.read() - before)
            self._send({"event": "step", "seconds": values[-1]})
        details = {"first_call": warmup[0], "instructions": median(counts) if counts else None}
        return Samples(tuple(values), tuple(warmup), details)

    def split(self, parts: Mapping[str, Callable[[], object]]) -> dict[str, list[float]]:
        """The parts of a step are not compared."""
        return {}

    def on_device(self, call: Callable[[], object], share: float = 1.0) -> list[float]:
        """What the device's own clock tells is not compared."""
        return []

    def queued(self, call: Callable[[], object], seconds: float) -> list[float]:
        """Calls that are not waited for are not compared."""
        return []


def main(*moved: Path) -> None:
    """Serve until the driver goes.

    Args:
        moved: the repository that this side must load nothing from, and the worktree that has its own version;
            empty: there is no such repository.
    """
    line = own_line()
    check = partial(refuse_strays, *moved) if moved else _accept_all
    jobs: Jobs = {**JOBS, Step: partial(step, line), Describe: describe}
    serve(line, {kind: partial(_told, do, check) for kind, do in jobs.items()}, check)


def step(line: Line, job: Step, send: Send) -> Samples:
    """Let a measure take its samples when it is told to."""
    cell = job.cell
    if job.cpus and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, job.cpus)
    if getattr(cell.scenario, "batch", None) == BEST:
        raise Unsupported("the best batch is looked for anew each time: such steps cannot be taken in turn")
    kept = get_ready(cell)
    held = scattered(load("torch"))
    clock = Stepping(line, send, cell.scenario.device)
    samples = measured(cell, clock, job.given.shelf, lambda _: None)
    del held  # until now
    if not clock.stepped:
        raise Unsupported("its measure takes no steps by the clock")
    return with_conditions(samples, cell, kept)


def describe(job: Describe, send: Send) -> Samples:
    """Which cells this side has, and the digest of the code that decides the figure of each."""
    codes: dict[str, str] = {}
    missing: dict[str, str] = {}
    for key, data in job.cells.items():
        try:
            cell = Cell.from_dict(data)
            ARCHITECTURES.get(cell.architecture)
            MEASURES.get(cell.measure)
            codes[key] = cell_code(cell)
        except (EvobenchError, TypeError, KeyError, ValueError, OSError) as error:
            missing[key] = " ".join(str(error).split())
    about = {"python": sys.version.split()[0], "versions": dict(versions())}
    return Samples((), details={"codes": codes, "missing": missing, **about})


def _told(do: Callable[[Any, Send], Samples], check: Callable[[], None], job: Any, send: Send) -> Samples:
    """Do a job, make sure that it has loaded nothing of the other side, and tell which slow modules it needed."""
    samples = do(job, send)
    check()
    imported = [name for name in SLOW if name in sys.modules]
    return replace(samples, details={**samples.details, "imported": imported})


def _accept_all() -> None:
    return


def _witness() -> Counter | None:
    """A counter of this thread's instructions; None where there is none."""
    try:
        return Counter()
    except OSError:
        return None

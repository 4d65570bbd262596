"""What a side does beside what any worker does: take single steps when it is told to, and describe what it has.

It runs in the interpreter of any revision, started by `side.py`. So it imports from `bench.remote` alone, which is
that revision's, and from the files beside it, which are the gate's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench.remote import (
    ARCHITECTURES,
    JOBS,
    MEASURES,
    Cell,
    Clock,
    Count,
    Describe,
    EvobenchError,
    Jobs,
    Line,
    Plan,
    Profile,
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
)

# relative, since `bench.gate` is the revision's there
from .apart import refuse_strays
from .counting import count
from .holding import HeldTensors
from .instructions import Counter
from .needs import uses_of
from .planning import plan
from .scatter import scattered
from .single import Single, taken
from .spans import Spans

LEAST_WARM = 3
"""Calls before the steps, at least."""
MOST_WARM = 12
STEADY = 0.10
"""Warming up ends with a call that is not faster than the best before it by more than this share."""
SLOW = ("torchvision.models", "torchvision.transforms.v2", "torch._dynamo")
"""Modules that some jobs import, for seconds: what they needed is told, for the next server to have it before.

The last is imported by the first step of an optimizer.
"""
Beside = Callable[[Callable[[], object]], None]


class Stepping(Single):
    """Times one call whenever the driver asks for it, instead of as often as it likes."""

    def __init__(self, line: Line, send: Send, device: str, beside: Beside = lambda _: None) -> None:
        """Make it.

        Args:
            line: brings the orders.
            send: receives frames.
            device: device on which the call works.
            beside: is given the call after each of its steps, outside their time.
        """
        super().__init__(0.0, device)
        self._beside = beside
        self._line = line
        self._send = send
        self._witness = _witness() if device == "cpu" else None
        self._held = scattered(load("torch"))  # as long as it steps

    def take(self, call: Callable[[], object]) -> Samples:
        """Warm up, say `ready`, and take a step an order until another order comes."""
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
            self._beside(call)
            self._send({"event": "step", "seconds": values[-1]})
        details = {"first_call": warmup[0], "instructions": median(counts) if counts else None}
        return Samples(tuple(values), tuple(warmup), details)


def main(*moved: Path) -> None:
    """Serve until the driver goes.

    Args:
        moved: the repository that this side must load nothing from, and the worktree that has its own version;
            empty: there is no such repository.
    """
    line = own_line()
    check: Callable[[], None] = _accept_all
    if moved:
        other, own = moved
        check = partial(refuse_strays, other, own, set())
    jobs: Jobs = {
        **JOBS,
        Step: partial(step, line),
        Profile: partial(profile, line),
        Count: count,
        Describe: describe,
        Plan: plan,
    }
    serve(line, {kind: partial(_told, do, check) for kind, do in jobs.items()}, check)


def step(line: Line, job: Step, send: Send) -> Samples:
    """Let a measure take its samples when it is told to."""
    return _stepped(job, line, send)


def profile(line: Line, job: Profile, send: Send) -> Samples:
    """Tell which layers and operators take the time of steps, or which tensors hold the memory at its peak."""
    device = job.cell.scenario.device
    if job.what == "memory":
        get_ready(job.cell)
        held = HeldTensors(device.partition(":")[0])
        with held.watch():
            measured(job.cell, Clock(0.0, device), job.given.shelf, lambda _: None)
        return Samples((), details={"rows": held.rows()})
    if device == "mps":
        raise Unsupported("torch tells no times of layers on mps")
    # so that an operator's time holds what the GPU does for it; read when the GPU is first used
    os.environ["CUDA_LAUNCH_BLOCKING"] = "1"
    spans = Spans(layered=getattr(job.cell.scenario, "execution", "eager") == "eager")
    samples = _stepped(job, line, send, spans.take)
    return replace(samples, details={**samples.details, "rows": spans.rows(), "profiled": spans.totals()})


def _stepped(job: Step | Profile, line: Line, send: Send, beside: Beside = lambda _: None) -> Samples:
    if job.cpus and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, job.cpus)
    return taken(job, partial(Stepping, line, send, job.cell.scenario.device, beside))


def describe(job: Describe, send: Send) -> Samples:
    """Cells that this side has, and the digest of the code that decides the figure of each."""
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
    uses = uses_of(SLOW)
    samples = do(job, send)
    check()
    return replace(samples, details={**samples.details, "imported": uses()})


def _accept_all() -> None:
    return


def _witness() -> Counter | None:
    """A counter of this thread's instructions; None where there is none."""
    try:
        return Counter()
    except OSError:
        return None

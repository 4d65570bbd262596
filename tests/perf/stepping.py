"""A catalogue for `nox -s overhead`: a measure that does nothing, and one that takes its samples when told to."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.measures.timing import forward
from evobench import Cell, Cost, Planned, Samples, Setting, measure, suite

if TYPE_CHECKING:
    from bench.clock import Clock
    from bench.network.subject import Subject

SOCKET = "EVOBENCH_STEPPING_SOCKET"
"""Environment variable: path of the socket on which a block of calls is asked for, one byte a block."""
CALLS = 10
"""Timed calls of a block."""
EMPTY_CELLS = 40
STARTS = 8
"""Processes whose start on a GPU is timed."""


@measure(unit="1", nature="count", better="neither")
def nothing(subject: Subject, clock: Clock) -> Samples:
    """No work at all: what the cell takes is the harness's own."""
    return Samples((0.0,))


@measure(unit="1", nature="count", better="neither")
def first_pass(subject: Subject, clock: Clock) -> Samples:
    """One pass of one image, tuned: what a process takes on a GPU before anything can be sampled."""
    forward(subject)()
    return Samples((1.0,))


@measure(unit="s", better="lower")
def stepped_latency(subject: Subject, clock: Clock) -> Samples:
    """Latency as `latency` takes it, a block of calls whenever the other side asks for one."""
    call = forward(subject)
    warmup = [clock.once(call) for _ in range(CALLS)]
    values: list[float] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as steps:
        steps.connect(os.environ[SOCKET])
        steps.sendall(b"r")
        while steps.recv(1):
            values += [clock.once(call) for _ in range(CALLS)]
            steps.sendall(b"d")
    return Samples(tuple(values), tuple(warmup))


@suite(title="Nothing to do")
def empty(setting: Setting) -> Iterator[Planned]:
    """Cells that do nothing."""
    for side in range(EMPTY_CELLS):
        yield Planned(Cell("resnet18", "nothing", Cost(mode="infer", resolution=224 + side, threads=1)), 0.05)


@suite(title="Starting on a GPU")
def starting(setting: Setting) -> Iterator[Planned]:
    """Processes that do one pass."""
    yield Planned(Cell("resnet18", "first_pass", setting.cost("infer", 224)), 1.0, STARTS)

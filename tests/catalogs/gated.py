"""Cells that wait at a door until the test lets them in: the socket that the environment names."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

from evobench import Cell, Cost, Planned, Samples, Setting, measure, suite

if TYPE_CHECKING:
    from bench.clock import Clock
    from bench.network.subject import Subject

DOOR = "EVOBENCH_TEST_DOOR"
CELLS = 6


@measure(unit="1", nature="count", better="neither", needs="core")
def let_in(subject: Subject, clock: Clock) -> Samples:
    """Tells its process at the door, and waits for an answer."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(os.environ[DOOR])
        line.sendall(str(os.getpid()).encode())
        line.recv(1)
    return Samples((1.0,))


@suite(title="At the door")
def gated(setting: Setting) -> Iterator[Planned]:
    """A few cells that wait."""
    for side in range(CELLS):
        yield Planned(Cell("resnet18", "let_in", Cost(mode="infer", resolution=32 + side, threads=1)), 0.1)

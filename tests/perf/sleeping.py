"""A catalogue for `nox -s cluster`: cells that sleep, so that nodes on one machine do not share their work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from evobench import Cell, Cost, Planned, Samples, Setting, measure, suite

if TYPE_CHECKING:
    from bench.clock import Clock
    from bench.network.subject import Subject

SECONDS = 0.5
CELLS = 400


@measure(unit="1", nature="count", better="neither", needs="core")
def slept(subject: Subject, clock: Clock) -> Samples:
    """Half a second of nothing."""
    time.sleep(SECONDS)
    return Samples((1.0,))


@suite(title="Asleep")
def asleep(setting: Setting) -> Iterator[Planned]:
    """Cells that sleep."""
    for side in range(CELLS):
        yield Planned(Cell("resnet18", "slept", Cost(mode="infer", resolution=32 + side, threads=1)), SECONDS)

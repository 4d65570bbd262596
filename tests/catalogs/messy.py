"""A catalogue of architectures that fork, and that say what no file can hold."""

import os
import time
from collections.abc import Iterator
from typing import Any

from evobench import Cell, Cost, Planned, Samples, Setting, architecture, measure, suite


@architecture(family="Messy", year=2026, paper="none", resolution=16, min_resolution=3)
def leaving_a_child(num_classes: int) -> float:
    """Leaves a process behind."""
    child = os.fork()
    if child == 0:
        time.sleep(3600)
    return float(child)


@architecture(family="Messy", year=2026, paper="none", resolution=16, min_resolution=3)
def escaping(num_classes: int) -> float:
    """Goes on in a second process, out of reach, which ends after the first."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(0.2)
    return 1.0


@architecture(family="Messy", year=2026, paper="none", resolution=16, min_resolution=3)
def outliving(num_classes: int) -> float:
    """Leaves a process behind, out of reach, which holds the line."""
    child = os.fork()
    if child == 0:
        os.setsid()
        time.sleep(3600)
    while os.getpgid(child) == os.getpgid(0):
        time.sleep(0.001)
    return float(child)


@architecture(family="Messy", year=2026, paper="none", resolution=16, min_resolution=3)
def waiting(num_classes: int) -> float:
    """Is still there when the second process of the one before it has its say."""
    time.sleep(0.5)
    return 2.0


@architecture(family="Messy", year=2026, paper="none", resolution=16, min_resolution=3)
def unspeakable(num_classes: int) -> float:
    """Fails with a stray byte of a file name in its message."""
    raise ValueError(os.fsdecode(b"\xff"))


@measure(unit="1", nature="count", better="neither")
def born(subject, clock) -> Samples:  # type: ignore[no-untyped-def]
    """What the architecture's function returns."""
    from bench.declare.catalog import ARCHITECTURES

    built: Any = ARCHITECTURES.get(subject.cell.architecture).build(10)
    return Samples((built,))


@measure(unit="1", nature="count", better="neither")
def linger(subject, clock) -> Samples:  # type: ignore[no-untyped-def]
    """Says what the architecture's function returned and who its lane is, then never returns."""
    from bench.declare.catalog import ARCHITECTURES

    built: Any = ARCHITECTURES.get(subject.cell.architecture).build(10)
    subject.report({"left": int(built), "lane": os.getppid()})
    time.sleep(3600)
    return Samples((0.0,))


@suite(title="Messy")
def messy(setting: Setting) -> Iterator[Planned]:
    """One cell with a reason that UTF-8 cannot hold."""
    yield Planned(Cell("unspeakable", "born", Cost(mode="infer", resolution=16, threads=1)), 0.1)

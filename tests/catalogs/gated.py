"""Cells and a data set that wait at a door until the test lets them in: the socket that the environment names."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.lazy import lazy
from evobench import Cell, Cost, Images, Learning, Planned, Samples, Setting, dataset, measure, suite

if TYPE_CHECKING:
    import numpy as np

    from bench.clock import Clock
    from bench.network.subject import Subject
else:
    np = lazy("numpy")

DOOR = "EVOBENCH_TEST_DOOR"
CELLS = 6


@measure(unit="1", nature="count", better="neither", needs="core")
def let_in(subject: Subject, clock: Clock) -> Samples:
    """Tells its process at the door, and waits for an answer."""
    _wait()
    return Samples((1.0,))


@dataset(
    name="gated-noise", classes=2, channels=1, resolution=16, licence="CC0", source="made here", oriented=True
)
def gated_noise() -> Images:
    """Pictures of noise, which are made once whoever is at the door lets them in."""
    _wait()
    noise = np.random.default_rng(0).integers(0, 256, (40, 16, 16, 1), np.uint8)
    return Images(noise, np.tile(np.arange(2), 20))


def _wait() -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(os.environ[DOOR])
        line.sendall(str(os.getpid()).encode())
        line.recv(1)


@suite(title="At the door")
def gated(setting: Setting) -> Iterator[Planned]:
    """A few cells that wait."""
    for side in range(CELLS):
        yield Planned(Cell("resnet18", "let_in", Cost(mode="infer", resolution=32 + side, threads=1)), 0.1)


@suite(title="Data at the door")
def gated_data(setting: Setting) -> Iterator[Planned]:
    """Two trainings on the data that wait, and a count."""
    for seed in range(2):
        where = Learning(
            weights="random",
            target="gated-noise",
            mode="scratch",
            augmentation="none",
            resolution=28,
            shots=3,
            steps=2,
            batch=4,
            lr=1e-3,
            seed=seed,
        )
        yield Planned(Cell("lecture_cnn", "top1", where), 0.1)
    yield Planned(Cell("lecture_cnn", "parameters", Cost(mode="infer", resolution=28, threads=1)), 0.1)

"""A catalogue for `nox -s kills`: cells of a fraction of a second each, counts, naps and trainings."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from evobench import Cell, Cost, Learning, Planned, Samples, Setting, measure, suite

if TYPE_CHECKING:
    from bench.clock import Clock
    from bench.network.subject import Subject

COUNTS, NAPS, SEEDS = 8, 4, 6


@measure(unit="1", nature="count", better="neither", needs="core", repeats="anywhere")
def slow_count(subject: Subject, clock: Clock) -> Samples:
    """A fifth of a second of sleep, and the resolution: time enough to be killed in."""
    time.sleep(0.2)
    return Samples((float(subject.cell.scenario.resolution),))


@measure(unit="s", better="neither")
def short_nap(subject: Subject, clock: Clock) -> Samples:
    """A tenth of a second of sleep, alone on its host."""
    return Samples((clock.once(lambda: time.sleep(0.1)),))


def trained(mode: str, seed: int) -> Cell:
    """A training of the lecture's CNN on three digits a class."""
    where = Learning(
        weights="random",
        target="uci-digits",
        mode=mode,
        augmentation="none",
        resolution=28,
        shots=3,
        steps=10,
        batch=16,
        lr=3e-3,
        seed=seed,
    )
    return Cell("lecture_cnn", "top1", where)


@suite(title="Cheap cells")
def cheap(setting: Setting) -> Iterator[Planned]:
    """Counts, one in two processes; naps; trainings of a network, and of a head on features that folds share."""
    for number in range(COUNTS):
        where = Cost(mode="infer", resolution=28 + number, threads=1)
        yield Planned(Cell("lecture_cnn", "slow_count", where), replicates=1 + number % 2)
    for number in range(NAPS):
        yield Planned(Cell("lecture_cnn", "short_nap", Cost(mode="infer", resolution=28 + number, threads=1)), 0.1)
    for seed in range(SEEDS):
        yield Planned(trained("scratch", seed))
        yield Planned(trained("features+softmax", seed))

"""Arms of hypotheses: trainings, counts and timings under the conditions of a run."""

from __future__ import annotations

from collections.abc import Iterator

from bench.declare.catalog import ARCHITECTURES
from evobench import Arm, Cell, Cost, Learning, Planned, Setting

PROCESSES = 5
"""Fresh processes of a timing."""
SAMPLING = 0.4
"""Seconds that the clock of each may sample for."""


def trained(
    label: str,
    architecture: str,
    setting: Setting,
    *,
    target: str,
    shots: int | None,
    steps: int,
    lr: float,
    resolution: int,
    weights: str = "random",
    mode: str = "scratch",
    augmentation: str = "none",
    batch: int = 16,
    measure: str = "top1",
    figure: str = "",
    duration: float | None = None,
) -> Arm:
    """A network that learns; `figure` names a detail, empty for the accuracy. `shots` are images per class.

    `duration` are the seconds of a training that ends by time, `steps` the most that it may take.
    """
    where = Learning(
        weights=weights,
        target=target,
        mode=mode,
        augmentation=augmentation,
        resolution=resolution,
        shots=shots,
        steps=steps,
        batch=batch,
        lr=lr,
        device=setting.device,
        threads=setting.learning_threads,
        duration=duration,
    )
    return Arm(label, Planned(Cell(architecture, measure, where)), figure)


def counted(label: str, architecture: str, measure: str, setting: Setting, resolution: int | None = None) -> Arm:
    """A count, which is the same on every machine."""
    side = resolution or ARCHITECTURES.get(architecture).resolution
    where = Cost(mode="infer", resolution=side, threads=setting.threads)
    return Arm(label, Planned(Cell(architecture, measure, where)))


def timed(
    label: str,
    architecture: str,
    measure: str,
    setting: Setting,
    *,
    resolution: int | None = None,
    batch: int = 1,
) -> Arm:
    """The median time of a pass, or of a training step, in fresh processes."""
    side = resolution or ARCHITECTURES.get(architecture).resolution
    where = setting.cost("train" if measure == "train_step" else "infer", side, batch)
    processes = 1 if setting.profile == "smoke" else PROCESSES
    return Arm(label, Planned(Cell(architecture, measure, where), SAMPLING, processes))


def pairs(*sides: tuple[Arm, Arm]) -> Iterator[Arm]:
    """Arms in pairs, base before treated, one pair after the other."""
    for base, treated in sides:
        yield base
        yield treated

"""A catalogue for the check: images of 224 px that need no network, and how long a GPU waits while it trains."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from bench.declare.artifact import Artifact
from bench.lazy import lazy, load
from bench.learning.artifacts import needs_of
from bench.machine.gpus.nvml import uuid_of
from bench.measures.accuracy import top1
from evobench import (
    Cell,
    Images,
    Planned,
    Samples,
    Setting,
    Unsupported,
    dataset,
    import_all,
    measure,
    suite,
)
from tests.gpu_check.grid import QUICK, WHOLE, trainings
from tests.gpu_check.watched import Window

if TYPE_CHECKING:
    import numpy as np
    import torch

    from bench.clock import Clock
    from bench.learning import experiment
    from bench.network.subject import Subject
else:
    np, torch = lazy("numpy"), lazy("torch")
    experiment = lazy("bench.learning.experiment")

pynvml = lazy("pynvml")

# where evobench runs from a checkout and is not installed, no entry point names its own catalogue
import_all("suites")

OFTEN = 0.1
"""Seconds of training after which its state is kept, where it is to be killed: half a minute would not do."""
CLASSES = 4
IMAGES = 640


def waves(side: int) -> Images:
    """Waves of four directions in noise, N x side x side x 3: 160 of each."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side] / side
    labels = np.arange(IMAGES) % CLASSES
    angles = labels * np.pi / CLASSES
    phases = random.uniform(0, 2 * np.pi, IMAGES)
    pixels = np.empty((IMAGES, side, side, 3), np.uint8)
    for i, (angle, phase) in enumerate(zip(angles, phases, strict=True)):
        wave = 64 * np.sin(25 * (x * np.cos(angle) + y * np.sin(angle)) + phase)
        pixels[i] = np.clip(128 + wave[..., None] + random.integers(-60, 60, (side, side, 3)), 0, 255)
    return Images(pixels, labels.astype(np.int64))


for _side in (32, 224):
    _declare = dataset(
        name=f"waves{_side}", classes=CLASSES, channels=3, resolution=_side, licence="none", source="drawn here"
    )
    _declare(partial(waves, _side))


def _artifacts(cell: Cell) -> tuple[Artifact, ...]:
    return needs_of(cell).all()


@measure(unit="1", nature="ratio", better="lower", kind="learning", artifacts=_artifacts)
def waiting(subject: Subject, clock: Clock) -> Samples:
    """Share of the time in which the GPU runs no kernel while a model is trained in bf16 as the scenario says.

    Watched between two points of the curve, the one validation between them included. `how` tells by what: the
    profiler's kernels or, where it may not see them, the utilisation by NVML (the share of the last moments in
    which any kernel ran). `images_per_second` is of that window, too.
    """
    device = subject.learning.device
    window = Window(device, subject.learning.batch)
    job = experiment.prepare(subject.cell, subject.learning, subject.shelf)
    with torch.autocast(device.partition(":")[0], torch.bfloat16):
        learned = experiment.train(job, subject.shelf, window.mark)
    if not device.startswith("cuda"):
        raise Unsupported(f"no device waits for the CPU on {device}; it trained {window.rate:.3g} images/s")
    share, how = window.idle()
    details = {"how": how, "images_per_second": window.rate, "train_seconds": learned.seconds}
    return Samples((share,), details=details)


@measure(unit="1", nature="share", better="higher", kind="learning", artifacts=_artifacts)
def killable(subject: Subject, clock: Clock) -> Samples:
    """What `top1` is, of a training that keeps its state often."""
    vars(load("bench.learning.training.unfinished"))["EVERY"] = OFTEN  # in this cell's process alone
    return top1(subject, clock)


@measure(unit="1", nature="count", better="lower")
def neighbours(subject: Subject, clock: Clock) -> Samples:
    """Other processes on the GPU, by NVML; `bytes` is what all of them hold of its memory."""
    device = subject.cost.device
    if not device.startswith("cuda"):
        raise Unsupported(f"NVML knows no processes of {device}")
    uuid = uuid_of(device)
    torch.ones(1, device=device).item()
    try:
        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByUUID(uuid)
        listed = [
            *pynvml.nvmlDeviceGetComputeRunningProcesses(handle),
            *pynvml.nvmlDeviceGetGraphicsRunningProcesses(handle),
        ]
    except pynvml.NVMLError as error:
        raise Unsupported(f"NVML cannot list the GPU's processes: {error}") from error
    held = {process.pid: process.usedGpuMemory or 0 for process in listed}
    inside = held.pop(os.getpid(), None) is not None
    # a container numbers its processes in its own way: one of those that are listed is this one
    number = len(held) if inside else max(0, len(held) - 1)
    return Samples((float(number),), details={"bytes": sum(held.values()), "own_listed": inside})


@suite(title="Check of a GPU")
def gpu_check(setting: Setting) -> Iterator[Planned]:
    """Trainings of the check: one that is watched, one that is done twice."""
    yield from trainings(QUICK if setting.profile == "smoke" else WHOLE, setting)

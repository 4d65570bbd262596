"""Augmentation: how fast each one feeds a training, and what each one alone changes.

    evobench run --suite augmentation_rates              # images a second
    evobench run --suite augmentations --dry-run         # says how long it will take here
    evobench run --suite augmentations --profile smoke   # less than half a minute on 2 cores
    evobench run --suite augmentations --profile full    # every one on every net, 10 seeds

Nothing but the augmentation differs between two cells of a seed, so that differences are paired by seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from bench.declare.declarations import Profile
from bench.learning.data.augment import AUGMENTATIONS
from bench.learning.scenario import PIPELINES
from evobench import Cell, Learning, Planned, Setting, suite
from suites.sizes import with_costs

NONE = "none"
POPULAR = ("hflip", "vflip", "rotation", "scale", "crop", "translation", "noise", "colour")
"""Augmentations that the slide names, each alone, and colour."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Images whose augmentation is timed."""

    architecture: str
    target: str
    resolution: int
    batch: int


@dataclass(frozen=True)
class AugmentationDepth:
    """Effort of timing in a profile."""

    feeds: tuple[Feed, ...]
    sampling: float
    """Seconds that the clock of one process may sample for."""
    processes: int


_DIGITS = Feed(architecture="lecture_cnn", target="mnist5k", resolution=28, batch=32)
_PHOTOGRAPHS = Feed(architecture="efficientnet_lite0", target="textures", resolution=64, batch=16)
RATES: dict[Profile, AugmentationDepth] = {
    "smoke": AugmentationDepth((_DIGITS,), 0.1, 1),
    "default": AugmentationDepth((_DIGITS, _PHOTOGRAPHS), 0.1, 3),
    "full": AugmentationDepth((_DIGITS, _PHOTOGRAPHS, replace(_PHOTOGRAPHS, resolution=224)), 1.0, 3),
}


@suite(title="Speed of augmentation")
def augmentation_rates(setting: Setting) -> Iterator[Planned]:
    """Images per second of every augmentation, on batches of tensors and on PIL images one by one."""
    depth = RATES[setting.profile]
    for feed, name, pipeline in product(depth.feeds, AUGMENTATIONS.names(), PIPELINES):
        if name == NONE and pipeline != PIPELINES[0]:
            continue  # nothing is changed, so that both are the same
        scenario = Learning(
            weights="random",
            target=feed.target,
            mode="scratch",
            augmentation=name,
            resolution=feed.resolution,
            shots=None,
            steps=0,
            batch=feed.batch,
            lr=0.0,
            threads=setting.threads,
            pipeline=pipeline,
        )
        cell = Cell(feed.architecture, "augmentation_rate", scenario)
        yield Planned(cell, depth.sampling, depth.processes)


@dataclass(frozen=True, kw_only=True)
class Ablation:
    """Trainings with each augmentation and without, for several seeds."""

    architecture: str
    weights: str
    target: str
    mode: str
    resolution: int
    shots: int
    """Training images per class."""
    steps: int
    batch: int = 16
    lr: float
    augmentations: tuple[str, ...] = POPULAR
    seeds: int


_LENET = Ablation(
    architecture="lenet5",
    weights="random",
    target="uci-digits",
    mode="scratch",
    resolution=32,
    shots=10,
    steps=150,
    lr=3e-3,
    seeds=8,
)
_TUNED = Ablation(
    architecture="lecture_cnn",
    weights="pretrain:mnist5k",
    target="uci-digits",
    mode="finetune:all",
    resolution=28,
    shots=5,
    steps=100,
    lr=1e-3,
    seeds=5,
)
_HEAD = Ablation(
    architecture="efficientnet_lite0",
    weights="imagenet-lite",
    target="textures",
    mode="features+softmax",
    resolution=64,
    shots=3,
    steps=200,
    lr=1e-2,
    seeds=5,
)
TABLES: dict[Profile, tuple[Ablation, ...]] = {
    "smoke": (
        replace(_LENET, augmentations=("hflip", "translation"), seeds=3, steps=60),
        replace(_HEAD, augmentations=("hflip",), seeds=2),
    ),
    "default": (
        _LENET,
        replace(_TUNED, augmentations=("hflip", "rotation", "crop", "translation")),
        replace(_HEAD, augmentations=("hflip", "rotation", "crop", "noise")),
    ),
    "full": tuple(
        replace(row, augmentations=(*POPULAR, "lecture", "digits"), seeds=10)
        for row in (
            _LENET,
            replace(_LENET, architecture="lecture_cnn", resolution=28),
            replace(_LENET, target="textures", lr=1e-3),
            _TUNED,
            replace(_TUNED, architecture="lenet5", resolution=32, lr=3e-3),
            replace(_HEAD, shots=10),
            replace(_HEAD, target="uci-digits"),
        )
    ),
}


@suite(title="Augmentations, each alone")
def augmentations(setting: Setting) -> Iterator[Planned]:
    """What each popular augmentation alone does to small networks and to a head on ImageNet features."""
    trainings = (cell for row in TABLES[setting.profile] for cell in planned(row, setting))
    yield from with_costs(trainings, setting)


def planned(row: Ablation, setting: Setting) -> Iterator[Planned]:
    """The cells of an ablation, seed by seed."""
    for seed, name in product(setting.learning.numbers(row.seeds), (NONE, *row.augmentations)):
        scenario = Learning(
            weights=row.weights,
            target=row.target,
            mode=row.mode,
            augmentation=name,
            resolution=row.resolution,
            shots=row.shots,
            steps=row.steps,
            batch=row.batch,
            lr=row.lr,
            seed=seed,
            device=setting.device,
            threads=setting.learning_threads,
        )
        yield Planned(Cell(row.architecture, "top1", scenario))

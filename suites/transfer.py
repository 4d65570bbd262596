"""Transfer learning as the lecture tells it: fixed features, fine-tuning, pretrained against scratch.

    evobench run --suite transfer                    # about 5 minutes on 2 cores
    evobench run --suite transfer --profile smoke    # about 25 seconds
    evobench run --suite transfer --profile full     # ImageNet weights at 224 px: minutes on a GPU, hours on a CPU

Each row of the tables is measured for every mode, augmentation and seed that it names. Learning rates were chosen
on validation images of seeds that the tables do not use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from bench import Cell, Learning, Planned, Setting, suite
from bench.catalog import ARCHITECTURES
from bench.declarations import Architecture, Profile
from bench.learning.scenario import PRETRAINING, Pretraining

MNIST = "pretrain:mnist5k"
LITE = "imagenet-lite"
HEADS = ("features+softmax", "features+svm")
TUNING = ("finetune:all", "finetune:upper")
HEAD_STEPS = 200
HEAD_LR = 1e-2


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is measured of one architecture from one source of weights to one target."""

    architecture: str
    weights: str
    target: str = "uci-digits"
    resolution: int
    modes: tuple[str, ...]
    augmentations: tuple[str, ...] = ("none",)
    shots: int = 5
    """Training images per class."""
    steps: int = 60
    batch: int = 16
    lr: float
    seeds: int = 3
    seconds: float
    """Expected wall time of one cell on 2 cores."""
    once: float = 0.0
    """Expected wall time of what the row's cells share: checkpoint, features."""


def heads(row: Row, *, seconds: float = 0.5, once: float = 0.0) -> Row:
    """The row's frozen-feature form: heads train for more and larger steps, which cost nothing."""
    return replace(row, modes=HEADS, steps=HEAD_STEPS, lr=HEAD_LR, seconds=seconds, once=once)


def frozen_random(row: Row, *, seconds: float = 0.5, once: float = 0.0, seeds: int = 3) -> Row:
    """The control: a softmax head on the features of random weights."""
    return replace(
        heads(row, seconds=seconds, once=once),
        weights="random",
        modes=HEADS[:1],
        augmentations=("none",),
        seeds=seeds,
    )


def scratch(row: Row, *, lr: float) -> Row:
    """The row's form without transfer, with a learning rate of its own."""
    return replace(row, weights="random", modes=("scratch",), lr=lr, once=0.0)


for _name, _recipe in {
    "lecture_cnn": Pretraining(lr=3e-3, epochs=8),
    "lenet5": Pretraining(lr=3e-3, epochs=8),
    "resnet18": Pretraining(lr=1e-3, epochs=2),
    "googlenet": Pretraining(lr=1e-3, epochs=2),
    "efficientnet_b0": Pretraining(lr=2e-3, epochs=2),
    "vgg11_reduced": Pretraining(lr=5e-4, epochs=1),
    "vit_reduced": Pretraining(lr=1e-3, epochs=2),
    "swin_reduced": Pretraining(lr=1e-3, epochs=1),
}.items():
    PRETRAINING.add(_name, _recipe, __name__)

# The small networks train for 200 steps: 60 are too few to judge an augmentation by.
_LECTURE = Row(
    architecture="lecture_cnn",
    weights=MNIST,
    resolution=28,
    modes=TUNING,
    augmentations=("none", "digits"),
    steps=200,
    lr=1e-3,
    seconds=1.6,
)
_LENET = Row(
    architecture="lenet5",
    weights=MNIST,
    resolution=32,
    modes=TUNING,
    augmentations=("none", "digits"),
    steps=200,
    lr=3e-3,
    seconds=1.3,
)
_RESNET = Row(architecture="resnet18", weights=MNIST, resolution=32, modes=TUNING, lr=5e-4, seconds=5)
_LITE0 = Row(
    architecture="efficientnet_lite0",
    weights=LITE,
    target="textures",
    resolution=64,
    modes=TUNING,
    shots=20,
    lr=3e-4,
    seconds=9.0,
)
_VGG16 = Row(
    architecture="vgg16", weights="random", resolution=32, modes=HEADS[:1], lr=HEAD_LR, seeds=1, seconds=1.0
)


def _single(architecture: str, *, lr: float, steps: int = 40, seconds: float, once: float) -> tuple[Row, ...]:
    """One seed of a larger network: an example, no comparison."""
    row = Row(
        architecture=architecture,
        weights=MNIST,
        resolution=32,
        modes=TUNING[:1],
        steps=steps,
        lr=lr,
        seeds=1,
        seconds=seconds,
        once=once,
    )
    return row, replace(heads(row, once=1.5), modes=HEADS[:1])


_GOOGLENET = _single("googlenet", lr=1e-3, steps=60, seconds=6.0, once=14.0)

SMOKE = (
    replace(_LECTURE, augmentations=("none",), seeds=1, once=4.0),
    heads(replace(_LECTURE, augmentations=("none",), seeds=1)),
    scratch(replace(_LECTURE, augmentations=("none",), seeds=1), lr=3e-3),
    heads(replace(_LITE0, seeds=1), once=3.0),
    frozen_random(_LITE0, once=2.0, seeds=1),
)
DEFAULT = (
    # the two small networks: about 120 seconds, five seeds where a comparison is to be decided
    # the lecture's augmentation mirrors digits, which changes classes; the one for digits is the fair comparison
    replace(_LECTURE, modes=TUNING[:1], augmentations=("none", "digits", "lecture"), seeds=5, once=6.0),
    replace(_LECTURE, modes=TUNING[1:]),
    scratch(replace(_LECTURE, seeds=5), lr=3e-3),
    heads(_LECTURE, seconds=1.5),
    frozen_random(_LECTURE, seconds=1.0),
    replace(_LENET, modes=TUNING[:1], seeds=5, once=3.0),
    replace(_LENET, modes=TUNING[1:]),
    scratch(replace(_LENET, seeds=5), lr=3e-3),
    heads(_LENET),
    frozen_random(_LENET),
    # ImageNet weights: about 85 seconds; 60 steps of tuning cannot judge an augmentation, so that from here on
    # one seed shows it; the heads can, and have three
    replace(_LITE0, modes=TUNING[:1]),
    replace(_LITE0, augmentations=("lecture",), seeds=1),
    replace(_LITE0, modes=TUNING[1:], seconds=3.5),
    scratch(replace(_LITE0, seeds=1), lr=1e-3),
    heads(replace(_LITE0, augmentations=("none", "lecture")), once=6.0),
    frozen_random(_LITE0, once=3.0),
    # about 90 seconds
    replace(_RESNET, modes=TUNING[:1], once=14.0),
    replace(_RESNET, modes=TUNING[1:], seconds=4.0),
    scratch(_RESNET, lr=5e-4),
    replace(_RESNET, augmentations=("digits",), seeds=1),
    scratch(replace(_RESNET, augmentations=("digits",), seeds=1), lr=5e-4),
    heads(replace(_RESNET, augmentations=("none", "digits")), once=4.0),
    frozen_random(_RESNET, once=3.0),
    # one example each, of what trains in seconds; VGG-16 does not: about 90 seconds
    *_GOOGLENET,
    scratch(_GOOGLENET[0], lr=1e-3),
    *_single("efficientnet_b0", lr=1e-3, seconds=5.0, once=20.0),
    frozen_random(_VGG16, once=8.0, seeds=1),
    *_single("vit_reduced", lr=1e-3, seconds=2.5, once=10.0),
    *_single("swin_reduced", lr=1e-3, seconds=5.0, once=9.0),
)


def _published(architecture: str, lr: float, seconds: float, weights: str = "imagenet") -> tuple[Row, ...]:
    """ImageNet weights at the size that they were trained for, on textures; seconds are those of 2 cores."""
    row = Row(
        architecture=architecture,
        weights=weights,
        target="textures",
        resolution=224,
        modes=TUNING,
        augmentations=("none", "lecture"),
        shots=20,
        lr=lr,
        seeds=5,
        seconds=seconds,
    )
    control = frozen_random(row, seconds=1.0, once=seconds, seeds=5)
    return row, scratch(row, lr=lr), heads(row, seconds=2.0, once=seconds), control


# What people use on a GPU. Some cells take an hour on 2 cores: give them --timeout 2h there.
FULL = (
    *(replace(row, seeds=10) for row in DEFAULT if row.architecture in ("lecture_cnn", "lenet5", "resnet18")),
    *_published("efficientnet_lite0", lr=3e-4, seconds=90, weights=LITE),
    *_published("resnet18", lr=3e-4, seconds=150),
    *_published("resnet50", lr=3e-4, seconds=350),
    *_published("googlenet", lr=3e-4, seconds=150),
    *_published("efficientnet_b0", lr=3e-4, seconds=150),
    *_published("vgg16", lr=1e-4, seconds=1000),
    *_published("vit_b_16", lr=1e-4, seconds=1000),
    *_published("swin_t", lr=1e-4, seconds=400),
)


def _unlisted(item: Architecture) -> tuple[Row, ...]:
    """For an architecture that the user names and no table has: pretrained here, on small images."""
    row = Row(
        architecture=item.name,
        weights=MNIST,
        resolution=max(item.min_resolution, min(item.resolution, 32)),
        modes=TUNING,
        lr=1e-3,
        seeds=1,
        seconds=10.0,
        once=60.0,
    )
    return row, scratch(row, lr=1e-3), heads(row, once=5.0), frozen_random(row, once=5.0, seeds=1)


TABLES: dict[Profile, tuple[Row, ...]] = {"smoke": SMOKE, "default": DEFAULT, "full": FULL}


@suite(title="Transfer learning")
def transfer(setting: Setting) -> Iterator[Planned]:
    """The lecture's three scenarios, with and without augmentation, and frozen random features as a control."""
    table = TABLES[setting.profile]
    listed = {row.architecture for row in table}
    for row in table:
        yield from _planned(row, setting)
    for name in setting.chosen:
        if name not in listed:
            for row in _unlisted(ARCHITECTURES.get(name)):
                yield from _planned(row, setting)


def _planned(row: Row, setting: Setting) -> Iterator[Planned]:
    """The row's cells; the first one carries the expected time of what they share."""
    once = row.once
    for seed, mode, augmentation in product(range(row.seeds), row.modes, row.augmentations):
        scenario = Learning(
            weights=row.weights,
            target=row.target,
            mode=mode,
            augmentation=augmentation,
            resolution=row.resolution,
            shots=row.shots,
            steps=row.steps,
            batch=row.batch,
            lr=row.lr,
            seed=seed,
            device=setting.device,
            threads=setting.threads,
        )
        yield Planned(Cell(row.architecture, "top1", scenario), row.seconds + once)
        once = 0.0

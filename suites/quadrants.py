"""When and how to fine-tune: the four situations of the lecture, every strategy in each.

    evobench run --suite quadrants                    # 2 to 5 minutes on 2 cores
    evobench run --suite quadrants --profile smoke    # less than half a minute on 2 cores
    evobench run --suite quadrants --profile full     # more seeds, ImageNet weights as well

Small and large are what these data sets allow: 3 images of a class against nearly all that there are. All
strategies of a task learn from the same images, seed by seed; each has a recipe of its own (learning rate, steps),
as in the suite `transfer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from bench.declare.declarations import Profile
from evobench import Cell, Learning, Planned, Setting, Task, quadrant, suite
from suites.sizes import with_costs

Size = Literal["small", "large"]
Likeness = Literal["similar", "different"]
LINEAR = ("features+softmax", "features+svm")
EARLIER = "features@STAGE+svm"
SIZES: tuple[Size, ...] = ("small", "large")
LIKENESSES: tuple[Likeness, ...] = ("similar", "different")


@dataclass(frozen=True)
class Target:
    """A data set, and how many of its images are few and many: training images per class."""

    name: str
    small: int
    large: int


@dataclass(frozen=True, kw_only=True)
class Source:
    """A network with weights from somewhere, and targets that are like its source and unlike it."""

    architecture: str
    weights: str
    resolution: int
    similar: Target
    different: Target
    stage: str
    """Whose activations are those "somewhere earlier"; `evobench show-model` names them."""
    steps: dict[Size, int]
    tuning: float
    """Learning rate of fine-tuning."""
    scratch: float
    """Learning rate from scratch."""


_DIGITS = Target("uci-digits", 3, 60)
_TEXTURES = Target("textures", 3, 20)
LENET = Source(
    architecture="lenet5",
    weights="pretrain:mnist5k",
    resolution=32,
    similar=_DIGITS,
    different=_TEXTURES,
    stage="flatten",
    steps={"small": 100, "large": 250},
    tuning=3e-3,
    scratch=3e-3,
)
LITE = Source(
    architecture="efficientnet_lite0",
    weights="imagenet-lite",
    resolution=64,
    similar=_TEXTURES,
    different=_DIGITS,
    stage="features.5",
    steps={"small": 60, "large": 120},
    tuning=3e-4,
    scratch=1e-3,
)
SOURCES = (LENET, LITE)


def _tasks(size: Size, likeness: Likeness) -> Iterator[Task]:
    for source in SOURCES:
        target = source.similar if likeness == "similar" else source.different
        shots = target.small if size == "small" else target.large
        yield Task(source.architecture, source.weights, target.name, shots)


@quadrant(
    title="Small and similar",
    size="small",
    likeness="similar",
    advice="The best idea might be to train a linear classifier on the CNN.",
    advised=LINEAR,
)
def small_similar() -> Iterable[Task]:
    """Few images that look like those of the source."""
    return _tasks("small", "similar")


@quadrant(
    title="Large and similar",
    size="large",
    likeness="similar",
    advice="More confidence that won't be overfit. Try to fine-tune through the full network.",
    advised=("finetune:all",),
)
def large_similar() -> Iterable[Task]:
    """Many images that look like those of the source."""
    return _tasks("large", "similar")


@quadrant(
    title="Small and different",
    size="small",
    likeness="different",
    advice=(
        "Best to only train a linear classifier. Work better to train the SVM classifier from activations "
        "somewhere earlier in the network."
    ),
    advised=(EARLIER,),
)
def small_different() -> Iterable[Task]:
    """Few images that look unlike those of the source."""
    return _tasks("small", "different")


@quadrant(
    title="Large and different",
    size="large",
    likeness="different",
    advice="To train a ConvNet from scratch. Still beneficial to initialize with weights from a pretrained model.",
    advised=("scratch", "finetune:all"),
)
def large_different() -> Iterable[Task]:
    """Many images that look unlike those of the source."""
    return _tasks("large", "different")


@dataclass(frozen=True)
class Depth:
    """What a profile measures of one source."""

    source: Source
    seeds: int


PROFILES: dict[Profile, tuple[Depth, ...]] = {
    "smoke": (Depth(replace(LENET, steps={"small": 30, "large": 60}), 1),),
    "default": (Depth(LENET, 8),),
    "full": (Depth(LENET, 20), Depth(LITE, 5)),
}
HEAD_STEPS, HEAD_LR = 200, 1e-2


@suite(title="When and how to fine-tune")
def quadrants(setting: Setting) -> Iterator[Planned]:
    """Small or large targets, like the source or not: every strategy in each quadrant."""
    yield from with_costs(_trainings(setting), setting)


def _trainings(setting: Setting) -> Iterator[Planned]:
    for depth in PROFILES[setting.profile]:
        for likeness in LIKENESSES:
            for size in SIZES:
                yield from _quadrant(depth, size, likeness, setting)


def _quadrant(depth: Depth, size: Size, likeness: Likeness, setting: Setting) -> Iterator[Planned]:
    source = depth.source
    target = source.similar if likeness == "similar" else source.different
    head = Learning(
        weights=source.weights,
        target=target.name,
        mode=LINEAR[0],
        augmentation="none",
        resolution=source.resolution,
        shots=target.small if size == "small" else target.large,
        steps=HEAD_STEPS,
        batch=16,
        lr=HEAD_LR,
        device=setting.device,
        threads=setting.learning_threads,
    )
    svm = [replace(head, mode=mode) for mode in (LINEAR[1], EARLIER.replace("STAGE", source.stage))]
    steps = source.steps[size]
    tuned = replace(head, mode="finetune:all", steps=steps, lr=source.tuning)
    upper = replace(tuned, mode="finetune:upper")
    scratch = replace(tuned, weights="random", mode="scratch", lr=source.scratch)
    for seed in setting.learning.numbers(depth.seeds):
        for way in (head, *svm, upper, tuned, scratch):
            yield Planned(Cell(source.architecture, "top1", replace(way, seed=seed)))

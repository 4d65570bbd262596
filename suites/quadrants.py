"""When and how to fine-tune: the four situations of the lecture, every strategy in each.

    evobench run --suite quadrants                    # 2 to 5 minutes on 2 cores
    evobench run --suite quadrants --profile smoke    # less than half a minute on 2 cores
    evobench run --suite quadrants --profile full     # more seeds, ImageNet weights as well

Small is 3 images of a class, large is 200: MNIST-5k has about 250 for training. All strategies of a task learn
from the same images, seed by seed; each has a learning rate of its own, and whole networks learn for as many steps
from few images as from many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from bench.declare.declarations import Profile
from bench.transfer import transfer_of
from evobench import Cell, Learning, Planned, Setting, Task, quadrant, suite
from suites.sizes import with_costs
from suites.transfer_rows import HEADS, LITE

Size = Literal["small", "large"]
Likeness = Literal["similar", "different"]
EARLIER = "features@STAGE+svm"
SHOTS: dict[Size, int] = {"small": 3, "large": 200}
"""Training images per class."""
HEAD_STEPS, HEAD_BATCH, HEAD_LR = 1000, 64, 3e-2
"""Settings with which a softmax on 2000 images reaches its end: 200 steps of 16 leave it points behind."""


@dataclass(frozen=True, kw_only=True)
class QuadrantCase:
    """A network with weights from somewhere, and a target that is like their source or unlike it."""

    architecture: str
    weights: str
    target: str
    likeness: Likeness
    resolution: int
    stage: str
    """Stage whose activations are those "somewhere earlier"; `evobench show-model` names the stages."""
    steps: int
    """Steps of a training of the whole network with this batch and learning rate."""
    batch: int
    tuning: float
    """Learning rate of fine-tuning."""
    scratch: float
    """Learning rate from scratch."""

    @property
    def earlier(self) -> str:
        """The mode of a support vector machine on the activations of the earlier stage."""
        return EARLIER.replace("STAGE", self.stage)

    def learning(self, mode: str, shots: int, setting: Setting) -> Learning:
        """Training on so many images of a class in a mode of transfer."""
        kind = transfer_of(mode).kind
        rates = {"features": HEAD_LR, "finetune": self.tuning, "scratch": self.scratch}
        return Learning(
            weights="random" if kind == "scratch" else self.weights,
            target=self.target,
            mode=mode,
            augmentation="none",
            resolution=self.resolution,
            shots=shots,
            steps=HEAD_STEPS if kind == "features" else self.steps,
            batch=HEAD_BATCH if kind == "features" else self.batch,
            lr=rates[kind],
            device=setting.device,
            threads=setting.learning_threads,
        )


DIGITS = QuadrantCase(
    architecture="lenet5",
    weights="pretrain:uci-digits",
    target="mnist5k",
    likeness="similar",
    resolution=32,
    stage="flatten",
    steps=150,
    batch=16,
    tuning=3e-3,
    scratch=3e-3,
)
TEXTURES = replace(DIGITS, weights="pretrain:textures", likeness="different")
IMAGENET = QuadrantCase(
    architecture="efficientnet_lite0",
    weights=LITE,
    target="mnist5k",
    likeness="different",
    resolution=32,
    stage="features.5",
    steps=100,
    batch=32,
    tuning=3e-3,
    scratch=3e-3,
)
CASES = (DIGITS, TEXTURES, IMAGENET)


def _tasks(size: Size, likeness: Likeness) -> Iterator[Task]:
    for case in CASES:
        if case.likeness == likeness:
            yield Task(case.architecture, case.weights, case.target, SHOTS[size])


@quadrant(
    title="Small and similar",
    size="small",
    likeness="similar",
    advice="The best idea might be to train a linear classifier on the CNN.",
    advised=HEADS,
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
    advised=("finetune:all",),
)
def large_different() -> Iterable[Task]:
    """Many images that look unlike those of the source."""
    return _tasks("large", "different")


@dataclass(frozen=True)
class QuadrantDepth:
    """Measurements of one case in a profile."""

    case: QuadrantCase
    seeds: int


PROFILES: dict[Profile, tuple[QuadrantDepth, ...]] = {
    "smoke": tuple(QuadrantDepth(replace(case, steps=30), 1) for case in (DIGITS, TEXTURES)),
    "default": tuple(QuadrantDepth(case, 8) for case in (DIGITS, TEXTURES)),
    "full": (QuadrantDepth(DIGITS, 20), QuadrantDepth(TEXTURES, 20), QuadrantDepth(IMAGENET, 5)),
}


@suite(title="When and how to fine-tune")
def quadrants(setting: Setting) -> Iterator[Planned]:
    """Small or large targets, like the source or not: every strategy in each quadrant."""
    # cases with one target share what learns from scratch
    yield from with_costs(dict.fromkeys(_trainings(setting)), setting)


def _trainings(setting: Setting) -> Iterator[Planned]:
    for depth in PROFILES[setting.profile]:
        case = depth.case
        for shots in SHOTS.values():
            for seed in setting.learning.numbers(depth.seeds):
                for mode in (*HEADS, case.earlier, "finetune:upper", "finetune:all", "scratch"):
                    where = replace(case.learning(mode, shots, setting), seed=seed)
                    yield Planned(Cell(case.architecture, "top1", where))

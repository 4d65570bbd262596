"""Lessons on the slides' advice: when and how to fine-tune, a lesson for each of the four situations.

Images that are like ImageNet's are the user's to give. A small network that was pretrained on digits and learns
other digits stands for what is similar.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from evobench import Arm, Hypothesis, Missing, Quoted, Setting
from evobench import lesson as declared
from suites.lessons.arms import pairs
from suites.lessons.cases import FEW, FROM_MNIST, MANY, learned, like_imagenet, not_here
from suites.quadrants import DIGITS, IMAGENET, QuadrantCase
from suites.transfer_rows import HEADS

TUNED, SCRATCH = "finetune:all", "scratch"
AFTER_DIGITS, AFTER_IMAGENET = "Digits, after other digits", "Images like ImageNet's, after ImageNet"
lesson = partial(
    declared,
    slide="Transfer learning [when and how to fine-tune]",
    limits=(
        "Few are 3 images of a class, many are 200. Whole networks learn by one recipe and for few steps: more "
        "of them, or better ones, may change which way wins. LeNet's sources are no ImageNet: 2000 digits, or 800."
    ),
)


@lesson(
    title="Small and similar: a linear classifier",
    words="The best idea might be to train a linear classifier on the CNN",
)
def advice_small_similar(setting: Setting) -> Iterator[Hypothesis | Missing]:
    """Linear classifiers on fixed features against fine-tuning the whole network, from few images."""
    # pilots of four other seeds: -2.8 points, spread 2.2
    for which, case in ((AFTER_DIGITS, FROM_MNIST), (AFTER_IMAGENET, like_imagenet(setting))):
        statement = f"{which}: from few, a linear classifier is better than fine-tuning"
        if case is None:
            yield not_here(statement)
        else:
            tuned = learned(case, TUNED, FEW, setting)
            yield Hypothesis(
                statement=statement, arms=tuple(pairs(*((tuned, head) for head in _heads(case, FEW, setting))))
            )


@lesson(
    title="Large and similar: fine-tune through the full network",
    words="More confidence that wont be overfit. Try to fine-tune through the full network.",
    published=(
        Quoted(
            "on the average of 12 data sets, fine-tuned networks were more accurate than linear classifiers on "
            "their fixed features",
            "Kornblith et al. 2019, arXiv:1805.08974, figure 1",
        ),
    ),
)
def advice_large_similar(setting: Setting) -> Iterator[Hypothesis | Missing]:
    """Fine-tuning the whole network against linear classifiers, from many images; and how far it over-fits."""
    # pilots of four other seeds: +7.2 points, spread 1.4; the gap smaller by 28, spread 3
    for which, case in ((AFTER_DIGITS, DIGITS), (AFTER_IMAGENET, like_imagenet(setting))):
        statement = f"{which}: from many, fine-tuning is better than a linear classifier"
        if case is None:
            yield not_here(statement)
        else:
            tuned = learned(case, TUNED, MANY, setting)
            yield Hypothesis(
                statement=statement, arms=tuple(pairs(*((head, tuned) for head in _heads(case, MANY, setting))))
            )
            yield Hypothesis(
                statement=f"{which}: a network that is fine-tuned over-fits many less than few",
                arms=tuple(learned(case, TUNED, shots, setting, "gap") for shots in (FEW, MANY)),
                expected="less",
            )


@lesson(
    title="Small and different: an SVM on earlier activations",
    words=(
        "best to only train a linear classifier. ... work better to train the SVM classifier from activations "
        "somewhere earlier in the network."
    ),
)
def advice_small_different(setting: Setting) -> Iterator[Hypothesis]:
    """From few digits, after ImageNet: an SVM on earlier activations, on the last ones, and fine-tuning."""
    # pilots of four other seeds: +24.6 points, spread 2.6; +14.7, 2.6
    earlier = learned(IMAGENET, IMAGENET.earlier, FEW, setting)
    yield Hypothesis(
        statement="From few, an SVM on earlier activations is better than one on the last",
        arms=(learned(IMAGENET, HEADS[1], FEW, setting), earlier),
    )
    yield Hypothesis(
        statement="From few, an SVM on earlier activations is better than fine-tuning",
        arms=(learned(IMAGENET, TUNED, FEW, setting), earlier),
    )


@lesson(
    title="Large and different: fine-tune all, initialised",
    words=(
        "To train a ConvNet from scratch. ... Still beneficial to initialize with weights from a pretrained model"
    ),
    limits=(
        "Networks see 2000 images one and a half times: random weights are still behind what they reach later. "
        "`--profile full` trains four times as long."
    ),
    published=(
        Quoted(
            "on two large sets of medical images, ImageNet's weights brought little",
            "Raghu et al. 2019, arXiv:1902.07208",
        ),
    ),
)
def advice_large_different(setting: Setting) -> Iterator[Hypothesis]:
    """From many digits, after ImageNet: the whole network learns, from its weights or from random ones."""
    # pilots of two other seeds: +16 points both. After a third of the steps random weights are still at chance
    yield Hypothesis(
        statement="From many, a network that begins with pretrained weights is better than one from scratch",
        arms=tuple(learned(IMAGENET, mode, MANY, setting) for mode in (SCRATCH, TUNED)),
    )


def _heads(case: QuadrantCase, shots: int, setting: Setting) -> tuple[Arm, ...]:
    return tuple(learned(case, mode, shots, setting) for mode in HEADS)

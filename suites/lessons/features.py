"""Lessons on fixed features: early ones are generic and top ones specific; softmax or SVM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from evobench import Arm, Hypothesis, Missing, Quoted, Setting, lesson
from suites.lessons.cases import FEW, FROM_MNIST, MANY, learned, like_imagenet, not_here
from suites.quadrants import DIGITS, IMAGENET, QuadrantCase

STAGES = {
    "lenet5": ("tanh1", "tanh3", "tanh5", "tanh6"),
    "efficientnet_lite0": ("features.2", "features.3", "features.4", "features.5", "features.6", "features.8"),
}
"""Stages of each architecture, from the first to the last."""
SHOTS = 10
"""Training images of a class that the classifiers of the stages learn from."""
# ranks and places are between -1 and 1; a tenth of that is not a trend
Trend = partial(Hypothesis, margin=0.1, unit="")


@lesson(
    title="Early features are generic, top ones specific",
    words="The top networks contains dataset-specific features",
    slide="Transfer learning [when and how to fine-tune]",
    limits=(
        "Activations are averaged over their places, and early stages have few channels: that they are worse does "
        "not say that they are less generic. LeNet was pretrained on 2000 digits."
    ),
    published=(
        Quoted(
            "the first layers' features are general, the last ones' specific; the further the target is from the "
            "source, the less of them transfers",
            "Yosinski et al. 2014, arXiv:1411.1792",
        ),
    ),
)
def generic_features(setting: Setting) -> Iterator[Hypothesis | Missing]:
    """SVMs on the activations of each stage, for a target like the source and for one unlike it."""
    # pilots of eight other seeds: places -0.75, spread 0.15; ranks +0.85, 0.09, and -0.94, 0.09
    digits = _stages(FROM_MNIST, setting)
    textures = _stages(replace(FROM_MNIST, target="textures"), setting)
    yield Trend(
        statement="After MNIST, the best stage for textures lies before the best one for digits",
        arms=(*digits, *textures),
        statistic="peak",
        expected="less",
    )
    yield Trend(
        statement="After MNIST, other digits are told apart the better, the later the stage",
        arms=digits,
        statistic="rank",
    )
    yield Trend(
        statement="After MNIST, textures are told apart the worse, the later the stage",
        arms=textures,
        statistic="rank",
        expected="less",
    )
    statement = "After ImageNet, the best stage for digits lies before the best one for images like its own"
    if (photographs := like_imagenet(setting)) is None:
        yield not_here(statement)
    else:
        arms = (*_stages(photographs, setting), *_stages(IMAGENET, setting))
        yield Trend(statement=statement, arms=arms, statistic="peak", expected="less")


def _stages(case: QuadrantCase, setting: Setting) -> tuple[Arm, ...]:
    return tuple(learned(case, f"features@{stage}+svm", SHOTS, setting) for stage in STAGES[case.architecture])


@lesson(
    title="Softmax or SVM on fixed features",
    words="Train a linear classifier (e.g. Linear SVM or Softmax classifier) for the new dataset",
    slide="Transfer learning [the scenarios one by one]",
    limits="Both are trained until they stand still, and validation chooses how strongly each is regularised.",
    published=(
        Quoted(
            "where whole networks were trained under either, the SVM had a small but consistent advantage",
            "Tang 2013, arXiv:1306.0239",
        ),
    ),
)
def softmax_or_svm(setting: Setting) -> Iterator[Hypothesis]:
    """A linear support vector machine against a softmax, on the same features of the same images."""
    # pilots of four other seeds: -0.3 points, spread 1.3, from few; -0.6, 0.5, from many.
    # ImageNet's last features are ten times as many, on which an SVM of 2000 images takes half a minute
    features = (DIGITS, "features"), (IMAGENET, f"features@{IMAGENET.stage}")
    for shots in (FEW, MANY):
        # for less than two points nobody would choose the one or the other
        yield Hypothesis(
            statement=f"From {shots} images of a class, an SVM and a softmax are equally accurate",
            expected="same",
            margin=0.02,
            arms=tuple(
                learned(case, f"{which}+{head}", shots, setting)
                for case, which in features
                for head in ("softmax", "svm")
            ),
        )

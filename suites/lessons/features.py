"""What the slides say of fixed features: early ones are generic and top ones specific; softmax or SVM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from evobench import Arm, Hypothesis, Missing, Quoted, Setting, lesson
from suites.lessons.arms import pairs
from suites.lessons.cases import learned, like_imagenet, not_here
from suites.quadrants import DIGITS, IMAGENET, Case
from suites.transfer_rows import HEADS, MNIST

STAGES = {
    "lenet5": ("tanh1", "tanh3", "tanh5", "tanh6"),
    "efficientnet_lite0": ("features.2", "features.3", "features.4", "features.5", "features.6", "features.8"),
}
"""By architecture, from the first to the last."""
SHOTS = 10
"""Training images per class."""
FROM_MNIST = replace(DIGITS, weights=MNIST, target="uci-digits")
FROM_IMAGENET = replace(IMAGENET, target="uci-digits")


def _stages(case: Case, setting: Setting) -> tuple[Arm, ...]:
    return tuple(learned(case, f"features@{stage}+svm", SHOTS, setting) for stage in STAGES[case.architecture])


@lesson(
    title="Early features are generic, top ones specific",
    words="The top networks contains dataset-specific features",
    slide="Transfer learning [when and how to fine-tune]",
    limits=(
        "Activations are averaged over their places, and early stages have few channels: that they are worse for all "
        "targets does not say that they are less generic. LeNet was pretrained on 2000 digits."
    ),
    published=(
        Quoted(
            "on ImageNet's own halves, transferred features get more specific from layer to layer, and transfer worse "
            "the further the target is from the source",
            "Yosinski et al. 2014, arXiv:1411.1792",
        ),
    ),
)
def generic_features(setting: Setting) -> Iterator[Hypothesis | Missing]:
    """SVMs on the activations of each stage, for a target like the source and for one unlike it."""
    similar, different = FROM_MNIST, replace(FROM_MNIST, target="textures", likeness="different")
    yield Hypothesis(
        statement="After MNIST, the best stage for textures lies before the best one for digits",
        arms=(*_stages(similar, setting), *_stages(different, setting)),
        statistic="peak",
        expected="less",
        margin=0.1,
        unit="",
    )
    yield Hypothesis(
        statement="After MNIST, the later the stage, the better are other digits told apart",
        arms=_stages(similar, setting),
        statistic="rank",
        margin=0.1,
        unit="",
    )
    last, before = (f"features@features.{stage}+svm" for stage in (8, 5))
    yield Hypothesis(
        statement="After ImageNet, digits are told apart worse by the last stage than by an earlier one",
        arms=tuple(learned(FROM_IMAGENET, mode, SHOTS, setting) for mode in (before, last)),
        expected="less",
    )
    photographs = like_imagenet(setting)
    statement = "After ImageNet, the best stage for digits lies before the best one for images like its own"
    if photographs is None:
        yield not_here(statement)
    else:
        yield Hypothesis(
            statement=statement,
            arms=(*_stages(photographs, setting), *_stages(FROM_IMAGENET, setting)),
            statistic="peak",
            expected="less",
            margin=0.1,
            unit="",
        )


@lesson(
    title="Softmax or SVM on fixed features",
    words="Train a linear classifier (e.g. Linear SVM or Softmax classifier) for the new dataset.",
    slide="Transfer learning [the scenarios one by one]",
    published=(
        Quoted(
            "where the whole network is trained with either, a linear SVM on top is better by a little than a softmax",
            "Tang 2013, arXiv:1306.0239",
        ),
    ),
)
def softmax_or_svm(setting: Setting) -> Iterator[Hypothesis]:
    """A linear support vector machine against a softmax on the same features of the same images."""
    for few, shots in (("few", SMALL), ("many", 80)):
        tasks = FROM_MNIST, FROM_IMAGENET
        yield Hypothesis(
            statement=f"From {shots} images of a class, a support vector machine is more accurate than a softmax",
            arms=tuple(pairs(*(tuple(learned(case, mode, shots, setting) for mode in HEADS) for case in tasks))),
        )

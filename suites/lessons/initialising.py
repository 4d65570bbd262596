"""What the slides say of pretrained weights: it is still beneficial to begin with them."""

from __future__ import annotations

from collections.abc import Iterator

from evobench import Arm, Hypothesis, Quoted, Setting, lesson
from suites.lessons.arms import pairs
from suites.lessons.cases import LARGE, SMALL, learned
from suites.quadrants import DIGITS, TEXTURES, Case

SHOTS = (SMALL, LARGE)


@lesson(
    title="Pretrained weights are a beneficial beginning",
    words="Still beneficial to initialize with weights from a pretrained model",
    slide="Transfer learning [when and how to fine-tune]",
    limits=(
        "LeNet, pretrained on 800 digits or 600 textures, trained for 150 steps from either beginning: after longer "
        "training random weights may catch up."
    ),
    published=(
        Quoted(
            "transferred features generalise better than random ones, even after fine-tuning to the target",
            "Yosinski et al. 2014, arXiv:1411.1792",
        ),
        Quoted(
            "on two small sets of fine-grained classes, networks gained little from weights pretrained on ImageNet",
            "Kornblith et al. 2019, arXiv:1805.08974",
        ),
    ),
)
def initialisation(setting: Setting) -> Iterator[Hypothesis]:
    """Training the whole network from pretrained weights and from random ones, by the size of the target."""
    for shots in SHOTS:
        yield Hypothesis(
            statement=f"From {shots} images of a class, a network that begins with pretrained weights is more accurate",
            arms=tuple(pairs(*(_sides(case, shots, setting) for case in (DIGITS, TEXTURES)))),
        )
    yield Hypothesis(
        statement="The weights of other digits help less, the more images there are",
        arms=tuple(pairs(*(_sides(DIGITS, shots, setting) for shots in SHOTS))),
        statistic="interaction",
        expected="less",
    )


def _sides(case: Case, shots: int, setting: Setting) -> tuple[Arm, Arm]:
    return learned(case, "scratch", shots, setting), learned(case, "finetune:all", shots, setting)

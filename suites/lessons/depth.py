"""Lesson on depth: residual learning."""

from __future__ import annotations

from collections.abc import Iterator

from bench.declare.declarations import Profile
from evobench import Arm, Hypothesis, Quoted, Setting, lesson
from suites.lessons.arms import trained

WIDTH = 16
"""Channels of the first of four stages; the published networks have 64."""
STEPS: dict[Profile, int] = {"smoke": 4, "default": 60, "full": 400}
SHOTS: dict[Profile, int | None] = {"smoke": 2, "default": 50, "full": None}


@lesson(
    title="The residual connection eases optimisation",
    words="easier to optimize",
    slide="Evolution of deep learning: ResNet (2015) [residual learning]",
    limits=(
        "Networks of a quarter of the published width learn digits for a few epochs: whether longer training "
        "heals those without shortcuts is not asked."
    ),
    published=(
        Quoted(
            "top-1 error on ImageNet, 10 crops: without shortcuts 27.94 % of 18 and 28.54 % of 34 layers, with "
            "those of option A 27.88 % and 25.03 %",
            "arXiv:1512.03385, Table 2",
        ),
    ),
)
def residual_connection(setting: Setting) -> Iterator[Hypothesis]:
    """Loss on the training images after equal steps, of 18 and 34 layers, with shortcuts that have no weights."""
    # pilots of two seeds: 0.92 and 2.14 nats without shortcuts, 0.08 and 0.04 with them; of one with all digits
    # and 400 steps 0.08 and 0.55 without, 0.01 and 0.01 with them
    plain, plainer = (_loss(f"plain-{layers}", f"plain{layers}", setting) for layers in (18, 34))
    residual, deeper = (_loss(f"ResNet-{layers} A", f"resnet{layers}_a", setting) for layers in (18, 34))
    yield Hypothesis(
        statement="Of 34 layers, those with shortcuts have less training loss after as many steps",
        arms=(plainer, deeper),
        expected="less",
        margin=0.05,
        unit="nats",
    )
    yield Hypothesis(
        statement="Without shortcuts, 34 layers have more training loss than 18 after as many steps",
        arms=(plain, plainer),
        margin=0.05,
        unit="nats",
    )
    yield Hypothesis(
        statement="With shortcuts, 16 layers more raise the training loss by less than without",
        arms=(plain, plainer, residual, deeper),
        statistic="interaction",
        expected="less",
        margin=0.05,
        unit="nats",
    )


def _loss(label: str, name: str, setting: Setting) -> Arm:
    return trained(
        label,
        f"{name}:width={WIDTH}",
        setting,
        target="mnist5k",
        shots=SHOTS[setting.profile],
        steps=STEPS[setting.profile],
        batch=32,
        lr=1e-3,
        resolution=32,
        figure="train_nll",
    )

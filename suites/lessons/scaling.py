"""Lesson on scaling: all three dimensions together."""

from __future__ import annotations

from collections.abc import Iterator

from evobench import Arm, Hypothesis, Quoted, Setting, lesson
from suites.architectures.efficientnet_scaled import TWICE
from suites.lessons.arms import trained


@lesson(
    title="Compound scaling beats depth, width or resolution alone",
    words="uniformly scales network width, depth, and resolution in a principled way",
    slide="Evolution of deep learning: EfficientNet (2020)",
    limits=(
        "Three stages of EfficientNet's blocks are scaled to twice their cost, on which one dimension alone may "
        "do as well: the paper compares at four times and more."
    ),
    published=(
        Quoted(
            "top-1 accuracy on ImageNet of EfficientNet-B0 at 4.5 times its cost: by depth 79.0 %, by width "
            "78.9 %, by resolution 79.1 %, by all three 81.1 %",
            "arXiv:1905.11946, Table 7",
        ),
    ),
)
def compound_scaling(setting: Setting) -> Iterator[Hypothesis]:
    """Test accuracy of a small EfficientNet at twice the multiply-adds: by one dimension or by all three."""
    # pilots of two seeds: 0.6 points above resolution, 0.6 above depth, 2.7 below width
    together = _scaled("compound", setting)
    for dimension in ("depth", "width", "resolution"):
        yield Hypothesis(
            statement=f"At equal cost, scaling all three dimensions gives more accuracy than {dimension} alone",
            arms=(_scaled(dimension, setting), together),
        )


def _scaled(dimension: str, setting: Setting) -> Arm:
    scale = TWICE[dimension]
    return trained(
        dimension,
        f"efficientnet_reduced:depth={scale.depth},width={scale.width}",
        setting,
        target="mnist5k",
        shots=2 if setting.profile == "smoke" else 50,
        steps=4 if setting.profile == "smoke" else 100,
        batch=32,
        lr=2e-3,
        resolution=scale.resolution,
    )

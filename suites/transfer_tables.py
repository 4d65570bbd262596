"""The tables of transfer learning by profile: what is measured of which architecture, and how long it takes.

Learning rates were chosen on validation images of seeds that the tables do not use.
"""

from __future__ import annotations

from dataclasses import replace

from bench.declare.declarations import Profile
from bench.learning.scenario import PRETRAINING, Pretraining
from suites.transfer_rows import (
    HEAD_LR,
    HEADS,
    LITE,
    MNIST,
    TUNING,
    Row,
    as_printed,
    cross_validated,
    earlier,
    frozen_random,
    heads,
    reestimated,
    scratch,
)

DIGITS = 10
"""Classes of UCI digits and of MNIST."""
TEXTURES = 6

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
    seconds=1.0,
)
_LENET = Row(
    architecture="lenet5",
    weights=MNIST,
    resolution=32,
    modes=TUNING,
    augmentations=("none", "digits"),
    steps=200,
    lr=3e-3,
    seconds=0.9,
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
    seconds=6.5,
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
    return row, replace(heads(row, once=2.0), modes=HEADS[:1])


_GOOGLENET = _single("googlenet", lr=1e-3, steps=60, seconds=5.0, once=11.0)

SMOKE = (
    replace(_LECTURE, augmentations=("none",), seeds=1, once=5.0),
    heads(replace(_LECTURE, augmentations=("none",), seeds=1), once=0.5),
    scratch(replace(_LECTURE, augmentations=("none",), seeds=1), lr=3e-3),
    heads(replace(_LITE0, seeds=1), once=1.5),
    frozen_random(_LITE0, seconds=1.0, seeds=1),
    reestimated(_LITE0, seconds=1.5, seeds=1),
)
DEFAULT = (
    # the two small networks: eight seeds where a comparison is to be decided; the lecture's augmentation mirrors
    # digits, which changes classes: the one for digits is the fair comparison
    replace(_LECTURE, modes=TUNING[:1], augmentations=("none", "digits", "lecture"), seeds=8, once=6.0),
    replace(_LECTURE, modes=TUNING[1:]),
    scratch(replace(_LECTURE, seeds=8), lr=3e-3),
    as_printed(_LECTURE, classes=DIGITS, seconds=0.7, seeds=8),
    heads(_LECTURE, seconds=0.8),
    frozen_random(_LECTURE),
    replace(_LENET, modes=TUNING[:1], seeds=8, once=3.0),
    replace(_LENET, modes=TUNING[1:]),
    scratch(replace(_LENET, seeds=8), lr=3e-3),
    heads(_LENET),
    frozen_random(_LENET),
    cross_validated(_LENET),
    # ImageNet weights: 60 steps of tuning cannot judge an augmentation, so that from here on one seed shows it;
    # the heads can, and have three
    replace(_LITE0, modes=TUNING[:1]),
    replace(_LITE0, augmentations=("lecture",), seeds=1),
    replace(_LITE0, modes=TUNING[1:], seconds=1.5),
    scratch(replace(_LITE0, seeds=1), lr=1e-3),
    heads(replace(_LITE0, augmentations=("none", "lecture")), seconds=1.0, once=1.5),
    frozen_random(_LITE0, seconds=1.0),
    replace(_RESNET, modes=TUNING[:1], once=14.0),
    replace(_RESNET, modes=TUNING[1:], seconds=4.0),
    scratch(_RESNET, lr=5e-4),
    replace(_RESNET, augmentations=("digits",), seeds=1),
    scratch(replace(_RESNET, augmentations=("digits",), seeds=1), lr=5e-4),
    heads(replace(_RESNET, augmentations=("none", "digits")), once=1.5),
    frozen_random(_RESNET, seconds=1.2),
    reestimated(_RESNET, seconds=1.2),
    earlier(_RESNET, "layer3", once=1.2),
    # one example each, of what trains in seconds; VGG-16 does not
    *_GOOGLENET,
    scratch(_GOOGLENET[0], lr=1e-3),
    *_single("efficientnet_b0", lr=1e-3, seconds=4.0, once=12.0),
    frozen_random(_VGG16, once=9.0, seeds=1),
    *_single("vit_reduced", lr=1e-3, seconds=3.5, once=13.0),
    *_single("swin_reduced", lr=1e-3, seconds=5.0, once=9.0),
)


def _published(
    architecture: str, lr: float, seconds: float, *, stage: str, bn: bool = True, weights: str = "imagenet"
) -> tuple[Row, ...]:
    """ImageNet weights at the size that they were trained for, on textures; seconds are those of 2 cores."""
    row = Row(
        architecture=architecture,
        weights=weights,
        target="textures",
        resolution=224,
        modes=(*TUNING, f"finetune:{stage}"),
        augmentations=("none", "lecture"),
        shots=20,
        lr=lr,
        seeds=5,
        seconds=seconds,
    )
    rows = (
        row,
        scratch(row, lr=lr),
        heads(row, seconds=2.0, once=seconds),
        frozen_random(row, seconds=1.0, once=seconds, seeds=5),
        earlier(row, stage, once=seconds, seeds=5),
        # 25 epochs of small batches go through three times as many images
        as_printed(row, classes=TEXTURES, seconds=3 * seconds, seeds=5),
        cross_validated(row, seconds=1.0),
    )
    return (*rows, reestimated(row, seconds=seconds, seeds=5)) if bn else rows


# What people use on a GPU. Some cells take an hour on 2 cores: give them --timeout 2h there.
FULL = (
    *(replace(row, seeds=10) for row in DEFAULT if row.architecture in ("lecture_cnn", "lenet5", "resnet18")),
    *_published("efficientnet_lite0", lr=3e-4, seconds=90, stage="features.6", weights=LITE),
    *_published("resnet18", lr=3e-4, seconds=150, stage="layer3"),
    *_published("resnet50", lr=3e-4, seconds=350, stage="layer3"),
    *_published("googlenet", lr=3e-4, seconds=150, stage="inception4e"),
    *_published("efficientnet_b0", lr=3e-4, seconds=150, stage="features.6"),
    *_published("vgg16", lr=1e-4, seconds=1000, stage="features.23", bn=False),
    *_published("vit_b_16", lr=1e-4, seconds=1000, stage="encoder.layers.encoder_layer_9", bn=False),
    *_published("swin_t", lr=1e-4, seconds=400, stage="features.5", bn=False),
)
TABLES: dict[Profile, tuple[Row, ...]] = {"smoke": SMOKE, "default": DEFAULT, "full": FULL}

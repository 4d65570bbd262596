"""The tables of transfer learning by profile: what is measured of which architecture.

Learning rates were chosen on validation images of seeds that the tables do not use. The default table asks the
lecture's questions of four networks and two data sets, with open seeds: augmentation that suits the images and
one that does not, weights of a similar and of a different source, tuning against fixed features. How large each
effect is, and how far seeds lie apart, is in `docs/decisions/0035-comparisons-of-transfer.md`.
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
    TransferRow,
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
    "resnet18": Pretraining(lr=1e-3, epochs=1),
    "googlenet": Pretraining(lr=1e-3, epochs=2),
    "efficientnet_b0": Pretraining(lr=2e-3, epochs=2),
    "vgg11_reduced": Pretraining(lr=5e-4, epochs=1),
    "vit_reduced": Pretraining(lr=1e-3, epochs=2),
    "swin_reduced": Pretraining(lr=1e-3, epochs=1),
}.items():
    PRETRAINING.add(_name, _recipe, __name__)

# The small networks train for 100 steps: 60 are too few to judge an augmentation by.
_LECTURE = TransferRow(
    architecture="lecture_cnn",
    weights=MNIST,
    resolution=28,
    modes=TUNING[:1],
    shots=2,
    steps=100,
    lr=1e-3,
)
_LENET = replace(_LECTURE, architecture="lenet5", resolution=32, lr=3e-3)
# ImageNet weights and scratch are far apart after 30 steps already
_LITE0 = TransferRow(
    architecture="efficientnet_lite0",
    weights=LITE,
    target="textures",
    resolution=64,
    modes=TUNING,
    shots=20,
    steps=30,
    lr=3e-4,
)
_RESNET = TransferRow(architecture="resnet18", weights=MNIST, resolution=32, modes=TUNING[:1], steps=30, lr=5e-4)


def _three_ways(row: TransferRow) -> tuple[TransferRow, ...]:
    """Tuned, from scratch, and a head on fixed features."""
    return row, scratch(row, lr=3e-3), replace(heads(row), modes=HEADS[:1])


def _on_digits(row: TransferRow) -> tuple[TransferRow, ...]:
    """A small network on a target like its source: few images of a class, where augmentation matters, and many."""
    few = replace(row, augmentations=("none", "digits"))
    return *_three_ways(few), *_three_ways(replace(row, shots=50))


def _on_textures(row: TransferRow) -> tuple[TransferRow, ...]:
    """A small network on a target unlike its source; textures have no upside, so that mirroring suits them."""
    row = replace(row, target="textures", shots=20)
    tuned, plain, head = _three_ways(row)
    augmented = ("none", "lecture")
    return replace(tuned, augmentations=augmented), plain, replace(head, augmentations=augmented)


SMOKE = tuple(
    replace(row, seeds=1)
    for row in (
        replace(_LECTURE, modes=TUNING),
        heads(_LECTURE),
        scratch(_LECTURE, lr=3e-3),
        heads(_LITE0),
        frozen_random(_LITE0),
        reestimated(_LITE0),
    )
)
SMALL = (
    *_on_digits(_LECTURE),
    # the lecture's augmentation mirrors digits, which changes classes
    replace(heads(_LECTURE), modes=HEADS[:1], augmentations=("lecture",)),
    replace(heads(_LECTURE), modes=HEADS[1:]),
    as_printed(_LECTURE, classes=DIGITS),
    frozen_random(_LECTURE),
    *_on_digits(_LENET),
    *_on_textures(_LECTURE),
    *_on_textures(_LENET),
)
"""Rows that train in a second."""
DEFAULT = (
    *SMALL,
    _LITE0,
    scratch(_LITE0, lr=1e-3),
    replace(heads(_LITE0), modes=HEADS[:1], augmentations=("none", "lecture")),
    frozen_random(_LITE0, seeds=1),
    _RESNET,
    scratch(_RESNET, lr=5e-4),
    replace(heads(_RESNET), modes=HEADS[:1]),
    reestimated(_RESNET),
    replace(earlier(_RESNET, "layer3"), modes=("features@layer3+softmax",)),
)


def _larger(architecture: str, *, lr: float, steps: int = 40) -> tuple[TransferRow, ...]:
    """A larger network on small images, pretrained here."""
    row = TransferRow(
        architecture=architecture,
        weights=MNIST,
        resolution=32,
        modes=TUNING[:1],
        steps=steps,
        lr=lr,
        seeds=5,
    )
    return row, scratch(row, lr=lr), replace(heads(row), modes=HEADS[:1])


def _published(
    architecture: str, lr: float, *, stage: str, bn: bool = True, weights: str = "imagenet"
) -> tuple[TransferRow, ...]:
    """ImageNet weights at the size that they were trained for, on textures."""
    row = TransferRow(
        architecture=architecture,
        weights=weights,
        target="textures",
        resolution=224,
        modes=(*TUNING, f"finetune:{stage}"),
        augmentations=("none", "lecture"),
        shots=20,
        lr=lr,
        seeds=5,
    )
    rows = (
        row,
        scratch(row, lr=lr),
        heads(row),
        frozen_random(row, seeds=5),
        earlier(row, stage),
        as_printed(row, classes=TEXTURES),
        cross_validated(row),
    )
    return (*rows, reestimated(row)) if bn else rows


# What people use on a GPU. Some cells take an hour on 2 cores: give them --timeout 2h there.
FULL = (
    *DEFAULT,
    cross_validated(_LENET),
    replace(_RESNET, modes=TUNING[1:]),
    replace(heads(_RESNET), modes=HEADS[1:]),
    replace(earlier(_RESNET, "layer3"), modes=("features@layer3+svm",)),
    *_larger("googlenet", lr=1e-3, steps=60),
    *_larger("efficientnet_b0", lr=1e-3),
    *_larger("vit_reduced", lr=1e-3),
    *_larger("swin_reduced", lr=1e-3),
    TransferRow(architecture="vgg16", weights="random", resolution=32, modes=HEADS[:1], lr=HEAD_LR, seeds=1),
    *_published("efficientnet_lite0", lr=3e-4, stage="features.6", weights=LITE),
    *_published("resnet18", lr=3e-4, stage="layer3"),
    *_published("resnet50", lr=3e-4, stage="layer3"),
    *_published("googlenet", lr=3e-4, stage="inception4e"),
    *_published("efficientnet_b0", lr=3e-4, stage="features.6"),
    *_published("vgg16", lr=1e-4, stage="features.23", bn=False),
    *_published("vit_b_16", lr=1e-4, stage="encoder.layers.encoder_layer_9", bn=False),
    *_published("swin_t", lr=1e-4, stage="features.5", bn=False),
)
TABLES: dict[Profile, tuple[TransferRow, ...]] = {"smoke": SMOKE, "default": DEFAULT, "full": FULL}

"""Exercise 1 of the lecture: "How are you going to augment the images for MNIST dataset?"

    evobench run --suite digits                    # 1 to 3 minutes on 2 cores
    evobench run --suite digits --profile smoke    # less than half a minute on 2 cores
    evobench run --suite digits --profile full     # every augmentation, five numbers of images, two networks

Small networks learn MNIST-5k from few images with each augmentation and without, from scratch. Nothing but the
augmentation differs between two cells of a seed. Flips are among them although they change what a digit is: the
lecture's code has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench.declare.declarations import Profile
from evobench import Planned, Setting, suite
from suites.augmentation import POPULAR, Ablation, planned
from suites.sizes import with_costs

SHOTS = (2, 5, 10, 20, 50)
"""Training images of each digit."""
_LECTURE = Ablation(
    architecture="lecture_cnn",
    weights="random",
    target="mnist5k",
    mode="scratch",
    resolution=28,
    shots=10,
    steps=150,
    lr=3e-3,
    augmentations=("digits", "lecture", "rotation", "scale", "translation", "crop", "noise"),
    seeds=5,
)


def _by_shots(row: Ablation, *shots: int) -> tuple[Ablation, ...]:
    return tuple(replace(row, shots=number) for number in shots)


_FULL = replace(_LECTURE, augmentations=("digits", "lecture", *POPULAR), seeds=10, steps=400)
TABLES: dict[Profile, tuple[Ablation, ...]] = {
    "smoke": _by_shots(replace(_LECTURE, augmentations=("digits", "lecture"), seeds=2, steps=60), 2, 10),
    "default": _by_shots(_LECTURE, 2, 10, 50),
    "full": (
        *_by_shots(_FULL, *SHOTS),
        *_by_shots(replace(_FULL, architecture="lenet5", resolution=32), *SHOTS),
    ),
}


@suite(title="Exercise 1: augmentation with MNIST")
def digits(setting: Setting) -> Iterator[Planned]:
    """Which augmentations help MNIST, at which number of training images."""
    trainings = (cell for row in TABLES[setting.profile] for cell in planned(row, setting))
    yield from with_costs(trainings, setting)

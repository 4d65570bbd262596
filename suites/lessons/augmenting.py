"""Lessons on augmentation: whom it helps and why; and the first exercise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from evobench import Arm, Hypothesis, Quoted, Setting, lesson
from suites.augmentation import NONE
from suites.lessons.arms import pairs, trained

SLIDE = "Transforming and augmenting images [techniques]"
SHOTS = (2, 10, 50, 200)
"""Training images per class, from few to many: MNIST-5k has about 250 for training."""
ALONE = ("rotation", "scale", "crop", "translation", "noise")
"""Techniques of the slide that leave a digit what it is."""
FLIPS = ("hflip", "vflip")


@dataclass(frozen=True)
class Pupil:
    """A network that learns images from scratch, and an augmentation that leaves them what they are."""

    label: str
    architecture: str
    target: str
    augmentation: str
    resolution: int

    def arm(self, setting: Setting, shots: int, augmentation: str, figure: str = "") -> Arm:
        """Arm that learns from so many images of a class."""
        return trained(
            f"{self.label}, {shots} a class, {augmentation}",
            self.architecture,
            setting,
            target=self.target,
            shots=shots,
            steps=10 if setting.profile == "smoke" else 100,
            lr=3e-3,
            resolution=self.resolution,
            augmentation=augmentation,
            figure=figure,
        )


CNN = Pupil("lecture CNN, digits", "lecture_cnn", "mnist5k", "digits", 28)
RESNET = Pupil("small ResNet, digits", "resnet18_a:width=16", "mnist5k", "digits", 32)
# textures have no upside, so that the lecture's own flips and rotation suit them
CNN_TEXTURES = Pupil("lecture CNN, textures", "lecture_cnn", "textures", "lecture", 28)
RESNET_TEXTURES = Pupil("small ResNet, textures", "resnet18_a:width=16", "textures", "lecture", 32)
PUPILS = (CNN, RESNET, CNN_TEXTURES, RESNET_TEXTURES)


@lesson(
    title="Augmentation helps where samples are few",
    words=(
        "This is helpful when we are given a dataset with very few data samples. In case of Deep Learning, this "
        "situation is bad as the model tends to over-fit when we train it on limited number of data samples."
    ),
    slide=SLIDE,
    limits="Small networks, 100 steps each: with more steps an augmentation may help from many images, too.",
    published=(
        Quoted(
            "shifts, mirroring and colour are one of the two ways in which the network is kept from over-fitting",
            "Krizhevsky et al. 2012, section 4.1",
        ),
    ),
)
def augmentation(setting: Setting) -> Iterator[Hypothesis]:
    """Accuracy, and its gap to training accuracy, with augmentation and without, from few images and from many."""
    # pilots of three other seeds: +10.4 points, spread 1.1, from 10 of a class; +15 from 2 and none from 200
    pupils = PUPILS[:1] if setting.profile == "smoke" else PUPILS
    few = SHOTS[:2] if setting.profile == "full" else SHOTS[1:2]
    yield Hypothesis(
        statement="From few images, accuracy is higher with augmentation than without",
        arms=tuple(pairs(*(_sides(pupil, setting, shots) for pupil, shots in product(pupils, few)))),
    )
    yield Hypothesis(
        statement=f"From {SHOTS[-1]} images of a class, augmentation helps less than from {SHOTS[0]}",
        arms=tuple(pairs(*(_sides(CNN, setting, shots) for shots in (SHOTS[0], SHOTS[-1])))),
        statistic="interaction",
        expected="less",
    )
    yield Hypothesis(
        statement="The fewer images of a class, the further is test accuracy behind training accuracy",
        arms=tuple(CNN.arm(setting, shots, NONE, "gap") for shots in SHOTS),
        statistic="rank",
        expected="less",
        unit="",
    )


def _sides(pupil: Pupil, setting: Setting, shots: int) -> tuple[Arm, Arm]:
    return pupil.arm(setting, shots, NONE), pupil.arm(setting, shots, pupil.augmentation)


@lesson(
    title="Exercise 1: how to augment MNIST",
    words="How are you going to augment the images for MNIST dataset?",
    slide="Exercise #1: Augmentation with MNIST dataset",
    limits="One strength of each augmentation, 100 steps: others may help where these do not.",
)
def exercise_1(setting: Setting) -> Iterator[Hypothesis]:
    """Each of the slide's techniques alone, and the lecture's own mixture, on 2 to 50 images of a digit."""
    # pilots of six other seeds: +3.2 points, spread 0.6. From 2 of a class, horizontal flips helped
    shots = SHOTS[:1] if setting.profile == "smoke" else SHOTS[:3]
    pupils = PUPILS[:2] if setting.profile == "full" else PUPILS[:1]

    def compared(*names: tuple[str, str]) -> tuple[Arm, ...]:
        everywhere = product(pupils, shots, names)
        sides = (tuple(pupil.arm(setting, some, name) for name in both) for pupil, some, both in everywhere)
        return tuple(pairs(*sides))

    yield Hypothesis(
        statement="Rotation, scale, crop, translation and noise, each alone, help on average",
        arms=compared(*((NONE, name) for name in ALONE)),
    )
    yield Hypothesis(
        statement="Flips, each alone, harm: a mirrored digit is another one, or none",
        arms=compared(*((NONE, name) for name in FLIPS)),
        expected="less",
    )
    yield Hypothesis(
        statement="Small shifts, turns and changes of scale are better for digits than flips and turns",
        arms=compared(("lecture", CNN.augmentation)),
    )

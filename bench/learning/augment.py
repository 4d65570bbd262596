"""Augmentations by name. Each image of a batch gets a draw of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from bench.declarations import Dataset
from bench.lazy import lazy
from bench.learning.seeds import stream
from bench.registry import Registry, one_line, place_of

v2 = lazy("torchvision.transforms.v2")

Transform = Callable[[torch.Tensor], torch.Tensor]
"""From one uint8 image C x H x W to another of the same shape, drawn from torch's global generator."""


@dataclass(frozen=True)
class Augmentation:
    """A declared random change of training images."""

    name: str
    build: Callable[[], Transform]
    about: str
    mirrors: bool
    """Whether it mirrors images, which changes the class of digits and letters."""


AUGMENTATIONS: Registry[Augmentation] = Registry("augmentation")


def augmentation(*, mirrors: bool = False) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Declare a function that builds a transform, under its name."""

    def declare(build: Callable[[], Any]) -> Callable[[], Any]:
        item = Augmentation(build.__name__, build, one_line(build), mirrors)
        AUGMENTATIONS.add(item.name, item, place_of(build))
        return build

    return declare


@augmentation()
def none() -> Transform:
    """The images as they are."""
    return v2.Identity()  # type: ignore[no-any-return]


@augmentation(mirrors=True)
def lecture() -> Transform:
    """The lecture's: horizontal and vertical flips with probability 0.3 each, rotation by up to 30 degrees."""
    flips = [v2.RandomHorizontalFlip(0.3), v2.RandomVerticalFlip(0.3)]
    return v2.Compose([*flips, v2.RandomRotation((-30, 30))])  # type: ignore[no-any-return]


@augmentation()
def digits() -> Transform:
    """For digits: rotation by up to 10 degrees, shift by up to a tenth, scale 0.9 to 1.1; nothing is mirrored."""
    bilinear = v2.InterpolationMode.BILINEAR
    return v2.RandomAffine(10, translate=(0.1, 0.1), scale=(0.9, 1.1), interpolation=bilinear)  # type: ignore[no-any-return]


class Augmenter:
    """An augmentation with a random stream of its own: the other draws are the same with and without it."""

    def __init__(self, name: str, *seed: int) -> None:
        self._plain = name == "none"
        self._transform = AUGMENTATIONS.get(name).build()
        self._state = torch.Generator().manual_seed(stream("augment", *seed)).get_state()

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Augment uint8 N x C x H x W, image by image: v2 would apply one draw to the whole batch."""
        if self._plain:
            return images
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self._state)
            augmented = torch.stack([self._transform(image) for image in images])
            self._state = torch.get_rng_state()
        return augmented


def warnings_about(name: str, dataset: Dataset) -> list[str]:
    """Why the augmentation does not suit the data, one line each."""
    if AUGMENTATIONS.get(name).mirrors and dataset.oriented:
        return [f"augmentation '{name}' mirrors images, which changes the classes of '{dataset.name}'"]
    return []

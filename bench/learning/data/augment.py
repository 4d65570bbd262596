"""Augmentations by name. Each image of a batch has its own random draw. Declarations load no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.declare.declarations import Dataset
from bench.declare.registry import Registry, one_line, place_of
from bench.errors import UnknownName
from bench.lazy import lazy

if TYPE_CHECKING:
    import torch

    from bench.learning import seeds
    from bench.learning.data import changes
    from bench.learning.data.changes import Change
else:
    torch = lazy("torch")
    changes = lazy("bench.learning.data.changes")
    seeds = lazy("bench.learning.seeds")

functional = lazy("torchvision.transforms.v2.functional")
Build = Callable[[], Sequence[Any]]
"""Function that returns the changes."""


@dataclass(frozen=True)
class Augmentation:
    """A declared random change of training images."""

    name: str
    build: Build
    """Function that returns the changes of the augmentation, in order."""
    about: str
    mirrors: bool
    """Whether the augmentation mirrors images, which changes the class of digits and letters."""
    turns: bool = False
    """Whether the augmentation turns images by more than a quarter of a circle, which changes that class, too."""


AUGMENTATIONS: Registry[Augmentation] = Registry("augmentation")


def augmentation(*, mirrors: bool = False, turns: bool = False) -> Callable[[Build], Build]:
    """Declare a function that returns the changes, under its name."""

    def declare(build: Build) -> Build:
        item = Augmentation(build.__name__, build, one_line(build), mirrors, turns)
        AUGMENTATIONS.add(item.name, item, place_of(build))
        return build

    return declare


@augmentation()
def none() -> Sequence[Change]:
    """The images as they are."""
    return ()


@augmentation(mirrors=True)
def lecture() -> Sequence[Change]:
    """The lecture's: horizontal and vertical flips with probability 0.3 each, rotation by up to 30 degrees."""
    return (*hflip(), *vflip(), *rotation())


@augmentation()
def digits() -> Sequence[Change]:
    """For digits: rotation by up to 10 degrees, shift by up to a tenth, scale 0.9 to 1.1; nothing is mirrored."""
    return (changes.Affine(10, shift=0.1, scale=(0.9, 1.1), interpolation="bilinear"),)


@augmentation(mirrors=True)
def hflip() -> Sequence[Change]:
    """Left and right change places with probability 0.3."""
    return (changes.Flip("horizontal", 0.3),)


@augmentation(mirrors=True)
def vflip() -> Sequence[Change]:
    """Top and bottom change places with probability 0.3."""
    return (changes.Flip("vertical", 0.3),)


@augmentation()
def scale() -> Sequence[Change]:
    """Zooming out to 0.8 or in to 1.2, bilinear, the size of the picture unchanged."""
    return (changes.Affine(scale=(0.8, 1.2), interpolation="bilinear"),)


@augmentation()
def noise() -> Sequence[Change]:
    """Gaussian noise, standard deviation 0.1 of the range from black to white."""
    return (changes.Noise(0.1),)


@augmentation()
def rotation() -> Sequence[Change]:
    """Rotation by up to 30 degrees to either side, nearest neighbour: equal to `RandomRotation((-30, 30))`."""
    return (changes.Affine(30),)


@augmentation()
def crop() -> Sequence[Change]:
    """A box of half to all of the area, sides 3:4 to 4:3, resized to the whole (`RandomResizedCrop`)."""
    return (changes.Crop((0.5, 1.0)),)


@augmentation()
def translation() -> Sequence[Change]:
    """Shift by up to a tenth of the side along each axis, in whole pixels."""
    return (changes.Affine(shift=0.1),)


@augmentation()
def colour() -> Sequence[Change]:
    """Brightness and contrast times 0.7 to 1.3."""
    return (changes.Colour(0.3, 0.3),)


@augmentation()
def randaugment() -> Sequence[Change]:
    """Two of 14 changes, of one strength (RandAugment, arXiv:1909.13719, as torchvision has it)."""
    return (changes.Policy("RandAugment"),)


@augmentation(turns=True)
def trivialaugment() -> Sequence[Change]:
    """One of 14 changes, of any strength (TrivialAugment, arXiv:2103.10158, as torchvision's `Wide` has it)."""
    return (changes.Policy("TrivialAugmentWide"),)


class Augmenter:
    """An augmentation with a random stream of its own, which leaves all other draws unchanged."""

    def __init__(self, name: str, *seed: int, pipeline: str = "tensor") -> None:
        """Build the declared changes.

        Args:
            name: name of the augmentation.
            seed: equal ones give equal pictures in one pipeline; between pipelines only the distribution is equal.
            pipeline: `tensor` changes the batch as a whole, `pil` image by image as torchvision does PIL images.

        Raises:
            UnknownName: there is no such augmentation, or pipeline.
        """
        pipelines = {"tensor": self._whole, "pil": self._one_by_one}
        if pipeline not in pipelines:
            raise UnknownName("pipeline", pipeline, pipelines)
        self._changes = tuple(AUGMENTATIONS.get(name).build())
        self._apply = pipelines[pipeline]
        self._generator = torch.Generator().manual_seed(seeds.stream("augment", *seed))

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Augment uint8 N x C x H x W (C is 1 or 3, on the CPU for `pil`)."""
        return self._apply(images) if self._changes else images

    @property
    def is_on_device(self) -> bool:
        """Whether the augmentation works on any device, with few draws to send there."""
        return self._has_only(changes.FEW_DRAWS)

    @property
    def is_apart(self) -> bool:
        """Whether the augmentation can run in a thread of its own, since no random stream is shared."""
        return self._has_only(changes.OWN_DRAWS)

    def _has_only(self, kinds: tuple[type[Change], ...]) -> bool:
        if not self._changes:
            return True
        return self._apply == self._whole and all(type(change) in kinds for change in self._changes)

    def state(self) -> torch.Tensor:
        """State of the random stream, for `restore`."""
        return self._generator.get_state()

    def restore(self, state: torch.Tensor) -> None:
        """Restore a state of the random stream."""
        self._generator.set_state(state)

    def _whole(self, images: torch.Tensor) -> torch.Tensor:
        for change in self._changes:
            images = change.batch(images, self._generator)
        return images

    def _one_by_one(self, images: torch.Tensor) -> torch.Tensor:
        transforms = [change.transform(images.shape[-1]) for change in self._changes]
        changed = []
        with changes.drawing_from(self._generator):
            for image in images:
                picture = functional.to_pil_image(image)
                for transform in transforms:
                    picture = transform(picture)
                changed.append(functional.pil_to_tensor(picture))
        return torch.stack(changed)


def warnings_about(name: str, dataset: Dataset) -> list[str]:
    """Reasons why the augmentation does not suit the data, one line each."""
    item = AUGMENTATIONS.get(name)
    done = {"mirrors images": item.mirrors, "turns images by more than 90 degrees": item.turns}
    return [
        f"augmentation '{name}' {what}, which changes the classes of '{dataset.name}'"
        for what, does in done.items()
        if does and dataset.oriented
    ]

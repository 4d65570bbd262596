"""Random changes of pictures in two forms: a transform of torchvision for one, and tensor code for a whole batch.

The batch form draws for each picture by itself, where v2 would apply one draw to all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch
from torch.overrides import TorchFunctionMode

from bench.lazy import lazy
from bench.learning.data.sending import sent
from bench.learning.data.warps import affine, brightened, contrasted, each, resized_crop

v2 = lazy("torchvision.transforms.v2")

LEVELS = 256 - 1e-3
"""Factor for values in 0..1 before their fraction is cut off, as v2 converts to bytes."""
CROP_TRIES = 10
"""Boxes that are drawn before the whole picture is taken, as in v2."""
Transform = Callable[[Any], Any]


class Change(Protocol):
    """One random change of pictures."""

    def transform(self, side: int) -> Transform:
        """Transform of torchvision, from one PIL image of `side` x `side` pixels to another."""

    def batch(self, images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Change uint8 N x C x H x W, with draws for each image from the generator, which is on the CPU."""


@contextmanager
def drawing_from(generator: torch.Generator) -> Iterator[None]:
    """Context in which torch's global generator continues from this one's state and hands it back at the end."""
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(generator.get_state())
        yield
        generator.set_state(torch.get_rng_state())


class _Drawing(TorchFunctionMode):
    """Context in which torch's draws on the CPU come from one generator, in this thread alone."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self._generator = generator

    def __torch_function__(self, func: Any, types: object, args: Any = (), kwargs: Any = None) -> Any:
        more = {"generator": self._generator} if func in (torch.rand, torch.randint) else {}
        return func(*args, **{**(kwargs or {}), **more})


@dataclass(frozen=True)
class SingleImageChange:
    """A transform that works on single images only: slow, used where there is no batch form."""

    v2: Transform
    """Transform from one image, PIL or uint8 C x H x W, to another of its kind and shape."""

    def transform(self, side: int) -> Transform:
        """The given transform."""
        return self.v2

    def batch(self, images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Change image by image."""
        with drawing_from(generator):
            return torch.stack([self.v2(image) for image in images])


@dataclass(frozen=True)
class Flip:
    """Mirroring with a probability."""

    across: Literal["horizontal", "vertical"]
    p: float

    def transform(self, side: int) -> Transform:
        """`RandomHorizontalFlip` or `RandomVerticalFlip`."""
        kinds = {"horizontal": v2.RandomHorizontalFlip, "vertical": v2.RandomVerticalFlip}
        return kinds[self.across](self.p)  # type: ignore[no-any-return]

    def batch(self, images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Mirror a random part of the images."""
        chosen = torch.rand(len(images), generator=generator) < self.p
        mirrored = images.flip(-1 if self.across == "horizontal" else -2)
        return torch.where(each(chosen, images), mirrored, images)


@dataclass(frozen=True)
class Affine:
    """Rotation, shift and scaling about the centre; areas from outside the picture are black."""

    degrees: float = 0.0
    """Largest angle, to either side."""
    shift: float = 0.0
    """Largest shift along each axis, to either side, as a share of the picture's side; whole pixels."""
    scale: tuple[float, float] = (1.0, 1.0)
    interpolation: Literal["nearest", "bilinear"] = "nearest"

    def transform(self, side: int) -> Transform:
        """`RandomAffine`; `RandomRotation` where it does nothing else."""
        how = v2.InterpolationMode(self.interpolation)
        if not self.shift and self.scale == (1.0, 1.0):
            return v2.RandomRotation((-self.degrees, self.degrees), how)  # type: ignore[no-any-return]
        shift = (self.shift, self.shift) if self.shift else None
        return v2.RandomAffine(self.degrees, shift, self.scale, interpolation=how)  # type: ignore[no-any-return]

    def batch(self, images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Warp every image by a matrix of its own."""
        n, (height, width) = len(images), images.shape[-2:]
        angle = _uniform(n, -self.degrees, self.degrees, generator)
        reach = self.shift * torch.tensor([width, height])
        shift = ((2 * torch.rand(n, 2, generator=generator) - 1) * reach).round()
        scale = _uniform(n, *self.scale, generator)
        return affine(images, angle, shift, scale, self.interpolation)


@dataclass(frozen=True)
class Crop:
    """A part of the picture, resized to the whole (bilinear)."""

    area: tuple[float, float]
    """Least and largest share of the picture's area."""
    ratio: tuple[float, float] = (3 / 4, 4 / 3)
    """Width over height, least and largest."""

    def transform(self, side: int) -> Transform:
        """`RandomResizedCrop`."""
        return v2.RandomResizedCrop(side, self.area, self.ratio)  # type: ignore[no-any-return]

    def batch(self, images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Cut a box of its own from every image."""
        return resized_crop(images, self.boxes(len(images), images.shape[-2], images.shape[-1], generator))

    def boxes(self, n: int, height: int, width: int, generator: torch.Generator) -> torch.Tensor:
        """Boxes, int64, n x 4: top, left, height, width; drawn as in v2."""
        tries = (n, CROP_TRIES)
        area = height * width * _uniform(tries, *self.area, generator)
        ratio = _uniform(tries, math.log(self.ratio[0]), math.log(self.ratio[1]), generator).exp()
        sizes = torch.stack([(area / ratio).sqrt().round(), (area * ratio).sqrt().round()], -1).long()
        most = torch.tensor([height, width])
        fits = ((sizes > 0) & (sizes <= most)).all(-1)
        chosen = sizes[torch.arange(n), fits.long().argmax(1)]
        size = torch.where(fits.any(1, keepdim=True), chosen, most)
        corner = (torch.rand(n, 2, generator=generator) * (most - size + 1)).long()
        return torch.cat([corner, size], 1)


@dataclass(frozen=True)
class Noise:
    """Gaussian noise for each value, cut off at black and white."""

    sigma: float
    """Standard deviation, of values in 0..1."""

    def transform(self, side: int) -> Transform:
        """Transform `GaussianNoise`, which is defined on floats: the picture is converted there and back."""
        there = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True)]
        back = [v2.ToDtype(torch.uint8, scale=True), v2.ToPILImage()]
        return v2.Compose([*there, v2.GaussianNoise(0.0, self.sigma), *back])  # type: ignore[no-any-return]

    def batch(self, images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Add noise, which is drawn value by value in any case."""
        noise = sent(torch.randn(images.shape, generator=generator), images.device)
        return images.float().div_(255).add_(noise, alpha=self.sigma).clamp_(0, 1).mul_(LEVELS).to(torch.uint8)


@dataclass(frozen=True)
class Colour:
    """Brightness and contrast, in a random order."""

    brightness: float
    """Largest distance of the factors from 1."""
    contrast: float

    def transform(self, side: int) -> Transform:
        """`ColorJitter`."""
        return v2.ColorJitter(brightness=self.brightness, contrast=self.contrast)  # type: ignore[no-any-return]

    def batch(self, images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Change every image by factors of its own."""
        n = len(images)
        brightness = _uniform(n, 1 - self.brightness, 1 + self.brightness, generator)
        contrast = _uniform(n, 1 - self.contrast, 1 + self.contrast, generator)
        brighter_first = torch.rand(n, generator=generator) < 0.5
        one = contrasted(brightened(images, brightness), contrast)
        other = brightened(contrasted(images, contrast), brightness)
        return torch.where(each(brighter_first, images), one, other)


@dataclass(frozen=True)
class Policy:
    """A change that is drawn from a list, with its strength: torchvision's own, image by image in both forms."""

    name: Literal["RandAugment", "TrivialAugmentWide"]

    def transform(self, side: int) -> Transform:
        """The transform of that name with its own parameters."""
        return getattr(v2, self.name)()  # type: ignore[no-any-return]

    def batch(self, images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Change every image by draws of its own, which no other thread sees."""
        change = self.transform(images.shape[-1])
        with _Drawing(generator):
            return torch.stack([change(image) for image in images])


FEW_DRAWS: tuple[type[Change], ...] = (Flip, Affine, Crop, Colour)
"""Changes that draw a few numbers per image on the CPU, and compute wherever the images are."""
OWN_DRAWS: tuple[type[Change], ...] = (*FEW_DRAWS, Noise, Policy)
"""Changes that draw from the given generator alone: beside other threads, their draws stay the same."""


def _uniform(size: int | tuple[int, ...], low: float, high: float, generator: torch.Generator) -> torch.Tensor:
    return low + (high - low) * torch.rand(size, generator=generator)

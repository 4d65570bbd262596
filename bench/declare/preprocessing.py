"""Weights that packages ship, and how pictures are prepared for a network with them. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args

from bench.cell import digest
from bench.validity import ABOVE_0, FILLED, FROM_1, FieldRule, rules

Interpolation = Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]
INTERPOLATIONS: tuple[str, ...] = get_args(Interpolation)
Fit = Literal["centre", "squash", "border"]
USUAL_SHARE = (8, 7)
"""Resize and crop where the weights say nothing, with the share that most presets cut off (256 px for 224)."""
NAMED_COLOURS: Mapping[tuple[tuple[float, ...], tuple[float, ...]], str] = {
    ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)): "ImageNet's colours",
    ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)): "colours in -1..1",
    ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)): "CLIP's colours",
}
"""Named means and deviations that many weights have in common."""
IMAGENET_MEAN, IMAGENET_STD = next(iter(NAMED_COLOURS))
DEFAULT = "default"
"""Beginning of `said_by` where the weights say nothing."""


@dataclass(frozen=True)
class Geometry:
    """Steps that turn a picture of any size into a square, in pixels."""

    side: int
    """Side of the square in pixels."""
    resized: int
    """Size to which the picture is resized before its centre is cut out: the shorter side, with `squash` both,
    with `border` the longer one."""
    interpolation: Interpolation = "bilinear"
    fit: Fit = "centre"
    fill: tuple[int, ...] = ()
    """Colour of the area that the picture does not cover, 0..255; empty: black."""

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height to which a picture is resized, rounded as torchvision does, and timm with a border."""
        if self.fit == "squash":
            return self.resized, self.resized
        if self.fit == "border":
            ratio = max(width, height) / self.resized
            return max(1, round(width / ratio)), max(1, round(height / ratio))
        shorter = min(width, height)
        return int(self.resized * width / shorter), int(self.resized * height / shorter)

    def offset(self, length: int) -> int:
        """Offset of the square along a side of the resized picture; negative where that is shorter."""
        spare = length - self.side
        return round(spare / 2) if spare >= 0 else -(-spare // 2)

    def told(self) -> str:
        """Summary in a few words: `resize 146, centre 128, bicubic`."""
        centre = "" if self.resized == self.side and self.fit != "centre" else f", centre {self.side}"
        how = {"centre": "resize", "squash": "whole picture to", "border": "with a border, longer side to"}
        return f"{how[self.fit]} {self.resized}{centre}, {self.interpolation}"

    def to_spec(self) -> tuple[tuple[str, str | int], ...]:
        """The geometry as pairs for an artifact; `of_spec` reads them back."""
        fill = (("fill", " ".join(map(str, self.fill))),) if self.fill else ()
        return (
            ("side", self.side),
            ("resized", self.resized),
            ("interpolation", self.interpolation),
            ("fit", self.fit),
            *fill,
        )

    @classmethod
    def of_spec(cls, spec: Mapping[str, Any]) -> Geometry:
        """Inverse of `to_spec`; other keys are ignored."""
        fill = tuple(map(int, spec.get("fill", "").split()))
        return cls(spec["side"], spec["resized"], spec["interpolation"], spec["fit"], fill)


def whole(side: int) -> Geometry:
    """Geometry of a picture that is resized as a whole."""
    return Geometry(side, side, fit="squash")


_WITH_STD = FieldRule("given together with std", lambda _, item: item.std is not None)
_EQUALLY_MANY = FieldRule("as many numbers as mean", lambda std, item: len(std) == len(item.mean or ()))
_ABOVE_0 = FieldRule("above 0", lambda some, item: all(ABOVE_0.holds(value, item) for value in some))
_WITH_CROP = FieldRule("given together with crop", lambda _, item: item.crop is not None)
_WITH_RESIZE = FieldRule("given together with resize", lambda _, item: item.resize is not None)
_COLOUR = FieldRule(
    "nothing, or 3 numbers in 0..255", lambda fill, _: not fill or (len(fill) == 3 and max(fill) < 256)
)


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """Preparation of pictures for a network with certain weights, at any resolution."""

    mean: tuple[float, ...] | None = field(default=None, metadata=rules(_WITH_STD))
    """Mean of each channel, with values in 0..1; None: that of the images that the weights are trained on here."""
    std: tuple[float, ...] | None = field(default=None, metadata=rules(_EQUALLY_MANY, _ABOVE_0))
    resize: int | None = field(default=None, metadata=rules(FROM_1, _WITH_CROP))
    """Size to which a picture is resized where `crop` is the side of the input: 256 to 224, or 8 to 7, which is
    equal.

    At a resolution R the picture is resized to floor(R * resize / crop). None: the weights do not say.
    """
    crop: int | None = field(default=None, metadata=rules(FROM_1, _WITH_RESIZE))
    interpolation: Interpolation = "bilinear"
    """Interpolation, always antialiased, as in Pillow."""
    fit: Fit = "centre"
    """Way to a square: `centre` resizes the shorter side and cuts out the centre; `squash` resizes both sides,
    whatever their ratio; `border` resizes the longer side and fills the rest with the colour `fill`."""
    fill: tuple[int, ...] = field(default=(), metadata=rules(_COLOUR))
    """Red, green and blue in 0..255; empty: black."""
    said_by: str = field(default="declaration", metadata=rules(FILLED))
    """Origin of these values: `torchvision ResNet18_Weights.IMAGENET1K_V1`, `config.json`, ..."""

    @property
    def is_default(self) -> bool:
        """Whether the values are an assumption, since nothing says how the weights see pictures."""
        return self.said_by.startswith(DEFAULT)

    def completed(self, own_side: int | None) -> Preprocessing:
        """The preprocessing with the usual geometry added where the weights do not state theirs.

        Args:
            own_side: side that all pictures have; None: their sizes differ. Pictures of one size are not cut.
        """
        if self.resize is not None:
            return self
        said_by = self.said_by if self.is_default else f"{self.said_by}; size and cut: {DEFAULT}"
        if own_side is not None:
            return replace(self, resize=1, crop=1, fit="squash", said_by=said_by)
        resize, crop = USUAL_SHARE
        return replace(self, resize=resize, crop=crop, said_by=said_by)

    def at(self, resolution: int) -> Geometry:
        """Geometry for an input with this side, in pixels.

        Raises:
            ValueError: the weights do not say it, and it was not completed.
        """
        if self.resize is None or self.crop is None:
            raise ValueError("the geometry is not known")
        # in whole numbers: a share such as 0.95 has no exact float
        resized = max(1, resolution * self.resize // self.crop)
        return Geometry(resolution, resized, self.interpolation, self.fit, self.fill)

    def told(self, resolution: int) -> str:
        """Summary in one line: `resize 146, centre 128, bicubic, ImageNet's colours (torchvision ...)`."""
        return f"{self.at(resolution).told()}, {self._colours()} ({self.said_by})"

    def _colours(self) -> str:
        if self.mean is None or self.std is None:
            return "colours of the images trained on"
        if name := NAMED_COLOURS.get((self.mean, self.std)):
            return name
        mean, std = ("/".join(f"{value:.3g}" for value in dict.fromkeys(some)) for some in (self.mean, self.std))
        return f"mean {mean}, deviation {std}"

    @property
    def key(self) -> str:
        """Digest of what is done to pictures, whatever its origin."""
        return digest({**asdict(self), "said_by": ""})

    def to_dict(self) -> dict[str, Any]:
        """The preprocessing as plain data; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Preprocessing:
        """Inverse of `to_dict`, also from JSON; an unknown key is a `TypeError`."""
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items()}
        return cls(**values)


def share(crop: float) -> tuple[int, int]:
    """Resize and crop as whole numbers, from the share of the resized picture that is cut out: 0.875 is 8 to 7."""
    # by its decimal digits: 0.95 is meant, not the float beside it
    exact = 1 / Fraction(str(crop))
    return exact.numerator, exact.denominator


@dataclass(frozen=True, kw_only=True)
class Cached:
    """Place where a library keeps weights that it downloads."""

    file: Callable[[], Path | None]
    """Function that returns the path of the weights; None: they are not on this machine. It uses no network."""
    fetch: Callable[[], None]
    """Function that downloads the weights to that place. Raises `Unsupported` where there are none, or where it
    may not."""
    about: Callable[[], dict[str, Any]] = dict
    """Function that returns their identity on this machine for a record: tag, repository, revision, ..."""


@dataclass(frozen=True, kw_only=True)
class Pretrained:
    """Weights that a package ships for one architecture, or downloads."""

    source: str = field(metadata=rules(FILLED))
    """Name in `--weights` and in scenarios: `imagenet-lite`; `pretrained` is the first in any case."""
    load: Callable[[], dict[str, Any]]
    """Function that returns the state dict, with our model's keys; the file's hash has been checked.

    Raises `Unsupported` where the package is absent and `ValueError` where the file is not the expected one.
    """
    preprocessing: Preprocessing
    """Preparation of pictures with which the weights were trained and evaluated."""
    resolution: int = field(metadata=rules(FROM_1))
    package: str
    licence: str
    classes: int = field(default=1000, metadata=rules(FROM_1))
    """Classes of the model that the weights are loaded into."""
    cached: Cached | None = None
    """Place of weights that are downloaded on demand; None: they come with the package."""

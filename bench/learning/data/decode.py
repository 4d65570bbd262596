"""Decoding of an image file: upright, in RGB with 8 bits per channel, as the square that certain weights see."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from bench.data.formats import openable
from bench.declare.preprocessing import Geometry

MOST_PIXELS = 89_478_485
"""Most pixels of an image: more counts as a decompression bomb. Pillow's own limit, a quarter of a gigabyte of
RGB."""
_FORMATS = openable()
_SIXTEEN = ("I;16", "I;16L", "I;16B", "I;16N")
_SIXTEEN_IN_THIRTY_TWO = ("PNG", "PPM")
"""Formats whose pixels Pillow may give as 32-bit numbers, of which 16 bits are used."""
_WIDEST = 4
"""Largest ratio of an image's longer side to the target size of its shorter one: of a longer strip only the
visible part is resized, since the whole could grow to gigabytes."""
_MOVING = ("GIF", "PNG", "WEBP", "AVIF")
"""Formats whose further pictures are an animation, not pages or previews."""


class BadImage(ValueError):
    """An image that cannot be used; the message says why."""


@contextmanager
def guarded() -> Iterator[None]:
    """Context in which a warning of a decompression bomb is an error and others are silent, for all threads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


@dataclass(frozen=True)
class DecodedImage:
    """A decoded image."""

    pixels: np.ndarray
    """Pixels, uint8, 3 x side x side; with `decode_by`, the result of its function."""
    form: str
    """Format of the file, by Pillow's name."""
    kinds: tuple[str, ...]
    """Properties of the file: any of `animated`, `palette`, `gray`, `16 bit`, `CMYK`, `transparent`."""


def decode(data: bytes, geometry: Geometry) -> DecodedImage:
    """Decode the image in a file's bytes; of an animation, the first picture.

    It is resized once, from all its pixels, as the transforms of torchvision and timm do it.

    Raises:
        BadImage: the file is damaged, cut off, too large, or of an unknown format.
    """
    return decode_by(data, lambda image: np.asarray(_square(image, geometry)).transpose(2, 0, 1))


def decode_by(data: bytes, pixels_of: Callable[[Image.Image], np.ndarray]) -> DecodedImage:
    """Decode as `decode` does, with the pixels made by another function of the upright image in RGB.

    Raises:
        BadImage: the file is refused by `decode`.
    """
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise BadImage(_bomb(f"{image.width} x {image.height}"))
            form, kinds = image.format or "", tuple(_kinds(image))
            upright = ImageOps.exif_transpose(image)
            pixels = pixels_of(_rgb(upright, form))
            moving = ("animated",) if form in _MOVING and getattr(image, "is_animated", False) else ()
            return DecodedImage(np.ascontiguousarray(pixels), form, moving + kinds)
    except (BadImage, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadImage(_bomb("too many")) from None
    except UnidentifiedImageError:
        raise BadImage("is not an image that can be read" if data else "is empty") from None
    except Exception as error:  # a decoder fails in any way over what is damaged: the file is named
        said = " ".join(str(error).split()) or type(error).__name__
        raise BadImage(f"cannot be decoded: {said}") from error


def _bomb(size: str) -> str:
    return f"has {size} pixels, more than {MOST_PIXELS // 10**6} million: refused as a decompression bomb"


def _kinds(image: Image.Image) -> Iterator[str]:
    """Properties of an image beyond 8-bit RGB, found before its pixels are read."""
    if image.mode in ("P", "PA"):
        yield "palette"
    if image.mode[:1] in ("1", "L", "I"):
        yield "gray"
    # Pillow reads the upper byte of coloured pixels of 16 bits alone: the name of what is in the file tells
    stored = str(tiles[0][3]) if (tiles := getattr(image, "tile", ())) else ""
    if image.mode[:1] == "I" or ";16" in stored:
        yield "16 bit"
    if image.mode == "CMYK":
        yield "CMYK"
    if image.has_transparency_data:
        yield "transparent"


def _rgb(image: Image.Image, form: str) -> Image.Image:
    if image.mode in _SIXTEEN or (image.mode == "I" and form in _SIXTEEN_IN_THIRTY_TWO):
        wide = np.asarray(image).astype(np.uint32)
        # 65535 becomes 255: cutting the lower byte off would darken, clipping would whiten
        return Image.fromarray(((wide * 255 + 32767) // 65535).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise BadImage("has 32 bits a pixel, of which nobody knows what is white")
    if image.has_transparency_data:
        opaque = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", opaque.size, "white"), opaque).convert("RGB")
    return image.convert("RGB")


def resampling_of(geometry: Geometry) -> Image.Resampling:
    """Pillow's constant for an interpolation."""
    return Image.Resampling[geometry.interpolation.upper()]


def _square(image: Image.Image, geometry: Geometry) -> Image.Image:
    side, resampling = geometry.side, resampling_of(geometry)
    width, height = geometry.size(*image.size)
    left, top = geometry.offset(width), geometry.offset(height)
    if max(width, height) > _WIDEST * geometry.resized:
        image, left, top = _kept_alone(image, geometry), min(0, left), min(0, top)
    elif image.size != (width, height):
        image = image.resize((width, height), resampling)
    if min(left, top) >= 0:
        return image.crop((left, top, left + side, top + side))
    square = Image.new("RGB", (side, side), geometry.fill or "black")
    square.paste(image, (-left, -top))
    return square


def _kept_alone(image: Image.Image, geometry: Geometry) -> Image.Image:
    """The visible square of the resized picture, made without the rest; its borders are exact."""
    resampling = resampling_of(geometry)
    width, height = geometry.size(*image.size)
    # rows first, then columns, as of a whole picture: what is rounded in between would differ
    left, right, columns = _kept(image.width, width, geometry)
    image = image.resize((columns, image.height), resampling, box=(left, 0, right, image.height))
    top, bottom, rows = _kept(image.height, height, geometry)
    return image.resize((columns, rows), resampling, box=(0, top, columns, bottom))


def _kept(length: int, resized: int, geometry: Geometry) -> tuple[float, float, int]:
    """Start and end of the visible part of a side in the picture, and its length when resized."""
    start = max(0, geometry.offset(resized))
    kept = min(resized - start, geometry.side)
    return start * length / resized, min(length, (start + kept) * length / resized), kept

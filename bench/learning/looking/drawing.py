"""Drawing of arrays as small PNG files: tiles in rows, labels, colours."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from bench.cell import MOST_BYTES

GAP = 6
"""Pixels between tiles."""
TEXT = 15
"""Size of labels in pixels."""
_LINE = TEXT + 5
_INK, _PAPER = (45, 52, 60), (255, 255, 255)
_SCALE = np.asarray(
    [
        (20, 11, 52),
        (62, 25, 110),
        (115, 31, 129),
        (168, 50, 125),
        (218, 70, 107),
        (249, 109, 91),
        (253, 169, 108),
        (253, 224, 160),
        (252, 253, 220),
    ],
    np.float32,
)
"""Colour scale from 0 to 1, lighter at each step, so that it is readable in gray, too."""


@dataclass(frozen=True)
class Tile:
    """A part of a picture with a label."""

    pixels: np.ndarray
    """Pixels, uint8, H x W x 3."""
    label: str = ""
    """Text below the tile."""


@dataclass(frozen=True)
class TileRow:
    """A row of tiles."""

    tiles: Sequence[Tile]
    title: str = ""
    """Text above the row."""


def sheet(rows: Sequence[TileRow], gap: int = GAP) -> np.ndarray:
    """Rows below one another on white, uint8, H x W x 3; a label that is too wide for its tile is cut."""
    width = max(gap + sum(tile.pixels.shape[1] + gap for tile in row.tiles) for row in rows)
    width = max([width, *(gap * 2 + _width(row.title) for row in rows)])
    canvas = Image.new("RGB", (width, gap + sum(_height(row, gap) for row in rows)), _PAPER)
    pen, y = ImageDraw.Draw(canvas), gap
    for row in rows:
        if row.title:
            pen.text((gap, y), row.title, _INK, _font())
            y += _LINE
        x = gap
        for tile in row.tiles:
            high, wide = tile.pixels.shape[:2]
            canvas.paste(Image.fromarray(tile.pixels), (x, y))
            _write(pen, tile.label, x, y + high, wide)
            x += wide + gap
        y += _height(row, gap) - (_LINE if row.title else 0)
    return np.asarray(canvas)


def in_rows(tiles: Sequence[Tile], columns: int) -> list[TileRow]:
    """Tiles arranged in lines."""
    return [TileRow(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]


def _height(row: TileRow, gap: int) -> int:
    labelled = any(tile.label for tile in row.tiles)
    tallest: int = max(tile.pixels.shape[0] for tile in row.tiles)
    return (_LINE if row.title else 0) + tallest + (_LINE if labelled else 0) + gap


def _write(pen: ImageDraw.ImageDraw, label: str, x: int, y: int, wide: int) -> None:
    while label and _width(label) > wide:
        label = label[:-1]
    pen.text((x + (wide - _width(label)) // 2, y + 1), label, _INK, _font())


def _width(text: str) -> int:
    return round(_font().getlength(text))


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(TEXT)


def enlarged(pixels: np.ndarray, side: int) -> np.ndarray:
    """Picture H x W x 3 enlarged to `side` pixels on its longer side: each pixel becomes a square."""
    high, wide = pixels.shape[:2]
    factor = side / max(high, wide)
    size = (max(1, round(wide * factor)), max(1, round(high * factor)))
    way = Image.Resampling.NEAREST if factor >= 1 else Image.Resampling.LANCZOS
    return np.asarray(Image.fromarray(pixels).resize(size, way))


def drawn_from(paths: Sequence[str]) -> str:
    """Part of a caption about the files that its pictures come from; empty where they come from none."""
    if not paths:
        return ""
    return f" The picture is {paths[0]}." if len(paths) == 1 else f" The pictures are {', '.join(paths)}."


def photograph(pixels: torch.Tensor) -> np.ndarray:
    """Picture uint8, C x H x W (one channel or three), as H x W x 3."""
    three = pixels.expand(3, -1, -1) if pixels.shape[0] == 1 else pixels
    return np.ascontiguousarray(three.permute(1, 2, 0).cpu().numpy())


def around_gray(values: np.ndarray, least: float = 0.0) -> np.ndarray:
    """Values H x W (x 3) as uint8 H x W x 3: zero is middle gray, the largest size (or `least`) black or white."""
    most = max(float(np.abs(values).max()), least)
    scaled = 127.5 + 127.5 * values / (most if most > 0 else 1.0)
    return _three(_whole(scaled))


def coloured(values: np.ndarray, low: float | None = None, high: float | None = None) -> np.ndarray:
    """Values H x W as uint8 H x W x 3, dark at the lowest value (or `low`), light at the highest (or `high`)."""
    low = float(values.min()) if low is None else low
    high = float(values.max()) if high is None else high
    span = high - low
    shares = np.clip((values - low) / span, 0, 1) if span > 0 else np.zeros_like(values)
    place = shares * (len(_SCALE) - 1)
    below = np.minimum(place.astype(np.int64), len(_SCALE) - 2)
    part = (place - below)[..., None]
    return _whole(_SCALE[below] * (1 - part) + _SCALE[below + 1] * part)


def over(picture: np.ndarray, weights: np.ndarray, side: int) -> np.ndarray:
    """A picture under a grid of weights, `side` pixels wide: dark for small weights, light for large ones."""
    ground = enlarged(picture, side).astype(np.float32).mean(2, keepdims=True)
    heat = enlarged(coloured(weights), side).astype(np.float32)
    return _whole(0.4 * ground + 0.6 * heat)


def framed(pixels: np.ndarray, boxes: Iterable[tuple[float, float, float, float]], colour: str) -> np.ndarray:
    """A picture with rectangles (left, top, right, bottom, in its pixels)."""
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    for box in boxes:
        pen.rectangle(box, outline=colour)
    return np.asarray(image)


def lettered(pixels: np.ndarray, words: Iterable[tuple[float, float, str, str]]) -> np.ndarray:
    """A picture with words (x and y of the middle, text, colour)."""
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    for x, y, text, colour in words:
        pen.text((x, y), text, colour, _font(), anchor="mm")
    return np.asarray(image)


def png(pixels: np.ndarray) -> bytes:
    """The picture as a PNG file of at most 256 colours and `MOST_BYTES`; a larger one is reduced."""
    image = Image.fromarray(pixels)
    while len(file := _packed(image)) > MOST_BYTES:
        image = image.resize((image.width * 4 // 5, image.height * 4 // 5), Image.Resampling.LANCZOS)
    return file


def _packed(image: Image.Image) -> bytes:
    gray = np.asarray(image)
    if np.array_equal(gray[..., 0], gray[..., 1]) and np.array_equal(gray[..., 0], gray[..., 2]):
        packed = image.convert("L")
    else:
        packed = image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    packed.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _whole(values: np.ndarray) -> np.ndarray:
    rounded: np.ndarray = np.rint(values).astype(np.uint8)
    return rounded


def _three(pixels: np.ndarray) -> np.ndarray:
    return np.repeat(pixels[..., None], 3, 2) if pixels.ndim == 2 else pixels

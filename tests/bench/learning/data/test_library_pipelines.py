"""What the model sees is what the library of its weights would have shown it, within one gray level."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from bench.declare.preprocessing import Geometry, Interpolation, Preprocessing, share
from bench.lazy import load
from bench.learning.data.decode import decode
from bench.learning.data.fitting import fit_to
from bench.learning.weights.configurations import of_timm, of_torchvision

models = load("torchvision.models")
SIZES = ((160, 120), (120, 160), (61, 47), (333, 222), (40, 30), (97, 97), (500, 36), (30, 411))
"""Landscape, portrait, smaller than the square, 1.5 to 1, odd, and strips that nobody would frame."""
PRESETS = (
    "ResNet18_Weights.IMAGENET1K_V1",
    "ResNet50_Weights.IMAGENET1K_V2",
    "EfficientNet_B0_Weights.IMAGENET1K_V1",
    "EfficientNet_B1_Weights.IMAGENET1K_V2",
    "EfficientNet_B2_Weights.IMAGENET1K_V1",
    "ViT_B_16_Weights.IMAGENET1K_SWAG_E2E_V1",
    "Swin_V2_T_Weights.IMAGENET1K_V1",
)
CONFIGURATIONS: tuple[dict[str, Any], ...] = (
    {},
    {"crop_pct": 0.95},
    {"crop_pct": 0.9, "interpolation": "bilinear"},
    {"crop_pct": 1.0, "mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)},
    {"crop_pct": 0.965, "interpolation": "lanczos"},
    {"crop_pct": 1.0, "crop_mode": "squash"},
    {"crop_pct": 0.9, "crop_mode": "squash"},
    {"crop_pct": 1.0, "crop_mode": "border"},
    {"crop_pct": 0.95, "crop_mode": "border"},
    {"crop_pct": 1.15},
)


def photograph(width: int, height: int) -> Image.Image:
    """Edges and slopes in colour, and some noise."""
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / 7) * np.cos(y / 11), (x // 13 + y // 9) % 2 * 2 - 1, np.sin((x + y) / 29)], -1)
    noise = np.random.default_rng(width * height).normal(0, 12, waves.shape)
    return Image.fromarray((128 + 100 * waves + noise).clip(0, 255).astype(np.uint8))


def stored(image: Image.Image, geometry: Geometry) -> np.ndarray:
    """As a data set of files keeps it, 3 x side x side."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return decode(file.getvalue(), geometry).pixels.astype(int)


def furthest(ours: np.ndarray, theirs: torch.Tensor, how: Preprocessing) -> float:
    """The largest difference from what a library's transform gives, in gray levels."""
    assert how.mean is not None and how.std is not None
    mean, std = (torch.tensor(some).view(-1, 1, 1) for some in (how.mean, how.std))
    pixels = ((theirs * std + mean) * 255).numpy()
    assert pixels.shape == ours.shape
    return float(np.abs(pixels - ours).max())


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", PRESETS)
def test_pictures_are_those_of_torchvision_s_presets(name: str, size: tuple[int, int]) -> None:
    preset = models.get_weight(name).transforms()
    how = of_torchvision(preset, name)
    image = photograph(*size)
    assert furthest(stored(image, how.at(preset.crop_size[0])), preset(image), how) <= 1.001


@pytest.mark.parametrize("resolution", [97, 224])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
def test_pictures_are_those_of_timm_s_evaluation(
    configuration: dict[str, Any], size: tuple[int, int], resolution: int
) -> None:
    pytest.importorskip("timm")
    data = load("timm.data")
    resolved = data.resolve_data_config(
        {}, pretrained_cfg={**configuration, "input_size": (3, resolution, resolution)}
    )
    how = of_timm(configuration, "timm")
    image = photograph(*size)
    theirs = data.create_transform(**resolved)(image)
    assert furthest(stored(image, how.at(resolution)), theirs, how) <= 1.001


@pytest.mark.parametrize(
    "percent", [0.8, 0.875, 0.887, 0.888, 0.8975, 0.9, 0.903, 0.922, 0.942, 0.95, 0.965, 0.985, 1.0, 1.15]
)
def test_a_share_gives_the_size_that_timm_resizes_to_at_every_resolution(percent: float) -> None:
    resize, crop = share(percent)
    how = Preprocessing(resize=resize, crop=crop)
    sides = range(1, 1025)
    assert [int(side / percent) or 1 for side in sides] == [how.at(side).resized for side in sides]


GEOMETRIES: tuple[Callable[[Interpolation], Geometry], ...] = (
    lambda name: Geometry(24, 28, name),
    lambda name: Geometry(24, 24, name, "squash"),
    lambda name: Geometry(24, 20, name, "border", (10, 200, 30)),
    lambda name: Geometry(24, 20, name),
)


@pytest.mark.parametrize("name", ["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"])
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=["centre", "squash", "border", "small"])
@pytest.mark.parametrize("size", [(40, 31), (17, 23)], ids=str)
def test_pictures_in_memory_become_what_files_of_them_become(
    size: tuple[int, int], geometry: Callable[[Interpolation], Geometry], name: Interpolation
) -> None:
    image, wanted = photograph(*size), geometry(name)
    pixels = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None]
    in_memory = fit_to(pixels, 3, wanted)[0].numpy().astype(int)
    assert np.abs(in_memory - stored(image, wanted)).max() <= 1


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("side", [7, 24, 96])
def test_pictures_in_memory_are_resized_as_torchvision_resizes_tensors(side: int, mode: Interpolation) -> None:
    pixels = torch.randint(0, 256, (3, 3, 40, 31), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    functional, modes = load("torchvision.transforms.v2.functional"), load("torchvision.transforms")
    theirs = functional.resize(pixels, [side, side], modes.InterpolationMode(mode), antialias=True)
    assert theirs.equal(fit_to(pixels, 3, Geometry(side, side, mode, "squash")))
    gray = functional.rgb_to_grayscale(pixels)
    assert gray.equal(fit_to(pixels, 1, None))

"""Preprocessing of weights in the formats of torchvision, timm and transformers, or in a file beside the
weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from bench.declare.preprocessing import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    INTERPOLATIONS,
    Fit,
    Interpolation,
    Preprocessing,
    share,
)
from bench.errors import UsageError
from bench.foreign import from_json, from_toml, read_text
from bench.validity import check
from bench.words import in_room

WEIGHT_SUFFIXES = (".pt", ".pth", ".bin", ".ckpt", ".safetensors")
HUB_NAMES = ("model", "pytorch_model")
"""Beginnings of the names of files of weights that lie beside a `config.json` on Hugging Face's hub."""
_RESAMPLING: Mapping[int, Interpolation] = {
    0: "nearest",
    1: "lanczos",
    2: "bilinear",
    3: "bicubic",
    4: "box",
    5: "hamming",
}
"""Interpolations by Pillow's numbers."""
_TIMM_FITS: Mapping[str, Fit] = {"center": "centre", "squash": "squash", "border": "border"}
_TIMM_SHARE, _TIMM_INTERPOLATION = 0.875, "bicubic"
"""Values that timm uses where its configuration says nothing."""
_CONVNEXT_SHARE, _CONVNEXT_WHOLE = 0.875, 384
"""Values of transformers' ConvNeXt: the part of the picture that is kept, and the side from which on all is
kept."""


def of_torchvision(preset: Any, weights: str) -> Preprocessing:
    """Preprocessing of torchvision's `weights.transforms()`.

    Args:
        preset: a `torchvision.transforms._presets.ImageClassification`.
        weights: their name, such as `ResNet18_Weights.IMAGENET1K_V1`.
    """
    (resize,), (crop,) = preset.resize_size, preset.crop_size
    return Preprocessing(
        mean=tuple(preset.mean),
        std=tuple(preset.std),
        resize=resize,
        crop=crop,
        interpolation=_interpolation(preset.interpolation.value),
        said_by=f"torchvision {weights}",
    )


def of_timm(configuration: Mapping[str, Any], said_by: str) -> Preprocessing:
    """Preprocessing of timm's evaluation transform for a `pretrained_cfg`, also as a mapping or as JSON.

    Raises:
        ValueError: a way to cut or to interpolate that this program does not know.
    """
    mode = configuration.get("crop_mode") or "center"
    if mode not in _TIMM_FITS:
        raise ValueError(f"crop_mode '{mode}' is none of {', '.join(_TIMM_FITS)}")
    mean = tuple(configuration.get("mean") or IMAGENET_MEAN)
    resize, crop = share(configuration.get("crop_pct") or _TIMM_SHARE)
    return Preprocessing(
        mean=mean,
        std=tuple(configuration.get("std") or IMAGENET_STD),
        resize=resize,
        crop=crop,
        interpolation=_interpolation(configuration.get("interpolation") or _TIMM_INTERPOLATION),
        fit=_TIMM_FITS[mode],
        fill=tuple(round(255 * value) for value in mean) if mode == "border" else (),
        said_by=said_by,
    )


def of_transformers(configuration: Mapping[str, Any], said_by: str) -> Preprocessing:
    """Preprocessing of an image processor of transformers, from its `preprocessor_config.json`.

    Raises:
        ValueError: it does something that this program does not do.
    """
    factor = configuration.get("rescale_factor", 1 / 255)
    if not configuration.get("do_rescale", True) or not 0.99 < 255 * factor < 1.01:
        raise ValueError("it does not scale pixels to 0..1")
    if configuration.get("rescale_offset"):
        raise ValueError("it shifts pixels (rescale_offset) before they are normalised")
    resize, crop, fit = _sizes(configuration)
    normalised = configuration.get("do_normalize", True)
    mean = tuple(configuration["image_mean"]) if normalised else (0.0, 0.0, 0.0)
    return Preprocessing(
        mean=mean,
        std=tuple(configuration["image_std"]) if normalised else (1.0, 1.0, 1.0),
        resize=resize,
        crop=crop,
        interpolation=_RESAMPLING[configuration.get("resample", 2)],
        fit=fit,
        said_by=said_by,
    )


def _sizes(configuration: Mapping[str, Any]) -> tuple[int, int, Fit]:
    """Resize, crop and fit, by the keys of old and new processors."""
    size = configuration.get("size", 224)
    cut = configuration.get("crop_size") if configuration.get("do_center_crop") else None
    if isinstance(size, int):
        size = {"shortest_edge": size} if cut or "crop_pct" in configuration else {"height": size, "width": size}
    if not configuration.get("do_resize", True):
        raise ValueError("it does not resize pictures")
    if "shortest_edge" in size:
        shorter = size["shortest_edge"]
        if cut is None and "crop_pct" in configuration:
            if shorter >= _CONVNEXT_WHOLE:
                return 1, 1, "squash"
            return *share(configuration["crop_pct"] or _CONVNEXT_SHARE), "centre"
        if cut is None:
            raise ValueError("what it makes of a picture is not square")
        return shorter, _square(cut), "centre"
    return _square(size), _square(cut or size), "squash"


def _square(size: Any) -> int:
    """Side of a square size, which processors write as a number, or as height and width."""
    height, width = (size, size) if isinstance(size, int) else (size["height"], size["width"])
    if height != width:
        raise ValueError(f"its pictures are of {height} x {width}, not square")
    return int(height)


def _interpolation(name: str) -> Interpolation:
    if name not in INTERPOLATIONS:
        raise ValueError(f"interpolation '{name}' is none of {', '.join(INTERPOLATIONS)}")
    return name  # type: ignore[return-value]


def configuration_beside(file: Path) -> Path | None:
    """File with the preprocessing of the weights in a file or folder; None where there is none.

    `NAME.toml` beside `NAME` (`net.pt.toml` beside `net.pt`) is for these weights alone; what libraries write,
    `preprocessor_config.json` and `config.json`, is for the folder, so that it counts only where the weights have
    the name that the hub gives them, or are the only ones there.
    """
    own = file.with_name(f"{file.name}.toml")
    if own.is_file():
        return own
    folder = file if file.is_dir() else file.parent
    if not (file.is_dir() or file.name.startswith(HUB_NAMES) or _is_alone(file)):
        return None
    shared = (folder / name for name in _FOR_THE_FOLDER)
    return next((path for path in shared if path.is_file() and _says(path)), None)


def preprocessing_beside(file: Path) -> Preprocessing | None:
    """Preprocessing in the file beside the weights; None where there is none.

    Raises:
        UsageError: one line, where the file cannot be read or says what cannot be.
    """
    path = configuration_beside(file)
    if path is None:
        return None
    try:
        if path.suffix == ".toml":
            return _own(path)
        return _FOR_THE_FOLDER[path.name](_json(path), path.name)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        said = f"lacks {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise UsageError(
            f"'{path}' does not say how pictures are made ready: {said}; '{file.name}.toml' beside it would"
        ) from error


def _is_alone(file: Path) -> bool:
    others = (path for path in file.parent.iterdir() if path.suffix in WEIGHT_SUFFIXES)
    return all(path.name == file.name for path in others)


def _own(path: Path) -> Preprocessing:
    """Fields of `Preprocessing` in TOML; `crop` may be a share of the resized picture instead."""
    found = from_toml(read_text(path))
    known = [field.name for field in fields(Preprocessing) if field.name != "said_by"]
    unknown = [name for name in found if name not in known]
    if unknown:
        raise UsageError(f"'{path}' has '{unknown[0]}', where there are {in_room(known, 160)}")
    if isinstance(found.get("crop"), float) and "resize" not in found:
        found["resize"], found["crop"] = share(found["crop"])
    item = Preprocessing.from_dict({**found, "said_by": path.name})
    check(f"'{path}'", item)
    return item


def _of_timm_on_the_hub(content: Mapping[str, Any], said_by: str) -> Preprocessing:
    return of_timm(content.get("pretrained_cfg", content), said_by)


_FOR_THE_FOLDER: Mapping[str, Callable[[Mapping[str, Any], str], Preprocessing]] = {
    "preprocessor_config.json": of_transformers,
    "config.json": _of_timm_on_the_hub,
}


def _json(path: Path) -> Mapping[str, Any]:
    content = from_json(read_text(path))
    if not isinstance(content, dict):
        raise ValueError("it is not an object")
    return content


def _says(path: Path) -> bool:
    """Whether a configuration is timm's: a `config.json` of other libraries describes the network alone."""
    if path.name != "config.json":
        return True
    try:
        content = _json(path)
    except (OSError, ValueError):
        return True  # told of where it is read
    return "pretrained_cfg" in content or "crop_pct" in content

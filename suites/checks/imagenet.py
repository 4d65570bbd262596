"""Errors on ImageNet's validation images, by weights that lie on this machine; nothing is downloaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.declare.catalog import ARCHITECTURES
from bench.lazy import lazy
from bench.machine.device import precision_in_force
from evobench import Evidence, Unsupported, check

if TYPE_CHECKING:
    import numpy as np
    import torch
    from PIL import Image
    from torch import nn

    from bench.declare.preprocessing import Geometry
    from bench.learning.data import decode as decoder
    from bench.learning.data import images as stored
    from bench.learning.given import ranking
    from bench.learning.weights import configurations
    from bench.learning.weights import sources as initial
else:
    np = lazy("numpy")
    torch = lazy("torch")
    decoder = lazy("bench.learning.data.decode")
    stored = lazy("bench.learning.data.images")
    ranking = lazy("bench.learning.given.ranking")
    configurations = lazy("bench.learning.weights.configurations")
    initial = lazy("bench.learning.weights.sources")

models = lazy("torchvision.models")
datasets = lazy("torchvision.datasets")
functional = lazy("torchvision.transforms.functional")

CLASSES = 1000
BEST = 5
"""Classes that are kept of each image's ranking."""
VIEWS = 40
"""Views that go through the network at once: pictures times crops."""


@check()
def imagenet_error(*, architecture: str, k: int, crops: int, path: str, accuracy: bool = False) -> Evidence:
    """Top-k error, in percent, of torchvision's first weights (`IMAGENET1K_V1`) with their own transforms.

    Args:
        architecture: declared name of the architecture, which is that of torchvision's builder.
        k: 1 to 5.
        crops: 1 (the centre) or 10 (centre, corners and their mirror images; probabilities averaged).
        path: validation images, one folder for each of the 1000 classes, whose sorted names are their order.
        accuracy: the share of hits instead, where that is what is printed.

    Raises:
        Unsupported: torchvision has no such weights, or they are not on this machine.
        ValueError: the folder does not hold 1000 classes, or holds no image, or one that cannot be read; the
            file of the weights is damaged; another `k` or `crops`.
    """
    if not 1 <= k <= BEST or crops not in (1, 10):
        raise ValueError(f"k must be 1 to {BEST} and crops 1 or 10, not {k} and {crops}")
    counted = _counted(architecture, crops, path)
    share = 100 * counted.hits[k - 1] / counted.images
    views = "10 crops" if crops == 10 else "1 crop"
    where = f" in {counted.arithmetic}" if counted.arithmetic else ""
    note = f"top-{k} of {counted.weights}{where}, {views}, on {counted.images} images with the weights' transforms"
    return Evidence(share if accuracy else 100 - share, note)


@dataclass(frozen=True)
class _CountedAnswers:
    hits: tuple[int, ...]
    """Images whose class is among the first 1, 2, ... of the ranking."""
    images: int
    weights: str
    arithmetic: str
    """Device and number format, where it was not the CPU."""


@cache
def _counted(architecture: str, crops: int, path: str) -> _CountedAnswers:
    """Counts of right answers: one pass over all images serves every k."""
    images = _images(path)
    weights = _weights(architecture)
    model = _loaded(architecture, weights)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device)
    preset = weights.transforms()
    own = stored.Normalisation(tuple(preset.mean), tuple(preset.std))

    def answer(views: torch.Tensor) -> torch.Tensor:
        scores = model(own.apply(views.flatten(0, 1).to(device))).softmax(dim=1)
        views_averaged: torch.Tensor = scores.unflatten(0, (-1, crops)).mean(dim=1)
        return views_averaged

    paths, labels = [Path(file) for file, _ in images], [label for _, label in images]
    task = ranking.RankingTask(paths, labels, _reader(preset, crops), VIEWS // crops, whole=True)
    ranks = ranking.ranked(task, answer, lambda _: None)
    hits = tuple(sum(item.rank < k for item in ranks) for k in range(1, BEST + 1))
    name = "tf32" if precision_in_force()["tf32_cudnn"] else "fp32"
    arithmetic = "" if device == "cpu" else f"{name} on CUDA"
    return _CountedAnswers(hits, len(images), str(weights), arithmetic)


def _images(path: str) -> list[tuple[str, int]]:
    """Files, each with its class."""
    found = datasets.ImageFolder(path, allow_empty=True)
    if len(found.classes) != CLASSES:
        raise ValueError(f"'{path}' holds {len(found.classes)} folders, not one for each of {CLASSES} classes")
    if not len(found):
        raise ValueError(f"no folder of '{path}' holds an image")
    samples: list[tuple[str, int]] = found.samples
    return samples


def _weights(architecture: str) -> Any:
    if architecture not in models.list_models(models):
        raise Unsupported(f"torchvision has no ImageNet weights for {architecture}")
    published = models.get_model_weights(architecture).__members__
    if "IMAGENET1K_V1" not in published:
        raise Unsupported(f"torchvision has no weights IMAGENET1K_V1 for {architecture}")
    return published["IMAGENET1K_V1"]


def _loaded(architecture: str, weights: Any) -> nn.Module:
    file = initial.kept_file(weights)
    if not file.is_file():
        raise Unsupported(f"the weights {weights} are not at '{file}': torch.hub keeps them there")
    initial.verify(file)
    model = ARCHITECTURES.get(architecture).build(CLASSES)
    model.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    initial.as_trained(model)
    return model.eval()


def _reader(preset: Any, crops: int) -> Callable[[bytes], decoder.DecodedImage]:
    """Reader from a file's bytes to its views, uint8, crops x 3 x side x side."""
    geometry = configurations.of_torchvision(preset, "").at(preset.crop_size[0])
    if crops == 10:
        return partial(decoder.decode_by, pixels_of=partial(_ten_crops, geometry=geometry))

    def read(content: bytes) -> decoder.DecodedImage:
        found = decoder.decode(content, geometry)
        return replace(found, pixels=found.pixels[None])

    return read


def _ten_crops(image: Image.Image, geometry: Geometry) -> np.ndarray:
    """Corners, centre and their mirror images, 10 x 3 x side x side."""
    resized = image.resize(geometry.size(*image.size), decoder.resampling_of(geometry))
    views = functional.ten_crop(resized, [geometry.side, geometry.side])
    return np.stack([np.asarray(view).transpose(2, 0, 1) for view in views])

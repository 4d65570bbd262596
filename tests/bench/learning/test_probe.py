"""Frozen features, and the accuracy on them, beside a probe that knows nothing of the harness.

The probe is what one writes by hand: torchvision's transforms, the network, scikit-learn's logistic regression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression
from torch import nn

from bench.cell import Cell, Learning
from bench.clock import Clock
from bench.declare.artifact import PRODUCERS, Shelf, in_order
from bench.declare.catalog import DATASETS, MEASURES, load_catalogs
from bench.lazy import load
from bench.learning.artifacts import needs_of
from bench.learning.features import read_matrix
from bench.learning.weights.preprocessing import forget_preprocessing
from bench.network.subject import Subject

transforms = load("torchvision.transforms")
skimage_data = load("skimage.data")
PICTURES = (
    "astronaut",
    "chelsea",
    "coffee",
    "immunohistochemistry",
    "hubble_deep_field",
    "retina",
    "rocket",
    "grass",
)
"""Photographs that scikit-image ships; each is a class, of crops that do not overlap between the splits."""
COUNTS = {"train": 25, "val": 10, "test": 25}
STRIPS = {"train": (0.0, 0.4), "val": (0.4, 0.6), "test": (0.6, 1.0)}
"""Where the crops of a split lie, as shares of a photograph's height."""
Transform = Callable[[Image.Image], torch.Tensor]


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    load_catalogs()
    DATASETS.forget()
    forget_preprocessing()
    yield
    DATASETS.forget()
    forget_preprocessing()


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`SPLIT/CLASS/N.png`: crops of several shapes and sizes, noisy, so that not every answer is right."""
    root, chance = tmp_path_factory.mktemp("photographs"), np.random.default_rng(0)
    for name in PICTURES:
        picture = getattr(skimage_data, name)()
        picture = np.stack([picture] * 3, -1) if picture.ndim == 2 else picture[..., :3]
        for split, (top, bottom) in STRIPS.items():
            part = picture[round(top * len(picture)) : round(bottom * len(picture))]
            for i in range(COUNTS[split]):
                save(root / split / name / f"{i:03}.png", crop(part, chance), chance)
    return root


def crop(part: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    height, width = (int(chance.integers(48, min(161, side))) for side in part.shape[:2])
    y, x = int(chance.integers(0, part.shape[0] - height)), int(chance.integers(0, part.shape[1] - width))
    return part[y : y + height, x : x + width]


def save(path: Path, pixels: np.ndarray, chance: np.random.Generator) -> None:
    noisy = pixels + chance.normal(0, 3, pixels.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    enlarged = Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).resize(
        (2 * pixels.shape[1], 2 * pixels.shape[0]), Image.Resampling.BICUBIC
    )
    enlarged.save(path)


@dataclass(frozen=True)
class Found:
    """What came of one way, harness or probe."""

    features: np.ndarray
    """Of the test images, N x D."""
    accuracy: float


def harness(root: Path, folder: Path, architecture: str, weights: str, resolution: int) -> Found:
    scenario = Learning(
        weights=weights,
        target=f"folder:{root}",
        mode="features+softmax",
        augmentation="none",
        resolution=resolution,
        shots=None,
        steps=600,
        batch=32,
        lr=1e-2,
        threads=2,
    )
    cell, shelf = Cell(architecture, "top1", scenario), Shelf(folder / "shelf")
    for artifact in in_order(needs_of(cell).all()):
        PRODUCERS.get(artifact.kind)(artifact, shelf, lambda _: None)
    matrix = needs_of(cell).features
    assert matrix is not None
    samples = MEASURES.get("top1").function(Subject(cell, shelf, lambda _: None), Clock(1.0))
    details = samples.details
    tested = read_matrix(matrix, shelf)[-details["n_test"] :] if False else read_matrix(matrix, shelf)
    return Found(tested.numpy(), float(np.mean(samples.values)))


def probe(root: Path, model: nn.Module, transform: Transform) -> Found:
    """Logistic regression on features of the training images, its penalty chosen on the validation images."""
    data = {split: pictures_of(root / split, model, transform) for split in COUNTS}
    mean, std = data["train"][0].mean(0), data["train"][0].std(0) + 1e-6
    standard = {split: ((features - mean) / std, labels) for split, (features, labels) in data.items()}
    fitted = [
        LogisticRegression(C=c, max_iter=2000).fit(*standard["train"]) for c in (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
    ]
    best = max(fitted, key=lambda model: model.score(*standard["val"]))
    return Found(data["test"][0], float(best.score(*standard["test"])))


def pictures_of(folder: Path, model: nn.Module, transform: Transform) -> tuple[np.ndarray, np.ndarray]:
    files = sorted(folder.glob("*/*.png"))
    names = sorted({file.parent.name for file in files})
    images = torch.stack([transform(Image.open(file).convert("RGB")) for file in files])
    with torch.inference_mode():
        features = torch.cat([model(some) for some in images.split(32)]).numpy()
    return features, np.asarray([names.index(file.parent.name) for file in files])

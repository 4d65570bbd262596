"""Small networks, and architectures that build them: what the tests of weights load into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bench.declare.artifact import Shelf
from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture
from bench.declare.loading.discovery import load_catalogs
from bench.lazy import lazy
from bench.learning.data.images import Stored
from bench.learning.weights.files import forget_digests
from bench.learning.weights.preprocessing import forget_preprocessing, preprocessing_of
from bench.learning.weights.sources import Initial, Origin, file_notes, initial_model

models = lazy("torchvision.models")

State = dict[str, Any]


class Net(nn.Module):
    """A stem, a stage with BatchNorm, and a head."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Conv2d(2, 3, 3))
        self.neck = nn.Linear(3, 4)
        self.fc = nn.Linear(4, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.fc(self.neck(self.features(x).mean((2, 3))).relu())
        return y


class TwoHeads(Net):
    """Scores are the mean of two heads."""

    def __init__(self, classes: int) -> None:
        super().__init__(classes)
        self.other = nn.Linear(4, classes)


class Tied(Net):
    """One layer under two names."""

    def __init__(self, classes: int) -> None:
        super().__init__(classes)
        self.again = self.neck


class Backbone(nn.Module):
    """A network of which another is a part."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = Net(classes)


def dense(classes: int) -> nn.Module:
    """Two dense blocks."""
    model: nn.Module = models.DenseNet(
        growth_rate=4, block_config=(2, 2), num_init_features=4, num_classes=classes
    )
    return model


def versioned(classes: int) -> nn.Module:
    """Loads no state whose version it does not know."""
    model: nn.Module = models.MNASNet(alpha=0.1, num_classes=classes)
    return model


def twice(classes: int) -> nn.Module:
    """One layer used twice."""
    layer = nn.Linear(8, 8)
    pooled = (nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return nn.Sequential(*pooled, layer, nn.ReLU(), layer, nn.Linear(8, classes))


def architecture_of(build: Callable[[int], nn.Module] = Net) -> Architecture:
    """LeNet-5's declaration, for another network of one channel."""

    def built(classes: int) -> nn.Module:
        return build(classes)

    load_catalogs()
    return replace(ARCHITECTURES.get("lenet5"), name="tiny", build=built, head="", auxiliary=(), pretrained=())


def state_of(build: Callable[[int], nn.Module] = Net, classes: int = 10, seed: int = 7) -> State:
    """What a network's own `state_dict` gives, with statistics that are not those it begins with."""
    torch.manual_seed(seed)
    model = build(classes)
    for name, buffer in model.named_buffers():
        if name.endswith(("mean", "var")):
            buffer.uniform_(1, 2)
    return model.state_dict()


def prefixed(state: State, prefix: str) -> State:
    """The same tensors under longer names."""
    return {f"{prefix}{name}": tensor for name, tensor in state.items()}


def started(architecture: Architecture, path: Path, mark: str = "", classes: int = 10) -> Initial:
    """The model that learning would begin from."""
    pixels = torch.full((6, 1, 8, 8), 51, dtype=torch.uint8)
    pixels[:, :, :4] = 153
    stored = Stored(pixels, torch.arange(6), torch.zeros(6, dtype=torch.int64), torch.arange(6))
    forget_digests()
    weights = f"file:{path}{mark}"
    forget_preprocessing()
    origin = Origin(architecture, weights, 0, preprocessing_of(architecture, weights))
    return initial_model(origin, stored, classes, Shelf(path.parent))


def notes_of(
    path: Path, mark: str = "", build: Callable[[int], nn.Module] = Net, classes: int = 10
) -> dict[str, Any]:
    """What a record would hold of a file for a network."""
    forget_digests()
    return file_notes(architecture_of(build), f"file:{path}{mark}", classes)


def saved(content: Any, folder: Path, name: str = "weights.pt") -> Path:
    """A file of `torch.save`."""
    torch.save(content, folder / name)
    return folder / name

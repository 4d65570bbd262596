"""A network and data of a few kilobytes, with cells of learning on them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from bench.cell import Cell, Learning, Samples
from bench.declare.declarations import Images
from bench.learning.training.watch import Watch

Measured = Callable[..., Samples]


def stripes(seed: int = 0) -> Images:
    """Vertical, horizontal and no stripes, in noise: 120 of each, 12 x 12."""
    random = np.random.default_rng(seed)
    wave = np.tile(np.array([0, 0, 90, 90]), 3)
    patterns = np.stack([np.tile(wave, (12, 1)), np.tile(wave[:, None], (1, 12)), np.full((12, 12), 45)])
    labels = np.arange(360) % 3
    pixels = patterns[labels] + random.integers(0, 120, (360, 12, 12))
    return Images(pixels.astype(np.uint8)[..., None], labels.astype(np.int64))


class Net(nn.Module):
    """One convolution with BatchNorm and dropout, an upper and a last linear layer."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.lower = nn.Sequential(
            nn.Conv2d(1, 8, 5), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(8), nn.Dropout(0.1)
        )
        self.upper = nn.Linear(8, 16)
        self.head = nn.Linear(16, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.head(self.upper(self.lower(x).flatten(1)).relu())
        return y


def cell_of(**changes: Any) -> Cell:
    measure = changes.pop("measure", "top1")
    usual: dict[str, Any] = {
        "weights": "random",
        "target": "stripes",
        "mode": "scratch",
        "augmentation": "none",
        "resolution": 12,
        "shots": 10,
        "steps": 30,
        "batch": 8,
        "lr": 0.01,
    }
    return Cell("net", measure, Learning(**{**usual, **changes}))


def without_time(samples: Samples) -> dict[str, Any]:
    details = {name: value for name, value in samples.details.items() if name != "train_seconds"}
    return details | {"curve": [{**point, "seconds": 0} for point in details["curve"]]}


@contextmanager
def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Within it a training is interrupted after so many steps."""
    goes_on = Watch.goes_on

    def dying(watch: Watch, number: int, loss: torch.Tensor) -> bool:
        if number == step:
            raise KeyboardInterrupt
        return goes_on(watch, number, loss)

    with monkeypatch.context() as once:
        once.setattr(Watch, "goes_on", dying)
        yield

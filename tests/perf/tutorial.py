"""The other side of `nox -s transfer-speed`: transfer learning as PyTorch's tutorial does it, and a bare loop."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from bench.clock import Stopwatch
from bench.declare.catalog import ARCHITECTURES
from bench.declare.preprocessing import whole
from bench.learning.data.fitting import fit_to
from bench.learning.data.images import Normalisation, Stored
from bench.learning.recipes import cosine
from bench.learning.seeds import seeded, stream

EPOCHS, BATCH = 25, 4
"""Of the tutorial."""


@dataclass(frozen=True)
class Taught:
    """What the tutorial's way came to."""

    seconds: float
    top1: float
    """On the test images, by the last epoch's weights."""


def ready(stored: Stored, normalisation: Normalisation, side: int) -> torch.Tensor:
    """All images as the model takes them."""
    return normalisation.apply(fit_to(stored.pixels, 3, whole(side)))


def tutorial(stored: Stored, images: torch.Tensor, epochs: int = EPOCHS) -> Taught:
    """A frozen ResNet-18 with a new last layer: every epoch takes all images through the trunk.

    The trunk's parameters are frozen, but `train()` goes on updating its BatchNorm, as in the tutorial. Every
    epoch ends with a look at the images that are not trained on.
    """
    with seeded(stream("init", 0)):
        model = ARCHITECTURES.get("resnet18").build(10)
    for parameter in model.parameters():
        parameter.requires_grad = False
    model.fc = nn.Linear(512, 10)
    optimizer = torch.optim.SGD(model.fc.parameters(), lr=0.001, momentum=0.9)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)
    train = stored.indices("train")
    unseen = torch.cat([stored.indices("val"), stored.indices("test")])
    watch = Stopwatch()
    for _ in range(epochs):
        model.train()
        for chosen in train[torch.randperm(len(train))].split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images[chosen]), stored.labels[chosen]).backward()
            optimizer.step()
        schedule.step()
        right = answers(model, images, unseen) == stored.labels[unseen]
    return Taught(watch.seconds, float(right[-len(stored.indices("test")) :].double().mean()))


def answers(model: nn.Module, images: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    """The classes that a model in eval mode names."""
    model.eval()
    with torch.no_grad():
        return torch.cat([model(images[some]).argmax(1) for some in chosen.split(BATCH)])


class BareLoop:
    """Fine-tuning as one writes it down: AdamW, clipping, a schedule, nothing else."""

    def __init__(
        self, model: nn.Module, images: torch.Tensor, labels: torch.Tensor, steps: int, lr: float
    ) -> None:
        self._model, self._images, self._labels = model, images, labels
        self._parameters = [p for p in model.parameters() if p.requires_grad]
        self._optimizer = torch.optim.AdamW(self._parameters, lr=lr)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: cosine(step, steps, 0.0, warmup=0.1)
        )

    def step(self, chosen: torch.Tensor) -> None:
        """One step on the images at these positions."""
        loss = nn.functional.cross_entropy(self._model(self._images[chosen]), self._labels[chosen])
        self._optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self._schedule.step()

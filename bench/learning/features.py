"""Penultimate activations of a frozen trunk: computed once, used by every head, fold, budget and seed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from bench.artifact import Artifact, Report, Shelf
from bench.catalog import ARCHITECTURES, DATASETS
from bench.learning.augment import Augmenter
from bench.learning.data import Normalisation, Stored, fit_to, read_dataset
from bench.learning.partition import budget
from bench.learning.surgery import head_name, linear_at, place
from bench.learning.weights import Initial, Origin, initial_model

BATCH = 64


def make_features(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Write the N x D float32 features of all images, in the data set's order."""
    stored, extractor = _prepare(artifact, shelf)
    pixels = extractor.fit(stored.pixels)
    _save(extractor.features(pixels, report), artifact, shelf)


def make_views(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Write the K x n x D float32 features of K augmented views of the n labelled images."""
    stored, extractor = _prepare(artifact, shelf)
    fold, seed, views = artifact["fold"], artifact["subset_seed"], artifact["views"]
    labelled = budget(stored.indices("train"), stored.labels, artifact["shots"], fold, seed)
    pixels = extractor.fit(stored.pixels[labelled])
    augment = Augmenter(artifact["augmentation"], seed, fold)
    augmented = torch.cat([augment(pixels) for _ in range(views)])
    matrix = extractor.features(augmented, report)
    _save(matrix.reshape(views, len(labelled), -1), artifact, shelf)


def read_matrix(artifact: Artifact, shelf: Shelf) -> torch.Tensor:
    """The float32 matrix of a finished artifact."""
    return torch.from_numpy(np.load(shelf.path(artifact), allow_pickle=False))


class Extractor:
    """A frozen model that gives what its head is given."""

    def __init__(self, model: nn.Module, head: str, normalisation: Normalisation, shape: tuple[int, int]) -> None:
        self.channels, self.resolution = shape
        self._model = model.eval()
        self._normalisation = normalisation
        self._device = next(model.parameters()).device
        self._caught: list[torch.Tensor] = []
        linear_at(model, head).register_forward_pre_hook(self._catch)

    def fit(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pixels in the model's channels and resolution."""
        return fit_to(pixels, self.channels, self.resolution)

    def features(self, pixels: torch.Tensor, report: Report) -> torch.Tensor:
        """N x D float32 on the CPU, of uint8 N x C x R x R."""
        return torch.cat(list(self._batches(pixels, report)))

    @torch.inference_mode()
    def _batches(self, pixels: torch.Tensor, report: Report) -> Iterator[torch.Tensor]:
        chunks = pixels.split(BATCH)
        for step, chunk in enumerate(chunks, start=1):
            self._caught.clear()
            self._model(self._normalisation.apply(chunk.to(self._device)))
            yield self._caught[0].float().cpu()
            report({"step": step, "steps": len(chunks)})

    def _catch(self, _: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        self._caught.append(inputs[0].flatten(1))


def _prepare(artifact: Artifact, shelf: Shelf) -> tuple[Stored, Extractor]:
    target, *checkpoints = artifact.needs
    stored = read_dataset(target, shelf)
    architecture = ARCHITECTURES.get(artifact["architecture"])
    origin = Origin(architecture, artifact["weights"], artifact["seed"], next(iter(checkpoints), None))
    initial: Initial = initial_model(origin, stored, DATASETS.get(artifact["target"]).classes, shelf)
    model = place(initial.model, artifact["device"])
    shape = (architecture.channels, artifact["resolution"])
    return stored, Extractor(model, head_name(model, architecture), initial.normalisation, shape)


def _save(matrix: torch.Tensor, artifact: Artifact, shelf: Shelf) -> None:
    with shelf.writing(artifact) as path, path.open("wb") as file:
        np.save(file, matrix.numpy(), allow_pickle=False)

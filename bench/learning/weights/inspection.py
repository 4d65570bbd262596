"""Inspection of weights before anything is made of them: whether they fit, and their preprocessing."""

from __future__ import annotations

from pathlib import Path

from bench.declare.declarations import Architecture
from bench.declare.preprocessing import DEFAULT, IMAGENET_MEAN, IMAGENET_STD, Preprocessing
from bench.errors import Unsupported, UsageError
from bench.learning.weights.checkpoints.filed import filed
from bench.learning.weights.configurations import of_torchvision, preprocessing_beside
from bench.learning.weights.sources import IMAGENET, torchvision_weights
from bench.learning.weights.spelling import WeightsFile, weights_file


def inspected(architecture: Architecture, weights: str) -> Preprocessing | None:
    """Preprocessing of torchvision's weights, or those of a user's file; None where there are no such weights.

    Args:
        architecture: architecture that is to have the weights.
        weights: `imagenet` or `file:PATH`.

    Raises:
        UsageError: the file does not fit the architecture, or what lies beside it is not sound; one line.
    """
    file = weights_file(weights)
    if file:
        return _of_file(architecture, file)
    try:
        published = torchvision_weights(architecture)
    except Unsupported:  # the cells that need them tell it
        return None
    return of_torchvision(published.transforms(), str(published))


def _of_file(architecture: Architecture, file: WeightsFile) -> Preprocessing:
    path = file.path
    try:
        normalisation = filed(architecture, file, IMAGENET).state.normalisation
    except ValueError as error:
        raise UsageError(" ".join(str(error).split())) from error
    said = preprocessing_beside(path)
    if said is None and normalisation is not None:  # a checkpoint of our own
        said = Preprocessing(mean=normalisation.mean, std=normalisation.std, said_by="the file, as trained here")
    if said is None:
        return _supposed(architecture, path)
    if said.mean is not None and len(said.mean) != architecture.channels:
        raise UsageError(
            f"{said.said_by} gives '{path}' {len(said.mean)} channels, and {architecture.name} has"
            f" {architecture.channels}"
        )
    return said


def _supposed(architecture: Architecture, path: Path) -> Preprocessing:
    said_by = f"{DEFAULT}: nothing beside {path.name} says it"
    if architecture.channels != len(IMAGENET_MEAN):
        return Preprocessing(said_by=said_by)
    return Preprocessing(mean=IMAGENET_MEAN, std=IMAGENET_STD, said_by=said_by)

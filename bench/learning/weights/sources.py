"""Initial weights: random, pretrained in the harness, shipped by a package, torchvision's, or a user's file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bench.declare.artifact import Artifact, Shelf
from bench.declare.catalog import DATASETS
from bench.declare.declarations import Architecture
from bench.declare.preprocessing import Preprocessing
from bench.errors import Unsupported
from bench.lazy import lazy
from bench.learning.data.images import Normalisation, Stored, normalisation_of
from bench.learning.scenario import source_of
from bench.learning.seeds import seeded, stream
from bench.learning.weights.checkpoints.filed import filed
from bench.learning.weights.checkpoints.fitting import load
from bench.learning.weights.checkpoints.states import choose
from bench.learning.weights.files import require_unchanged
from bench.learning.weights.shipped import IMAGENET as TORCHVISION
from bench.learning.weights.shipped import declared, fetchable, shipped
from bench.learning.weights.spelling import WeightsFile, weights_file
from bench.network.building import build_cheaply, build_whole

models = lazy("torchvision.models")

IMAGENET = 1000
"""Number of classes of ImageNet weights."""
_NAMED = 3


@dataclass(frozen=True)
class Origin:
    """Origin of a model's initial weights."""

    architecture: Architecture
    weights: str
    seed: int
    """Seed of random weights."""
    preprocessing: Preprocessing
    """Preprocessing of the target's pictures (`bench.learning.weights.preprocessing`)."""
    checkpoint: Artifact | None = None


@dataclass(frozen=True)
class Initial:
    """A model with its initial weights and its old head, on the CPU."""

    model: nn.Module
    normalisation: Normalisation
    """Normalisation that the weights were trained with; for random weights, the target's own."""
    notes: dict[str, Any]
    """Details of the weights, for the record."""
    classes: int
    """Number of classes of the old head."""


def initial_model(origin: Origin, stored: Stored, classes: int, shelf: Shelf) -> Initial:
    """Build the model that learning starts from.

    Raises:
        Unsupported: these weights do not exist for the architecture, or are not on this machine.
        ValueError: the file of the weights is damaged, or of another architecture.
    """
    origin = replace(origin, weights=shipped(origin.architecture, origin.weights))
    if origin.weights == "random":
        model = random_model(origin.architecture, classes, origin.seed)
        return Initial(model, _normalisation(origin, stored), {}, classes)
    if source_of(origin.weights):
        return _from_checkpoint(origin, shelf)
    if origin.weights == TORCHVISION:
        return _from_torchvision(origin, stored)
    if file := weights_file(origin.weights):
        return _from_file(origin, file, stored, classes)
    return _from_package(origin, stored)


def _normalisation(origin: Origin, stored: Stored) -> Normalisation:
    """Normalisation that the weights were trained with or, where that is unknown, that of the target's training
    images."""
    own = origin.preprocessing
    if own.mean is None or own.std is None:
        return normalisation_of(stored, origin.architecture.channels)
    return Normalisation(own.mean, own.std)


def random_model(architecture: Architecture, classes: int, seed: int) -> nn.Module:
    """The architecture's own initialisation, drawn from the seed."""
    with seeded(stream("init", seed)):
        return build_whole(architecture.build, classes)


def checkpoint_content(model: nn.Module, normalisation: Normalisation, notes: dict[str, Any]) -> dict[str, Any]:
    """Content of a checkpoint file, in types that `torch.load(weights_only=True)` reads."""
    state = model.state_dict()  # itself: it carries the versions that modules note of their states
    for name, tensor in state.items():
        state[name] = tensor.cpu().contiguous()
    return {
        "state": state,
        "mean": list(normalisation.mean),
        "std": list(normalisation.std),
        "notes": notes,
    }


def _from_checkpoint(origin: Origin, shelf: Shelf) -> Initial:
    if origin.checkpoint is None:
        raise ValueError(f"the weights '{origin.weights}' come without their checkpoint")
    content = torch.load(shelf.path(origin.checkpoint), map_location="cpu", weights_only=True)
    classes = DATASETS.get(source_of(origin.weights)).classes
    model = _loaded(origin, classes, content["state"])
    own = Normalisation(tuple(content["mean"]), tuple(content["std"]))
    return Initial(model, own, content["notes"], classes)


def file_notes(architecture: Architecture, weights: str, classes: int) -> dict[str, Any]:
    """Details of the part of `file:PATH` that fits the architecture, for a record; empty for other weights.

    Raises:
        ValueError: the file is damaged, of another architecture, or fits in part where the whole is wanted.
    """
    file = weights_file(weights)
    return filed(architecture, file, classes).notes(file) if file else {}


def _from_file(origin: Origin, file: WeightsFile, stored: Stored, classes: int) -> Initial:
    """Model with weights by name; tensors that a partial file lacks keep the architecture's own initialisation."""
    architecture = origin.architecture
    found = filed(architecture, file, classes)
    require_unchanged(origin.weights)
    model = found.model
    if found.fit.left:
        model = random_model(architecture, found.classes, origin.seed)
        load(model, found.state)
    return Initial(model, _normalisation(origin, stored), found.notes(file), found.classes)


def _from_package(origin: Origin, stored: Stored) -> Initial:
    architecture, weights = origin.architecture, origin.weights
    item = declared(architecture, weights)
    if item is None:
        known = ", ".join(
            ["random", "pretrain:DATASET", TORCHVISION, "file:PATH", *(p.source for p in architecture.pretrained)]
        )
        raise Unsupported(f"{architecture.name} has no weights '{weights}' (it has {known})")
    model = _loaded(origin, item.classes, item.load())
    notes = {"source": item.package, "licence": item.licence, **(item.cached.about() if item.cached else {})}
    return Initial(model, _normalisation(origin, stored), notes, item.classes)


def fetch_weights(architecture: Architecture) -> Path | None:
    """Download the weights that the architecture's library ships, if they are not here; returns their path.

    Raises:
        Unsupported: it ships nothing for this architecture, or may not reach out.
        OSError: the download failed.
    """
    if cached := fetchable(architecture):
        if cached.file() is None:
            cached.fetch()
        return cached.file()
    weights = torchvision_weights(architecture)
    weights.get_state_dict(check_hash=True, progress=False, weights_only=True)
    return kept_file(weights)


def kept_weights(architecture: Architecture) -> Path | None:
    """Path of the weights that `fetch_weights` would download; None where they are not on this machine.

    Raises:
        Unsupported: the architecture's library ships nothing for it.
    """
    if cached := fetchable(architecture):
        return cached.file()
    file = kept_file(torchvision_weights(architecture))
    return file if file.is_file() else None


def torchvision_weights(architecture: Architecture) -> Any:
    """Newest ImageNet weights of torchvision for an architecture.

    Raises:
        Unsupported: it has none.
    """
    if architecture.name not in models.list_models(models):
        raise Unsupported(f"torchvision has no ImageNet weights for {architecture.name}")
    return models.get_model_weights(architecture.name).DEFAULT


def kept_file(weights: Any) -> Path:
    """Path at which torch.hub keeps the file of torchvision's weights, whether it exists or not."""
    return Path(torch.hub.get_dir()) / "checkpoints" / Path(weights.url).name


def _from_torchvision(origin: Origin, stored: Stored) -> Initial:
    weights = torchvision_weights(origin.architecture)
    file = kept_file(weights)
    if not file.is_file():
        raise Unsupported(f"the weights {weights} are not at '{file}': ask for them with --download")
    verify(file)
    state = weights.get_state_dict(check_hash=True, progress=False, weights_only=True)
    model = _loaded(origin, IMAGENET, state)
    as_trained(model)
    return Initial(model, _normalisation(origin, stored), {"source": str(weights)}, IMAGENET)


def as_trained(model: nn.Module) -> None:
    """Convert a model's input to the form that torchvision's weights expect."""
    if hasattr(model, "transform_input"):
        # weights that came from TensorFlow: the model turns torchvision's normalisation into their own
        setattr(model, "transform_input", True)  # noqa: B010 - torch's stub knows tensors and modules only


def verify(file: Path) -> None:
    """Check the hash that torchvision puts into a file's name: its loader does so only while downloading.

    Raises:
        ValueError: the file is damaged.
    """
    named = file.stem.rpartition("-")[2]
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if not found.startswith(named):
        raise ValueError(f"'{file.name}' has SHA-256 {found[:8]}..., not what its name says: it is damaged")


def _loaded(origin: Origin, classes: int, content: Any) -> nn.Module:
    """Model with all weights from a state: its own initialisation, which can take minutes, is skipped.

    Raises:
        ValueError: the state lacks something, has more, or values that are not finite.
    """
    model = build_cheaply(origin.architecture.build, classes)
    whose = f"the state of '{origin.weights}' for {origin.architecture.name}"
    try:
        fit = load(model, choose(content, {name: tuple(own.shape) for name, own in model.state_dict().items()}))
    except ValueError as error:
        raise ValueError(f"{whose} {error}") from error
    if wrong := (*fit.missing, *fit.other_shape, *fit.unexpected):
        raise ValueError(f"{whose} does not fit: {', '.join(wrong[:_NAMED])}")
    return model

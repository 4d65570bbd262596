"""Complete network of a training: trunk and head, on the CPU, in eval mode, from pictures to scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from bench.declare.artifact import Shelf
from bench.learning.data.view import View
from bench.learning.experiment import Experiment, Learned
from bench.learning.features import Trunk, trunk_of
from bench.learning.heads.head import Head
from bench.network.outputs import NetworkOutputs

TOLERANCE = 1e-4
"""Largest difference of scores, relative to the largest score, that another order of the same sums may cause."""
PICTURES = 8
"""Number of pictures on which networks are compared."""


@dataclass(frozen=True)
class Whole:
    """A network that can be exported."""

    model: nn.Module
    """Model from float32 N x C x R x R to scores, N x classes."""
    view: View
    images: torch.Tensor
    """A few real pictures, as input of the model."""
    plain: bool
    """Whether the model is the result of the architecture's builder, without anything around it."""


def whole_of(experiment: Experiment, learned: Learned, shelf: Shelf) -> Whole:
    """Network that a training ended with.

    Raises:
        RuntimeError: the network does not answer as the training's own classifier did.
    """
    architecture = experiment.architecture
    outputs = NetworkOutputs(architecture.build, experiment.classes, architecture.scores)
    some = experiment.partition.train[:PICTURES]
    if learned.model is not None and learned.view is not None:
        model, view = _settled(learned.model), learned.view
        images = view.ready(view.fit(experiment.stored.pixels[some]), "cpu")
        bare = isinstance(_run(model, images), torch.Tensor)
        found = Whole(model if bare else Scores(model, outputs), view, images, plain=bare)
    else:
        found = _with_head(experiment, learned, outputs, shelf)
    if experiment.scenario.precision == "fp32" and not agree(_run(found.model, found.images), learned.score(some)):
        raise RuntimeError("the network that is to be saved answers otherwise than the one that was trained")
    return found


def agree(found: torch.Tensor, wanted: torch.Tensor) -> bool:
    """Whether scores differ by rounding alone."""
    return bool(largest_difference(found, wanted) <= TOLERANCE * max(1.0, _largest(wanted)))


def largest_difference(found: torch.Tensor, wanted: torch.Tensor) -> float:
    """Largest difference of scores; infinite where their shapes differ. Equal infinities do not differ."""
    if found.shape != wanted.shape:
        return float("inf")
    return float((found - wanted).masked_fill(found == wanted, 0.0).abs().max())


def _largest(scores: torch.Tensor) -> float:
    return float(scores[scores.isfinite()].abs().max()) if scores.isfinite().any() else 0.0


class Scores(nn.Module):
    """A network whose only output is its class scores."""

    def __init__(self, model: nn.Module, outputs: NetworkOutputs) -> None:
        super().__init__()
        self.model, self._outputs = model, outputs

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Class scores, N x classes."""
        return self._outputs.scores(self.model(images))


class OnFeatures(nn.Module):
    """A trunk and a linear head on the inputs of its own heads, or on a stage's activations."""

    def __init__(self, trunk: Trunk, head: Head) -> None:
        super().__init__()
        self.model, self.head = trunk.model, _linear(head)
        self._caught: list[torch.Tensor] = []
        trunk.hand_over(self._take)

    def _take(self, features: torch.Tensor) -> None:
        self._caught.append(features)  # the list of now: exporters put others in its place

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Scores, N x classes."""
        self._caught.clear()
        self.model(images)
        features = torch.cat(self._caught, 1)
        self._caught.clear()
        scores: torch.Tensor = self.head(features)
        return scores


def _with_head(experiment: Experiment, learned: Learned, outputs: NetworkOutputs, shelf: Shelf) -> Whole:
    """The head as the network's own layer, where that gives the same scores; else beside the network."""
    if not isinstance(learned.head, Head) or experiment.needs.features is None:
        raise ValueError("a training ends with a network or with a head on features")
    trunk = trunk_of(experiment.needs.features, shelf)
    _settled(trunk.model)
    view = trunk.view
    images = view.ready(view.fit(experiment.stored.pixels[experiment.partition.train[:PICTURES]]), "cpu")
    beside = OnFeatures(trunk, learned.head).eval()
    wanted = _run(beside, images)
    if not trunk.stage and len(trunk.heads) == 1:
        own = trunk_of(experiment.needs.features, shelf).model
        _put(own, trunk.heads[0], learned.head)
        found = _run(_settled(own), images)
        if isinstance(found, torch.Tensor) and agree(found, wanted):
            return Whole(own, view, images, plain=True)
    return Whole(beside, view, images, plain=False)


def _put(model: nn.Module, name: str, head: Head) -> None:
    """Put the head in place of the layer with that name."""
    layer = _linear(head)
    if isinstance(model.get_submodule(name), nn.Conv2d):
        around = nn.Conv2d(layer.in_features, layer.out_features, 1)
        around.load_state_dict({"weight": layer.weight[:, :, None, None], "bias": layer.bias})
        model.set_submodule(name, around)
    else:
        model.set_submodule(name, layer)


def _linear(head: Head) -> nn.Linear:
    classes, features = head.weight.shape
    layer = nn.Linear(features, classes)
    layer.load_state_dict({"weight": head.weight, "bias": head.bias})
    return layer


def _settled(model: nn.Module) -> nn.Module:
    """The model on the CPU, in eval mode and in contiguous memory."""
    move: Callable[..., nn.Module] = model.eval().requires_grad_(False).to  # its stub lacks memory_format
    return move("cpu", memory_format=torch.contiguous_format)


@torch.no_grad()
def _run(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = model(images)
    return found

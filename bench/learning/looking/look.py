"""Model and images that pictures are made from: the model of a scenario, and images that it is not tested on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch import nn

from bench.cell import Cell, Learning
from bench.declare.artifact import Report, Shelf
from bench.declare.catalog import DATASETS
from bench.declare.declarations import Architecture
from bench.errors import Unsupported
from bench.learning.data.fitting import fit_to
from bench.learning.data.images import Normalisation
from bench.learning.experiment import Experiment, Learned, prepare, train
from bench.learning.scenario import source_of
from bench.learning.surgery import place
from bench.learning.weights.sources import Origin, initial_model
from bench.network.outputs import tensors_of
from bench.network.precision import SIXTEEN_BITS
from bench.transfer import transfer_of

IMAGES = 32
"""Images that figures are averaged over."""


@dataclass(frozen=True)
class Look:
    """A model in eval mode, with images of the target's validation split, from each class in turn."""

    architecture: Architecture
    model: nn.Module
    pixels: torch.Tensor
    """Pixels, uint8, N x C x R x R; N is `IMAGES` or, where there are fewer, their number."""
    labels: torch.Tensor
    normalisation: Normalisation
    device: str
    gray: bool
    """Whether the weights were trained on pictures of a single channel alone."""
    paths: tuple[str, ...] = ()
    """Files of the images, where they come from files."""

    def inputs(self) -> torch.Tensor:
        """The images as the model's input, on its device."""
        return self.normalisation.apply(self.pixels.to(self.device))

    @torch.inference_mode()
    def run(self) -> None:
        """Run one pass of all images, for hooks on the model's modules."""
        self.model(self.inputs())


def look(cell: Cell, scenario: Learning, shelf: Shelf) -> Look:
    """The model with its scenario's weights, before anything of the target is learned.

    Raises:
        Unsupported: the scenario trains the model or computes in 16 bits, or it does not fit the architecture.
    """
    if scenario.precision in SIXTEEN_BITS:
        raise Unsupported(f"{cell.measure} looks at weights in 32 bits, not in {scenario.precision}")
    transfer = transfer_of(scenario.mode)
    if not transfer.frozen or transfer.reestimated:
        raise Unsupported(
            f"{cell.measure} looks at weights as they come: it takes 'features+softmax', not '{scenario.mode}'"
        )
    return _initial(prepare(cell, scenario, shelf), shelf)


def look_before_training(cell: Cell, scenario: Learning, shelf: Shelf) -> tuple[Experiment, Look]:
    """Training of a scenario, and the model before that training.

    Raises:
        Unsupported: the scenario trains no network or computes in 16 bits, or it does not fit the architecture.
    """
    if scenario.precision in SIXTEEN_BITS:
        raise Unsupported(f"{cell.measure} looks at weights in 32 bits, not in {scenario.precision}")
    if transfer_of(scenario.mode).frozen:
        raise Unsupported(
            f"{cell.measure} looks at a network that is trained: it takes 'scratch', not '{scenario.mode}'"
        )
    experiment = prepare(cell, scenario, shelf)
    return experiment, _initial(experiment, shelf)


def look_after_training(
    experiment: Experiment, before: Look, shelf: Shelf, report: Report
) -> tuple[Look, Learned]:
    """The same images with the trained model, and the details of the training."""
    learned = train(experiment, shelf, report)
    if learned.model is None:
        raise ValueError(f"mode '{experiment.scenario.mode}' trained no network")
    return replace(before, model=learned.model.eval()), learned


def _initial(experiment: Experiment, shelf: Shelf) -> Look:
    scenario = experiment.scenario
    how, checkpoint = experiment.preprocessing, experiment.needs.checkpoint
    origin = Origin(experiment.architecture, scenario.weights, scenario.seed, how, checkpoint)
    initial = initial_model(origin, experiment.stored, experiment.classes, shelf)
    model = place(initial.model, scenario.device, scenario.precision).eval()
    pixels, labels, paths = images_of(experiment)
    source = source_of(scenario.weights)
    gray = bool(source) and DATASETS.get(source).channels == 1
    return Look(
        experiment.architecture, model, pixels, labels, initial.normalisation, scenario.device, gray, paths
    )


def images_of(experiment: Experiment) -> tuple[torch.Tensor, torch.Tensor, tuple[str, ...]]:
    """The images as the weights see them, uint8 N x C x R x R, their labels and their files."""
    stored, chosen = experiment.stored, in_turn(experiment)
    geometry = None if stored.fitted else experiment.preprocessing.at(experiment.scenario.resolution)
    seen = fit_to(stored.pixels[chosen], experiment.architecture.channels, geometry)
    return seen, stored.labels[chosen], stored.paths_of(chosen)


def in_turn(experiment: Experiment) -> torch.Tensor:
    """Positions of validation images (of training images, where there are none), one of each class in turn."""
    partition = experiment.partition
    some = partition.val if len(partition.val) else partition.train
    labels = experiment.stored.labels[some]
    # how many of its class stand before each
    rank = torch.stack([(labels[:i] == label).sum() for i, label in enumerate(labels)])
    order = torch.argsort(rank * (DATASETS.get(experiment.scenario.target).classes + 1) + labels, stable=True)
    return some[order[:IMAGES]]


@contextmanager
def outputs_of(modules: dict[str, nn.Module]) -> Iterator[dict[str, torch.Tensor]]:
    """Context that keeps the first tensor of each named module's output, in the order of their calls."""
    found: dict[str, torch.Tensor] = {}

    def keep(name: str, output: object) -> None:
        tensor = next(tensors_of(output), None)
        if tensor is not None and name not in found:
            found[name] = tensor.detach()

    hooks = [
        module.register_forward_hook(lambda _, __, output, name=name: keep(name, output))
        for name, module in modules.items()
    ]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()

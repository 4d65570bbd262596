"""Activations of a frozen trunk: computed once, used by every head, fold, budget and seed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from bench.declare.artifact import Artifact, Report, Shelf
from bench.declare.catalog import ARCHITECTURES, DATASETS
from bench.errors import Unsupported
from bench.learning.data.augment import Augmenter
from bench.learning.data.images import Stored, read_dataset
from bench.learning.data.sending import sent
from bench.learning.data.view import View, batches
from bench.learning.needs import WARNINGS, precision_of
from bench.learning.partition import Partition, as_folded
from bench.learning.seeds import stream
from bench.learning.surgery import module_at, place
from bench.learning.weights.preprocessing import preprocessing_for
from bench.learning.weights.sources import Origin, initial_model
from bench.machine.determinism import as_detail, undetermined
from bench.network.heads import depends_on_neighbours, heads_of
from bench.network.outputs import tensors_of
from bench.network.precision import computing_in
from bench.network.soundness import sound_kernels

BATCH = 64
DEPENDENT = "depends_on_neighbours"
"""Detail of features that says whether those of a picture depend on the other pictures of its batch."""
BATCHNORM = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def make_features(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Write the N x D float32 features of all images, in the data set's order."""
    with undetermined(artifact["device"]) as said:
        stored, extractor, told = _prepare(artifact, shelf)
        features = extractor.features(stored.pixels, report)
    _save(features, artifact, shelf, told, said)


def make_views(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Write the K x n x D float32 features of K augmented views of the images that `seen_in` names."""
    with undetermined(artifact["device"]) as said:
        stored, extractor, told = _prepare(artifact, shelf)
        pixels = stored.pixels[seen_in(artifact, stored)]
        augment = Augmenter(
            artifact["augmentation"], artifact["subset_seed"], artifact["fold"], pipeline=artifact["pipeline"]
        )
        chunks = batches(pixels, BATCH)
        views = []
        for view in range(artifact["views"]):
            progress = _further(report, view * len(chunks), artifact["views"] * len(chunks))
            views.append(extractor.features(pixels, progress, augment))
    _save(torch.stack(views), artifact, shelf, told, said)


def seen_in(artifact: Artifact, stored: Stored) -> torch.Tensor:
    """Positions of the images whose augmented views an artifact holds, in its order.

    Where a whole split is learned from, one artifact serves all seeds and folds; of a budget, each has its own.
    """
    if artifact["shots"]:
        return _partition(artifact, stored).train
    return torch.arange(len(stored.labels)) if artifact["folds"] else stored.indices("train")


def read_matrix(artifact: Artifact, shelf: Shelf) -> torch.Tensor:
    """The float32 matrix of a finished artifact, memory-mapped: only the rows that are used are read."""
    return torch.from_numpy(np.load(shelf.path(artifact), mmap_mode="c", allow_pickle=False))


@dataclass(frozen=True)
class Trunk:
    """A frozen network whose features heads are trained on."""

    model: nn.Module
    """Network with its old heads, in eval mode."""
    view: View
    heads: tuple[str, ...]
    """Dotted names of the old heads."""
    stage: str
    """Stage whose activations, averaged over places, are the features; empty: the inputs of the heads."""

    def hand_over(self, take: Callable[[torch.Tensor], None]) -> list[RemovableHandle]:
        """Pass the features of each forward pass to `take`, N x D: the inputs of each head, or of its calls, in
        turn."""
        if self.stage:
            stage = self.model.get_submodule(self.stage)
            return [stage.register_forward_hook(lambda _, __, out: take(averaged(out)))]
        heads = map(self.model.get_submodule, self.heads)
        return [head.register_forward_pre_hook(lambda own, inputs: take(_given(own, inputs[0]))) for head in heads]


def trunk_of(artifact: Artifact, shelf: Shelf) -> Trunk:
    """The network behind the finished features of an artifact."""
    _, extractor, _ = _prepare(artifact, shelf)
    return extractor.released()


class Extractor:
    """A frozen model that returns the inputs of its heads, or a stage's activations, averaged over their
    places."""

    def __init__(self, trunk: Trunk, precision: str = "fp32") -> None:
        self._trunk = trunk
        self._model, self._precision, self._onednn = trunk.model.eval(), precision, True
        self._view = trunk.view
        self._device = str(next(self._model.parameters()).device)
        self._caught: list[torch.Tensor] = []
        self._handles = trunk.hand_over(self._caught.append)

    def released(self) -> Trunk:
        """The network, detached from this extractor."""
        for handle in self._handles:
            handle.remove()
        return self._trunk

    def choose_kernels(self, pixels: torch.Tensor, sizes: Collection[int]) -> tuple[str, ...]:
        """Leave oneDNN out where it computes wrongly in the precision on this CPU; returns warnings for the
        record.

        Args:
            pixels: stored pictures to try it on.
            sizes: sizes of the batches that the model will be given.

        Raises:
            Unsupported: all kernels of this CPU compute wrongly.
        """

        @torch.no_grad()
        def passes() -> None:
            for size in sorted(sizes):
                self._run(self._view.fit(pixels[torch.arange(size) % len(pixels)]))

        kernels = sound_kernels(self._model, passes, self._precision, self._device)
        self._onednn = kernels.onednn
        return kernels.warnings

    def features(self, pixels: torch.Tensor, report: Report, augment: Augmenter | None = None) -> torch.Tensor:
        """Features, N x D float32 on the CPU, of stored pixels, augmented in the model's shape where wanted."""
        return torch.cat(list(self._batches(pixels, report, augment)))

    @torch.inference_mode()
    def _batches(self, pixels: torch.Tensor, report: Report, augment: Augmenter | None) -> Iterator[torch.Tensor]:
        chunks = batches(pixels, BATCH)
        for step, chunk in enumerate(chunks, start=1):
            self._caught.clear()
            self._run(self._fitted(chunk, augment))
            yield self._features(len(chunk))
            report({"step": step, "steps": len(chunks)})

    def _fitted(self, chunk: torch.Tensor, augment: Augmenter | None) -> torch.Tensor:
        """Pixels as uint8 in the model's shape; augmented first where that is faster."""
        fitted = self._view.fit(chunk)
        if augment is None:
            return fitted
        return augment(sent(fitted, self._device) if augment.is_on_device else fitted)

    def _run(self, images: torch.Tensor) -> None:
        ready = self._view.ready(images, self._device)
        with computing_in(self._precision, self._device, onednn=self._onednn):
            self._model(ready)

    def _features(self, images: int) -> torch.Tensor:
        """Inputs of the heads; for several heads, or several calls of one, side by side."""
        if other := next((len(part) for part in self._caught if len(part) != images), None):
            raise Unsupported(f"the head or stage is given {other} rows of features for {images} images")
        return torch.cat([part.float().cpu() for part in self._caught], 1)

    @torch.no_grad()
    def reestimate(self, pixels: torch.Tensor) -> None:
        """Set BatchNorm's means and variances from these images: the averages over their batches.

        Raises:
            Unsupported: the model has no BatchNorm.
        """
        norms = [module for module in self._model.modules() if isinstance(module, BATCHNORM)]
        if not norms:
            raise Unsupported("the model has no BatchNorm whose statistics could be estimated anew")
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # cumulative average instead of an exponential one
            norm.train()
        mixed = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(stream("reestimate")))
        for chosen in mixed.tensor_split(_parts(len(mixed))):
            self._run(self._view.fit(pixels[chosen]))
        self._model.eval()


def _parts(images: int) -> int:
    """Batches from which statistics are estimated."""
    return max(1, round(images / BATCH))


def _given(head: nn.Module, inputs: torch.Tensor) -> torch.Tensor:
    """Input of a head, N x D, averaged over places or tokens where the head answers at each of them."""
    if isinstance(head, nn.Conv2d):
        return inputs.mean((2, 3))
    if inputs.ndim == 1:  # a single image whose axis was squeezed away
        return inputs[None]
    return inputs if inputs.ndim == 2 else inputs.flatten(1, -2).mean(1)


def averaged(output: object) -> torch.Tensor:
    """Activations of a stage as N x D, averaged over places (N x D x H x W, N x H x W x D) or tokens (N x T x D).

    Of a stage that gives several tensors these are the first one's.

    Raises:
        Unsupported: it gives none.
    """
    values = next(tensors_of(output), None)
    if values is None:
        raise Unsupported(f"the stage gives {type(output).__name__}, in which there is no tensor")
    if values.ndim == 4:
        # the two equal axes are the places; Swin has them before the channels
        last = values.shape[2] == values.shape[3]
        return values.mean((2, 3) if last else (1, 2))
    return values.mean(1) if values.ndim == 3 else values.flatten(1)


def _prepare(artifact: Artifact, shelf: Shelf) -> tuple[Stored, Extractor, dict[str, Any]]:
    """The images, the extractor of their features, and the details to record about these."""
    target, *checkpoints = artifact.needs
    stored = read_dataset(target, shelf)
    architecture = ARCHITECTURES.get(artifact["architecture"])
    how = preprocessing_for(architecture.name, artifact["weights"], artifact["target"])
    origin = Origin(architecture, artifact["weights"], artifact["seed"], how, next(iter(checkpoints), None))
    given = dict(artifact.spec)
    seen = (
        as_folded(stored, artifact["fold"], artifact["subset_seed"], artifact["folds"])
        if "fold" in given
        else stored
    )
    initial = initial_model(origin, seen, DATASETS.get(artifact["target"]).classes, shelf)
    precision = precision_of(artifact)
    model = place(initial.model, artifact["device"], precision)
    view = View.of(stored, how, initial.normalisation, architecture.channels, artifact["resolution"])
    stage = str(given.get("stage", ""))
    heads = heads_of(model, architecture, artifact["resolution"])
    names = heads.names if stage else heads.required()
    told: dict[str, Any] = {DEPENDENT: depends_on_neighbours(model, architecture, artifact["resolution"], names)}
    if stage:
        module_at(model, stage, architecture)
    extractor = Extractor(Trunk(model, view, names, stage), precision)
    estimated = _partition(artifact, stored).train if given.get("reestimated") else torch.empty(0)
    read = seen_in(artifact, stored) if "views" in given else stored.labels
    chunks = (*batches(read, BATCH), *estimated.tensor_split(_parts(len(estimated))))
    told[WARNINGS] = extractor.choose_kernels(stored.pixels, {len(chunk) for chunk in chunks} - {0})
    if len(estimated):
        extractor.reestimate(stored.pixels[estimated])
    return stored, extractor, told


def _partition(artifact: Artifact, stored: Stored) -> Partition:
    return Partition(
        stored,
        artifact["shots"] or None,
        artifact["fold"],
        artifact["subset_seed"],
        folds=artifact["folds"] or None,
    )


def _further(report: Report, before: int, steps: int) -> Report:
    """Progress scaled to a part of a longer task."""
    return lambda frame: report({"step": before + frame["step"], "steps": steps})


def _save(
    matrix: torch.Tensor, artifact: Artifact, shelf: Shelf, told: dict[str, Any], said: Iterable[str]
) -> None:
    with shelf.writing(artifact, {**told, **as_detail(said)}) as path, path.open("wb") as file:
        np.save(file, matrix.numpy(), allow_pickle=False)

"""Subject of a measure: the cell, prepared as far as the measure asks for it."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bench.cell import BEST, CAST_ONCE, Cell, Cost, Learning
from bench.declare.artifact import Report, Shelf
from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture
from bench.errors import Unsupported
from bench.lazy import lazy
from bench.machine.device import computes_in
from bench.network.building import Draft, other_dtypes
from bench.network.compiler import compile_cold, require_compiler
from bench.network.graphs import require_graphs
from bench.network.onnx import require_session
from bench.network.outputs import NetworkOutputs

if TYPE_CHECKING:
    import torch
    from torch import nn
else:
    torch = lazy("torch")

CLASSES = 1000
"""Classes of the models whose cost is measured: ImageNet's, unless the input is a single channel."""
CLASSES_OF_DIGITS = 10
NEEDS_TWO = "Expected more than 1 value per channel when training"
"""Part of torch's message about batch normalisation of a single picture with maps of one pixel."""
PICTURES = "standard normal noise, seed 0"
"""Description of `pictures` in words."""


class Subject:
    """One cell made ready. Each part is built when first asked for, so that a measure can look at memory first."""

    def __init__(self, cell: Cell, shelf: Shelf, report: Report) -> None:
        self.cell = cell
        self.shelf = shelf
        self.report = report
        """Function that shows progress inside a long cell."""
        self.notes: dict[str, Any] = {}
        """Differences of the network from what its builder made, for the record."""

    @cached_property
    def architecture(self) -> Architecture:
        """The declaration of the cell's architecture."""
        return ARCHITECTURES.get(self.cell.architecture)

    @property
    def cost(self) -> Cost:
        """Scenario of the cell, if it is one of cost."""
        if not isinstance(self.cell.scenario, Cost):
            raise Unsupported(f"{self.cell.measure} needs a scenario of cost")
        return self.cell.scenario

    @property
    def learning(self) -> Learning:
        """Scenario of the cell, if it is one of learning."""
        if not isinstance(self.cell.scenario, Learning):
            raise Unsupported(f"{self.cell.measure} needs a scenario of learning")
        return self.cell.scenario

    @property
    def classes(self) -> int:
        """Outputs of the model whose cost is measured: 10 for single-channel (digit) networks, else 1000."""
        return classes_of(self.architecture)

    @cached_property
    def batch(self) -> int:
        """Images of the scenario's batch, or what `halve` has left of it.

        Raises:
            Unsupported: the batch is `BEST`, which a measure must find for itself.
        """
        if self.cost.batch == BEST:
            raise Unsupported("the best batch is a question for throughput")
        return self.cost.batch

    def halve(self) -> None:
        """Go on with half of the images, rounded down; the earlier images, labels and gradients are dropped."""
        self.batch //= 2
        for name in ("images", "labels"):
            self.__dict__.pop(name, None)
        self.model.zero_grad(set_to_none=True)

    @cached_property
    def model(self) -> nn.Module:
        """The `uncompiled` model, compiled where the scenario says so.

        Raises:
            Unsupported: the conditions are refused by `uncompiled`.
        """
        return self._compiled(self.uncompiled) if self.cost.execution == "compiled" else self.uncompiled

    @cached_property
    def uncompiled(self) -> nn.Module:
        """The model with cheap weights, on the scenario's device, in its mode, memory format and number format.

        Raises:
            Unsupported: the device lacks the precision or what the execution needs, or weights are not of float32.
        """
        cost = self.cost
        require_precision(cost)
        require_execution(cost)
        cast_to = self.cast_to
        draft = self.draft()
        if others := other_dtypes(draft.model):
            raise Unsupported(f"its weights are of {others}, where those of every precision are of float32")
        draft.fill()
        self.notes = draft.notes
        model = draft.model
        model.train(cost.mode == "train")
        move: Callable[..., nn.Module] = model.to  # its stub lacks memory_format
        return move(cost.device, cast_to, memory_format=self._memory_format)

    def draft(self) -> Draft:
        """The network as built, with its large random weights not yet drawn."""
        draft = Draft.of(self.architecture.build, self.classes)
        self.notes = draft.notes
        return draft

    @cached_property
    def outputs(self) -> NetworkOutputs:
        """Reader of the model's outputs."""
        return NetworkOutputs(self.architecture.build, self.classes, self.architecture.scores)

    @cached_property
    def images(self) -> torch.Tensor:
        """The scenario's batch of images, as `images_of` makes it."""
        return self.images_of(self.batch)

    def images_of(self, batch: int) -> torch.Tensor:
        """The result of `pictures` on the device, in the memory format and number format of the weights.

        On CUDA noise of the same kind is drawn there: one core of the host takes seconds for a large batch.
        """
        cost = self.cost
        if cost.device.startswith("cuda"):
            shape = (batch, self.architecture.channels, cost.resolution, cost.resolution)
            # drawn in its own order of memory, so that no second copy is part of a peak
            drawn = torch.empty(shape, dtype=self.cast_to, device=cost.device, memory_format=self._memory_format)
            return drawn.normal_(generator=torch.Generator(cost.device).manual_seed(0))
        images = pictures(self.architecture, cost.resolution, batch)
        # `to` gives a batch of one and a single channel the format's strides, too, which `contiguous` does not
        return images.to(cost.device, self.cast_to, memory_format=self._memory_format)

    @cached_property
    def labels(self) -> torch.Tensor:
        """One class index per image, int64."""
        return torch.arange(self.batch, device=self.cost.device) % self.classes

    def precision(self) -> AbstractContextManager[object]:
        """Context of the scenario's precision: autocast for bf16 and fp16, none for all others.

        Under autocast weights stay float32, and each call casts them anew.
        """
        if self.cost.precision not in ("bf16", "fp16"):
            return nullcontext()
        return torch.autocast(self.cost.device.partition(":")[0], number_format(self.cost.precision))

    @property
    def cast_to(self) -> torch.dtype | None:
        """Type that weights and images are cast to, once; None: they stay float32.

        Raises:
            Unsupported: the scenario trains weights of 16 bits.
        """
        precision = self.cost.precision
        if not precision.endswith(CAST_ONCE):
            return None
        if self.cost.mode == "train":
            raise Unsupported(
                f"{precision} is for inference: an update is mostly too small for a weight of 16 bits, so that"
                f" training keeps float32 weights, which is the precision {precision.removesuffix(CAST_ONCE)}"
            )
        return number_format(precision)

    def _compiled(self, model: nn.Module) -> nn.Module:
        folder = tempfile.mkdtemp(prefix="evobench-compiled-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return compile_cold(model, self.cost.device, folder)

    @property
    def _memory_format(self) -> torch.memory_format:
        last = self.cost.memory_format == "channels_last"
        return torch.channels_last if last else torch.contiguous_format


def number_format(precision: str) -> torch.dtype:
    """Number format of the inputs of convolutions and products under a precision; float32 for tf32."""
    formats = {"bf16": torch.bfloat16, "fp16": torch.float16}
    return formats.get(precision.removesuffix(CAST_ONCE), torch.float32)


def require_precision(cost: Cost) -> None:
    """Make sure that the scenario's device computes in its precision, rather than in another under that name.

    Raises:
        Unsupported: it does not.
    """
    precision = cost.precision.removesuffix(CAST_ONCE)
    on_cuda = cost.device.startswith("cuda")
    if precision == "tf32" and not on_cuda:
        raise Unsupported(f"tf32 is a format of NVIDIA's tensor cores: on {cost.device} it would be fp32")
    if not on_cuda or computes_in(precision, cost.device):
        return
    if precision == "tf32":
        raise Unsupported("tf32 needs a GPU of compute capability 8.0 or more: here it would be fp32")
    raise Unsupported("this GPU does not compute in bf16")


def require_execution(cost: Cost) -> None:
    """Make sure that the scenario's device can execute as it says.

    Raises:
        Unsupported: what compiling or ONNX needs is missing; or graphs or autotuning are asked for where there is
            no CUDA.
    """
    if cost.execution == "compiled":
        require_compiler(cost.device)
    if cost.execution == "graphs":
        require_graphs(cost.device)
    if cost.execution == "onnx":
        require_session(cost)
    if cost.autotune and not cost.device.startswith("cuda"):
        raise Unsupported(f"autotuning is done by cuDNN: on {cost.device} it would change nothing")


def classes_of(item: Architecture) -> int:
    """Outputs of a model whose cost is measured: 10 of single-channel (digit) networks, else ImageNet's 1000."""
    return CLASSES_OF_DIGITS if item.channels == 1 else CLASSES


def pictures(item: Architecture, resolution: int, batch: int = 1) -> torch.Tensor:
    """Input of networks whose cost is measured or counted: B x C x R x R, float32, on the CPU."""
    shape = (batch, item.channels, resolution, resolution)
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))

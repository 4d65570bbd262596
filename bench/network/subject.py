"""What a measure is given: the cell, prepared as far as the measure asks for it."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bench.cell import BEST, Cell, Cost, Learning
from bench.declare.artifact import Report, Shelf
from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture
from bench.declare.places import Misdeclared, place_of, plain_function, short_place
from bench.errors import Unsupported
from bench.lazy import lazy
from bench.machine.device import takes_tf32_and_bf16
from bench.network.compiler import compile_cold, require_compiler

if TYPE_CHECKING:
    import torch
    from torch import nn
else:
    torch = lazy("torch")

CLASSES = 1000
"""Classes of the models whose cost is measured: ImageNet's, unless the input is a single channel."""
CLASSES_OF_DIGITS = 10
LARGE = 1 << 16
"""Elements above which a tensor's own initialisation is skipped."""


class Subject:
    """One cell made ready. All is built when first asked for, so that a measure can look at memory first."""

    def __init__(self, cell: Cell, shelf: Shelf, report: Report) -> None:
        self.cell = cell
        self.shelf = shelf
        self.report = report
        """Shows progress inside a long cell."""

    @cached_property
    def architecture(self) -> Architecture:
        """The declaration of the cell's architecture."""
        return ARCHITECTURES.get(self.cell.architecture)

    @property
    def cost(self) -> Cost:
        """The cell's scenario, where it is one of cost."""
        if not isinstance(self.cell.scenario, Cost):
            raise Unsupported(f"{self.cell.measure} needs a scenario of cost")
        return self.cell.scenario

    @property
    def learning(self) -> Learning:
        """The cell's scenario, where it is one of learning."""
        if not isinstance(self.cell.scenario, Learning):
            raise Unsupported(f"{self.cell.measure} needs a scenario of learning")
        return self.cell.scenario

    @property
    def classes(self) -> int:
        """Outputs of the model whose cost is measured: 10 for single-channel (digit) networks, else 1000."""
        return classes_of(self.architecture)

    @property
    def batch(self) -> int:
        """Images of the scenario's batch.

        Raises:
            Unsupported: it is `BEST`, which a measure must find for itself.
        """
        if self.cost.batch == BEST:
            raise Unsupported("the best batch is a question for throughput")
        return self.cost.batch

    @cached_property
    def model(self) -> nn.Module:
        """The model with cheap weights, on the scenario's device, in its mode and memory format, compiled or not.

        Raises:
            Unsupported: the device lacks the precision or what compiling needs, or weights are not of float32.
        """
        cost = self.cost
        require_precision(cost)
        if cost.execution == "compiled":
            require_compiler(cost.device)
        model = build_cheaply(self.architecture.build, self.classes)
        if others := other_dtypes(model):
            raise Unsupported(f"its weights are of {others}, where those of every precision are of float32")
        model.train(cost.mode == "train")
        move: Callable[..., nn.Module] = model.to  # its stub lacks memory_format
        moved = move(cost.device, memory_format=self._memory_format)
        return self._compiled(moved) if cost.execution == "compiled" else moved

    @cached_property
    def images(self) -> torch.Tensor:
        """The scenario's batch of images, as `images_of` makes it."""
        return self.images_of(self.batch)

    def images_of(self, batch: int) -> torch.Tensor:
        """A batch of noise, B x C x R x R, float32, on the device and in the memory format."""
        cost = self.cost
        shape = (batch, self.architecture.channels, cost.resolution, cost.resolution)
        images = torch.randn(shape, generator=torch.Generator().manual_seed(0))
        # `to` gives a batch of one and a single channel the format's strides, too, which `contiguous` does not
        return images.to(cost.device, memory_format=self._memory_format)

    @cached_property
    def labels(self) -> torch.Tensor:
        """One class index an image, int64."""
        return torch.arange(self.batch, device=self.cost.device) % self.classes

    def precision(self) -> AbstractContextManager[object]:
        """Context in which the scenario's precision holds: none for fp32 and tf32, autocast for bf16 and fp16.

        The weights stay float32, and each call casts them anew.
        """
        dtypes = {"bf16": torch.bfloat16, "fp16": torch.float16}
        if self.cost.precision not in dtypes:
            return nullcontext()
        return torch.autocast(self.cost.device.partition(":")[0], dtypes[self.cost.precision])

    def _compiled(self, model: nn.Module) -> nn.Module:
        folder = tempfile.mkdtemp(prefix="evobench-compiled-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return compile_cold(model, self.cost.device, folder)

    @property
    def _memory_format(self) -> torch.memory_format:
        last = self.cost.memory_format == "channels_last"
        return torch.channels_last if last else torch.contiguous_format


def require_precision(cost: Cost) -> None:
    """Make sure that the scenario's device computes in its precision, rather than in another under that name.

    Raises:
        Unsupported: it does not.
    """
    on_cuda = cost.device.startswith("cuda")
    if cost.precision == "tf32" and not on_cuda:
        raise Unsupported(f"tf32 is a format of NVIDIA's tensor cores: on {cost.device} it would be fp32")
    if cost.precision not in ("tf32", "bf16") or not on_cuda or takes_tf32_and_bf16(cost.device):
        return
    if cost.precision == "tf32":
        raise Unsupported("tf32 needs a GPU of compute capability 8.0 or more: here it would be fp32")
    raise Unsupported("this GPU does not compute in bf16")


def classes_of(item: Architecture) -> int:
    """Outputs of a model whose cost is measured: 10 of single-channel (digit) networks, else ImageNet's 1000."""
    return CLASSES_OF_DIGITS if item.channels == 1 else CLASSES


def other_dtypes(model: nn.Module) -> str:
    """The floating point types of a model's weights beside float32, in words; empty where there are none."""
    dtypes = {p.dtype for p in model.parameters() if p.is_floating_point()} - {torch.float32}
    return " and ".join(sorted(str(dtype).removeprefix("torch.") for dtype in dtypes))


def build_cheaply(build: Callable[[int], nn.Module], classes: int) -> nn.Module:
    """Build a model without the initialisation of its large tensors, which can take minutes.

    Those are filled with a repeated block of uniform noise, scaled by fan-in (He et al. 2015, uniform form).
    They are written, not left as they come: untouched pages all map to one page of zeros, which would flatter
    memory and cache.
    """
    model = build_untouched(build, classes)
    write_cheap_weights(model)
    return model


def build_untouched(build: Callable[[int], nn.Module], classes: int) -> nn.Module:
    """Build a model whose large tensors are as memory came, so that they take address space but no memory.

    For shapes and counts alone.

    Raises:
        Misdeclared: what the builder returned is no torch module, or has lazy ones.
    """
    with _without_large_initialisation():
        return sound(build(classes), build)


def sound(model: object, build: Callable[[int], nn.Module]) -> nn.Module:
    """What a builder returned, where that is a network with all its weights.

    Raises:
        Misdeclared: it is not; the message names the builder and its place.
    """
    who = f"`{plain_function(build).__name__}` ({short_place(place_of(build))})"
    if not isinstance(model, torch.nn.Module):
        raise Misdeclared(f"{who} returned {type(model).__name__}, not a torch module")
    lazy_ones = {type(m).__name__ for m in model.modules() if any(map(_is_unmade, m.parameters(recurse=False)))}
    if lazy_ones:
        raise Misdeclared(
            f"{who} returned a model whose {', '.join(sorted(lazy_ones))} has no weights before a first pass: give"
            " the sizes, or run a picture through the model before it is returned"
        )
    return model


def _is_unmade(parameter: torch.Tensor) -> bool:
    return torch.nn.parameter.is_lazy(parameter)


def write_cheap_weights(model: nn.Module) -> None:
    """Fill the large tensors of a model as `build_cheaply` does."""
    noise = torch.rand(LARGE, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.numel() > LARGE:
                fan_in = max(1, parameter[0].numel())
                _tile(parameter.view(-1), noise * (6.0 / fan_in) ** 0.5)


def _tile(flat: torch.Tensor, block: torch.Tensor) -> None:
    whole = flat.numel() // block.numel() * block.numel()
    flat[:whole].view(-1, block.numel()).copy_(block)
    flat[whole:].copy_(block[: flat.numel() - whole])


@contextmanager
def _without_large_initialisation() -> Iterator[None]:
    """Context in which the functions of `torch.nn.init` leave large tensors as they are."""
    names = [name for name in dir(torch.nn.init) if name.endswith("_") and not name.startswith("_")]
    # multi-head attention has taken some of them by name
    modules = (torch.nn.init, torch.nn.modules.activation)
    saved = [
        (module, name, getattr(module, name)) for module in modules for name in names if hasattr(module, name)
    ]
    try:
        for module, name, function in saved:
            setattr(module, name, _for_small_tensors(function))
        yield
    finally:
        for module, name, function in saved:
            setattr(module, name, function)


def _for_small_tensors(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    def initialise(tensor: torch.Tensor, *values: Any, **named: Any) -> torch.Tensor:
        return tensor if tensor.numel() > LARGE else function(tensor, *values, **named)

    return initialise

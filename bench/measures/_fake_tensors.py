"""Peak memory of a subject's work, found with fake tensors, which have shapes but no memory.

The tensors are fake CPU ones: on a CPU build of torch, fake CUDA tensors cannot be computed with. While a model is
built, only what is large is fake: under a plain `FakeTensorMode` a third of them cannot be built, since they read
numbers from a small tensor (the stochastic depths of Swin, the widths of RegNet).
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch._subclasses import fake_tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.distributed._tools.mem_tracker import MemTracker, _MemRefType
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.hooks import RemovableHandle

from bench.errors import Unsupported
from bench.measures.timing import step
from bench.network.filling.undrawn import LARGE
from bench.network.subject import Subject

_NEEDS_VALUES = (
    fake_tensor.DataDependentOutputException,
    fake_tensor.DynamicOutputShapeException,
    fake_tensor.UnsupportedFakeTensorException,
    fake_tensor.UnsupportedOperatorException,
)
_PARTS = {
    "parameters": _MemRefType.PARAM,
    "buffers": _MemRefType.BUFFER,
    "gradients": _MemRefType.GRAD,
    "optimizer": _MemRefType.OPT,
    "activations": _MemRefType.ACT,
    "temporary": _MemRefType.TEMP,
    "other": _MemRefType.OTH,
}


@dataclass(frozen=True)
class HeldBytes:
    """Bytes that tensors hold, by the purpose of the tensors."""

    at_peak: dict[str, int]
    """Bytes by purpose when the total is highest; they add up to it."""
    at_most: dict[str, int]
    """Highest bytes of each purpose, whenever that was."""


def peak_of(subject: Subject) -> HeldBytes:
    """Bytes that the tensors of a subject on the CPU hold at most during its mode's work.

    Of training, two steps are looked at: the first leaves the optimizer's momentum behind. The subject's model and
    images are fake ones from here on.

    Raises:
        Unsupported: the work depends on values, or an operator says nothing of its result's shape; or, in
            training, the model does not end in class scores, so that there is no loss.
    """
    try:
        fake = _make_fake(subject)
        tracker = _WholePeak()
        with fake:
            tracker.track_external(subject.model, subject.images, subject.labels)
            with tracker:
                _use(subject, tracker)
    except _NEEDS_VALUES as error:
        raise Unsupported(f"shapes alone do not tell its memory: {type(error).__name__} at {error}") from error
    (parts,) = tracker.get_tracker_snapshot("peak").values()
    return HeldBytes(*({name: found[kind] for name, kind in _PARTS.items()} for found in (parts, tracker.most)))


def _use(subject: Subject, tracker: MemTracker) -> None:
    if subject.cost.mode == "infer":
        _infer(subject)
        return
    call = step(subject)
    # scaling reads whether gradients have overflowed; it holds but two numbers
    call.scaler = torch.amp.GradScaler("cpu", enabled=False)
    call()
    tracker.reset_mod_stats()  # it takes a second pass through the same modules for a mistake
    call()


def _infer(subject: Subject) -> None:
    """One forward pass that holds the same tensors as one in inference mode.

    Not in that mode itself: in it, the tracker and autocast do not see into operators that are made of others. It
    keeps no cast weights, so nor does this.
    """
    with torch.no_grad(), torch.autocast("cpu", enabled=False, cache_enabled=False), subject.precision():
        subject.outputs.tensors(subject.model(subject.images))


def _make_fake(subject: Subject) -> FakeTensorMode:
    """Give the subject a model, images and labels without memory; returns their fake mode."""
    fake = FakeTensorMode(allow_non_fake_inputs=True)
    last = subject.cost.memory_format == "channels_last"
    with _LargeAreFake(fake):
        model = subject.draft().model
        model.train(subject.cost.mode == "train")
        images, labels = subject.images, subject.labels
        _replace_tensors(model, fake, torch.channels_last if last else torch.contiguous_format, subject.cast_to)
        subject.model = model
    subject.images, subject.labels = _faked(images, fake), _faked(labels, fake)
    return fake


def _replace_tensors(
    model: nn.Module, fake: FakeTensorMode, order: torch.memory_format, dtype: torch.dtype | None
) -> None:
    """Make every parameter and buffer fake. `Module.to` cannot: it swaps tensors, which the mode forbids."""

    def cast(tensor: torch.Tensor) -> torch.Tensor:
        found = _faked(tensor, fake)
        return found.to(dtype) if dtype and found.is_floating_point() else found

    known: dict[torch.Tensor, nn.Parameter] = {}
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter not in known:  # modules may share it
                tensor = cast(parameter.detach())
                tensor = tensor.to(memory_format=order) if tensor.dim() == 4 else tensor
                known[parameter] = nn.Parameter(tensor, parameter.requires_grad)
            setattr(module, name, known[parameter])
        for name, buffer in module.named_buffers(recurse=False):
            setattr(module, name, cast(buffer))


def _faked(tensor: torch.Tensor, fake: FakeTensorMode) -> torch.Tensor:
    return tensor if isinstance(tensor, FakeTensor) else fake.from_tensor(tensor)


class _LargeAreFake(TorchDispatchMode):
    """Mode that makes new tensors of more than `LARGE` elements fake, and all results computed from them."""

    def __init__(self, fake: FakeTensorMode) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch annotates no constructor of a mode
        self._fake = fake

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if _is_large(func, args) or any(isinstance(leaf, FakeTensor) for leaf in tree_leaves((args, kwargs))):
            with self._fake:
                return func(*args, **kwargs)
        return func(*args, **kwargs)


def _is_large(func: Any, args: tuple[Any, ...]) -> bool:
    """Whether an operator makes a large tensor from a size alone, as `empty` and `randn` do."""
    arguments = func._schema.arguments
    return bool(arguments) and arguments[0].name == "size" and math.prod(args[0]) > LARGE


class _WholePeak(MemTracker):
    """Finds the peak of the whole alone: with those of all modules, it took four times as long.

    Parameters may be frozen: torch's own hooks every one for its gradient, which a frozen one does not allow.
    """

    def __init__(self) -> None:
        super().__init__()
        self.most: Counter[Any] = Counter()
        """Highest bytes of each kind, whenever that was."""

    def _track_module_params_and_buffers(self, module: nn.Module, install_grad_hooks: bool = True) -> Any:
        for parameter in module.parameters():
            if not parameter.requires_grad and parameter not in self._param_to_grad_hook_handles:
                no_hook = RemovableHandle(OrderedDict())
                self._param_to_grad_hook_handles[parameter] = (no_hook, no_hook)
        return super()._track_module_params_and_buffers(module, install_grad_hooks)

    def _update_peak_stats(self, peak_state: Any) -> None:
        for device, parts in self._curr_mem_snap.items():
            for kind, held in parts.items():
                if held > self.most[kind]:
                    self.most[kind] = held
            total = parts["Total"]
            if total > self._peak_mem.get(device, 0):
                self._peak_mem[device] = total
                self._peak_mem_snap[device] = dict(parts)

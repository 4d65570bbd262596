"""Which tensors are held when they hold most. It runs in the interpreter of any revision.

The measure does its own work under a dispatch mode, which sees the result of every operator: real tensors, each
storage once, from its making until it is freed. What an operator takes while it runs and gives back is not seen,
nor is memory that no tensor has.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from typing import Any

from bench.remote import load

from .layers import BACKWARD, OUTSIDE, Names, RunningLayer, watched


@dataclass
class _Taken:
    """A storage that some operator has made."""

    layer: RunningLayer
    kind: str
    shape: str


@dataclass
class HeldTensors:
    """Tensors that were held, in order."""

    device: str
    """Type of the device that counts."""
    names: Names = field(default_factory=Names)
    _taken: list[_Taken] = field(default_factory=list)
    _changes: list[tuple[int, int]] = field(default_factory=list)
    """Number of a storage, and the bytes by which it grew."""
    _live: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Number and bytes of each living storage, by its address in torch."""
    _open: list[RunningLayer] = field(default_factory=list)
    _owners: dict[int, RunningLayer] = field(default_factory=dict)
    """Layer that each parameter belongs to, by the parameter's identity."""
    _updating: bool = False

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Note what is made and freed."""
        optimizer = load("torch.optim.optimizer")
        with ExitStack() as stack:
            for hook in (
                optimizer.register_optimizer_step_pre_hook(lambda *_: self._begin_update()),
                optimizer.register_optimizer_step_post_hook(lambda updating, *_: self._end_update(updating)),
            ):
                stack.callback(hook.remove)
            stack.enter_context(watched(self._enter, self._leave))
            stack.enter_context(_mode(self.note))
            yield

    def rows(self) -> list[dict[str, Any]]:
        """A row a layer and kind of tensor: bytes and number of those held at the peak, the largest's shape."""
        ups = list(accumulate(change for _, change in self._changes))
        end = ups.index(max(ups)) + 1 if ups else 0
        sizes: dict[int, int] = {}
        for number, change in self._changes[:end]:
            sizes[number] = sizes.get(number, 0) + change
        groups: dict[tuple[RunningLayer, str], list[tuple[int, str]]] = {}
        for number, size in sizes.items():
            if size:
                taken = self._taken[number]
                groups.setdefault((taken.layer, taken.kind), []).append((size, taken.shape))
        return [
            {
                **asdict(layer),
                "item": kind,
                "amount": float(sum(size for size, _ in tensors)),
                "number": len(tensors),
                "largest": max(tensors)[1],
            }
            for (layer, kind), tensors in groups.items()
        ]

    def note(self, tensor: Any) -> None:
        """A tensor that an operator has returned: new, of a known storage, or of one that has grown."""
        if tensor.device.type != self.device or tensor.layout is not load("torch").strided:
            return
        storage = tensor.untyped_storage()
        place, size = storage._cdata, storage.nbytes()
        if place not in self._live:
            self._taken.append(_Taken(*self._purpose(), _shape(tensor)))
            self._live[place] = len(self._taken) - 1, 0
            weakref.finalize(storage, self._freed, place)
        number, before = self._live[place]
        if size != before:
            self._live[place] = number, size
            self._changes.append((number, size - before))

    def _freed(self, place: int) -> None:
        number, size = self._live.pop(place)
        self._changes.append((number, -size))

    def _purpose(self) -> tuple[RunningLayer, str]:
        """Purpose of a tensor, from the code that makes it."""
        if self._open:
            return self._open[-1], "activations"
        if self._updating:
            return OUTSIDE, "optimizer state"
        if load("torch")._C._current_graph_task_id() >= 0:
            return BACKWARD, "gradients"
        return OUTSIDE, "input and others"

    def _enter(self, module: Any) -> None:
        is_new = self.names.empty
        self._open.append(self.names.of(module, self._open[-1] if self._open else None))
        if is_new:
            self._know(module)

    def _know(self, network: Any) -> None:
        """Note the owners of the weights, of the buffers, and of the gradients once they exist."""
        for part in network.modules():
            layer = self.names.of(part, None)
            for buffer in part.buffers(recurse=False):
                self._rename(buffer, layer, "buffers")
            for parameter in part.parameters(recurse=False):
                self._owners[id(parameter)] = layer
                self._rename(parameter, layer, "weights")
                if parameter.requires_grad and parameter.is_leaf:
                    parameter.register_post_accumulate_grad_hook(self._of_gradient(layer))

    def _of_gradient(self, layer: RunningLayer) -> Callable[[Any], None]:
        return lambda parameter: self._rename(parameter.grad, layer, "gradients")

    def _rename(self, tensor: Any, layer: RunningLayer, kind: str) -> None:
        known = self._live.get(tensor.untyped_storage()._cdata) if tensor.layout is load("torch").strided else None
        if known:
            self._taken[known[0]].layer, self._taken[known[0]].kind = layer, kind

    def _leave(self) -> None:
        self._open.pop()

    def _begin_update(self) -> None:
        self._updating = True

    def _end_update(self, optimizer: Any) -> None:
        self._updating = False
        for parameter, state in optimizer.state.items():
            for value in state.values():
                if isinstance(value, load("torch").Tensor):
                    self._rename(value, self._owners.get(id(parameter), OUTSIDE), "optimizer state")


def _mode(note: Callable[[Any], None]) -> Any:
    """A mode that hands on every tensor that an operator returns."""
    torch = load("torch")
    leaves = load("torch.utils._pytree").tree_leaves

    class Noting(load("torch.utils._python_dispatch").TorchDispatchMode):  # type: ignore[misc]
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            with self:
                # in inference mode an operator that is made of others comes whole
                result = func.decompose(*args, **(kwargs or {}))
            if result is NotImplemented:
                result = func(*args, **(kwargs or {}))
            for leaf in leaves(result):
                if isinstance(leaf, torch.Tensor):
                    note(leaf)
            return result

    return Noting()


def _shape(tensor: Any) -> str:
    return f"{'x'.join(map(str, tensor.shape)) or 'number'} {str(tensor.dtype).removeprefix('torch.')}"

"""The layers of a model as a table, one row per call: name, type, output shape, parameters, multiply-adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from bench.measures.counting.flow import Flow
from bench.network.outputs import tensors_of


@dataclass(frozen=True)
class Layer:
    """One call of a module, or a module with parameters that did not run."""

    name: str
    """Dotted name; empty for the model itself."""
    type: str
    output: tuple[int, ...]
    """Shape of the call's output, the batch first; empty where the module did not run."""
    parameters: int
    """Parameters of the module itself and of its submodules that did not run by themselves; 0 from the second call
    on."""
    macs: int
    """Multiply-adds of the call, without those of submodules that have a row of their own."""
    call: int
    """Number of the call of the module, from 1; 0 where it did not run."""
    uncounted: int = 0
    """Calls, within this one, of operators whose multiply-adds are missing from the count."""

    def halved(self) -> Layer:
        """The same call for one picture, where it was made for two."""
        first, *others = self.output or (0,)
        return replace(self, output=(first // 2, *others) if self.output else (), macs=self.macs // 2)


@dataclass(frozen=True)
class Call:
    """One observed call of a module."""

    name: str
    output: tuple[int, ...]
    macs: int
    """Multiply-adds while the module ran and none of its submodules did."""
    unknown: int
    """Calls, in that time, of operators without a formula."""


class CallWatch:
    """Context that records the calls of a model's modules, in the order in which they finish.

    Args:
        model: model to watch.
        counted: the multiply-adds counted so far, and the calls of operators that there is no count of.
        flow: is told of each call.
    """

    def __init__(self, model: nn.Module, counted: Callable[[], tuple[int, int]], flow: Flow) -> None:
        self._model = model
        self._counted = counted
        self._flow = flow
        self._hooks: list[RemovableHandle] = []
        self._open: list[tuple[tuple[int, int], tuple[int, int]]] = []
        """Modules that are running, from outside in: the counts at the start, and those of the submodules."""
        self.calls: list[Call] = []

    def __enter__(self) -> CallWatch:
        for name, module in self._model.named_modules():
            self._hooks.append(module.register_forward_pre_hook(self._beginning(name), with_kwargs=True))
            self._hooks.append(module.register_forward_hook(self._noting(name)))
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def by_module(self) -> dict[str, int]:
        """Multiply-adds by dotted name, including those of all calls and of submodules."""
        found: Counter[str] = Counter()
        for call in self.calls:
            found[call.name] += call.macs
        # a part comes after what holds it, so that from the end each is complete when it is handed on
        for name, _ in reversed(list(self._model.named_modules())):
            if name:
                found[name.rpartition(".")[0]] += found[name]
        return found

    def _beginning(self, name: str) -> Any:
        def begin(module: nn.Module, given: object, named: object) -> None:
            self._open.append((self._counted(), (0, 0)))
            self._flow.enter(name, module, (given, named))

        return begin

    def _noting(self, name: str) -> Any:
        def note(module: nn.Module, given: object, output: object) -> None:
            self._flow.leave(module, output)
            before, of_parts = self._open.pop()
            macs, unknown = (now - then for now, then in zip(self._counted(), before, strict=True))
            self.calls.append(Call(name, _shape(output), macs - of_parts[0], unknown - of_parts[1]))
            if self._open:
                begun, others = self._open[-1]
                self._open[-1] = (begun, (others[0] + macs, others[1] + unknown))

        return note


def table(model: nn.Module, watch: CallWatch, macs: Mapping[str, int], complete: bool) -> tuple[Layer, ...]:
    """The rows: calls of modules without submodules, and of those with own parameters or multiply-adds.

    Args:
        model: the model that was watched.
        watch: record of the calls that ran.
        macs: multiply-adds by dotted name, those of all calls and of a module's parts included.
        complete: whether no multiply-adds are missing from these.

    Returns:
        Rows in the order in which calls finished; after them what did not run (auxiliary heads in eval mode).
        Parameters and multiply-adds add up to those of the model: a tensor counts where it is met first, at the
        first call. The multiply-adds of a module that is called several times are those of each call where the
        watch's counter has seen the same sum; else all stand at the first call, since `macs` knows modules alone.
    """
    modules = dict(model.named_modules())
    by_name: dict[str, list[Call]] = {}
    for call in watch.calls:
        by_name.setdefault(call.name, []).append(call)
    seen: set[int] = set()
    rows = {name: iter(_rows(modules[name], calls, by_name, macs, seen)) for name, calls in by_name.items()}
    run = [next(rows[call.name], None) for call in watch.calls]
    if complete:
        run = [row and replace(row, uncounted=0) for row in run]
    left = [_unrun(name, module, seen) for name, module in modules.items() if name not in by_name]
    return tuple(row for row in (*run, *left) if row is not None)


def _rows(
    module: nn.Module, calls: list[Call], ran: Container[str], macs: Mapping[str, int], seen: set[int]
) -> Iterator[Layer]:
    """Rows of one module, one per call; empty where its submodules cover everything."""
    name = calls[0].name
    parts = {f"{name}.{part}".lstrip("."): child for part, child in module.named_children()}
    run = [part for part in parts if _ran(part, parts[part], ran)]
    idle = [parts[part] for part in parts if part not in run and not _is_auxiliary(name)]
    tensors = [*module.parameters(recurse=False), *(p for child in idle for p in child.parameters())]
    parameters = _count(tensors, seen)
    own = max(0, macs.get(name, 0) - sum(macs.get(part, 0) for part in parts))
    if run and not parameters and not own and not any(call.unknown for call in calls):
        return
    each = [call.macs for call in calls]
    if sum(each) != own:
        each = [own] + [0] * (len(calls) - 1)
    for i, (call, part) in enumerate(zip(calls, each, strict=True)):
        yield Layer(name, type(module).__name__, call.output, 0 if i else parameters, part, i + 1, call.unknown)


def _ran(name: str, module: nn.Module, ran: Container[str]) -> bool:
    """Whether the module or one of its submodules ran."""
    return any(f"{name}.{part}".rstrip(".") in ran for part, _ in module.named_modules())


def _is_auxiliary(name: str) -> bool:
    """Whether idle children of a module of this name are auxiliary heads: those of the model, which are listed
    apart."""
    return not name


def _unrun(name: str, module: nn.Module, seen: set[int]) -> Layer | None:
    parameters = _count(module.parameters(recurse=False), seen)
    return Layer(name, type(module).__name__, (), parameters, 0, 0) if parameters else None


def _count(tensors: Iterable[torch.Tensor], seen: set[int]) -> int:
    new = {id(tensor): tensor.numel() for tensor in tensors if id(tensor) not in seen}
    seen.update(new)
    return sum(new.values())


def _shape(output: object) -> tuple[int, ...]:
    first = next(tensors_of(output), None)
    return () if first is None else tuple(first.shape)

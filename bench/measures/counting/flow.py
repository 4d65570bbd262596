"""Data flow of a forward pass: the steps of a model, each with the steps whose results it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from bench.network.outputs import tensors_of

INPUT = -1
"""Index that stands for everything from outside."""
_SETTINGS = {
    "in_channels": "in",
    "out_channels": "out",
    "in_features": "in",
    "out_features": "out",
    "kernel_size": "kernel",
    "stride": "stride",
    "dilation": "dilation",
    "groups": "groups",
    "num_heads": "heads",
    "window_size": "window",
}
"""Attributes of modules that describe a step, with their names in its settings."""
_MARK = "_evobench_source"
"""Attribute of tensors that names their origin: it is freed with them, where a table would keep them alive."""
_VIEWS = frozenset(
    {
        "view",
        "_unsafe_view",
        "reshape",
        "permute",
        "transpose",
        "t",
        "slice",
        "select",
        "expand",
        "unsqueeze",
        "squeeze",
        "detach",
        "alias",
        "split",
        "split_with_sizes",
        "unbind",
        "clone",
        "_to_copy",
        "unfold",
        "as_strided",
        "lift_fresh",
        "roll",
    }
)
"""Operators that return the same elements in another shape or order."""
_OPERATIONS = {
    "relu": "relu",
    "gelu": "gelu",
    "silu": "silu",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "hardswish": "hardswish",
    "hardsigmoid": "hardsigmoid",
    "matmul": "matmul",
    "hardtanh": "relu6",
    "_softmax": "softmax",
    "bmm": "matmul",
    "mm": "matmul",
    "addmm": "linear",
    "convolution": "convolution",
    "native_layer_norm": "layer norm",
    "native_batch_norm": "batch norm",
    "_native_batch_norm_legit_no_training": "batch norm",
    "native_group_norm": "group norm",
    "max_pool2d_with_indices": "max pool",
    "max_pool2d": "max pool",
    "avg_pool2d": "average pool",
    "_adaptive_avg_pool2d": "average pool",
    "adaptive_avg_pool2d": "average pool",
    "mean": "mean",
}
"""Operators that are steps even with one input, with words for them; others are steps if they join several
inputs."""


@dataclass(frozen=True)
class FlowStep:
    """One call of a module that calls no other, or an operation between modules."""

    name: str
    """Dotted name of the module; for an operation, that of the module in whose forward it stands."""
    kind: str
    """Class of the module, or name of the operation (`add`, `cat`, `mul`)."""
    inputs: tuple[int, ...]
    """Indices of the steps whose results the step takes; `INPUT` for tensors from outside."""
    output: tuple[int, ...]
    """Shape of the result, the batch first."""
    settings: dict[str, Any]
    """Settings of the module: `in`, `out`, `kernel`, `stride`, `groups`, `heads`."""


@dataclass(frozen=True)
class Span:
    """One call of a module that calls others: the steps from `start` to before `end`."""

    name: str
    type: str
    start: int
    end: int
    output: int
    """Index of the step that the result comes from."""


@dataclass
class _Frame:
    name: str
    start: int
    inputs: tuple[int, ...]
    leaf: bool
    """Whether the module has no submodules, so that operations inside it are not steps."""
    calls: bool = False
    works: bool = False
    """Whether the module did more than reshape its input."""


class Flow:
    """Follows tensors from module to module; it must be notified of every call of a module and of every operator.

    What does nothing in the pass (dropout in eval mode, flattening) is not a step. Parameters and constants are no
    inputs: a sum with one of them, or a scaling, is left out.
    """

    def __init__(self) -> None:
        self._stack: list[_Frame] = []
        self.steps: list[FlowStep] = []
        self.spans: list[Span] = []

    def note(self, name: str, given: Any, result: Any) -> None:
        """Register the call of an operator: its name, its arguments and its result."""
        if not self._stack:
            return
        frame = self._stack[-1]
        plain = name.rstrip("_")
        frame.works |= plain not in _VIEWS
        if frame.leaf:
            return
        sources = self._sources_of(given)
        if not sources:
            return
        source = sources[0]
        if plain not in _VIEWS and (len(sources) > 1 or plain in _OPERATIONS):
            source = self._add(frame.name, _OPERATIONS.get(plain, plain), sources, result, {})
        self._set(result, source)

    def enter(self, name: str, module: nn.Module, given: Any) -> None:
        """Register the start of a module; `given` are its arguments."""
        if self._stack:
            self._stack[-1].calls = True
        else:
            self._set(given, INPUT)
        leaf = next(module.children(), None) is None
        self._stack.append(_Frame(name, len(self.steps), self._sources_of(given), leaf))

    def leave(self, module: nn.Module, output: Any) -> None:
        """Register the return of the module that started last."""
        frame = self._stack.pop()
        if frame.calls:
            result = next(iter(self._sources_of(output)), INPUT)
            self.spans.append(Span(frame.name, type(module).__name__, frame.start, len(self.steps), result))
        elif frame.works:
            del self.steps[frame.start :]
            source = self._add(frame.name, type(module).__name__, frame.inputs, output, _settings(module))
            self._set(output, source)
        elif frame.inputs:
            self._set(output, frame.inputs[0])
        if self._stack:
            self._stack[-1].works |= frame.works

    def _add(self, name: str, kind: str, inputs: tuple[int, ...], output: Any, settings: dict[str, Any]) -> int:
        shape = next((tuple(tensor.shape) for tensor in tensors_of(output)), ())
        self.steps.append(FlowStep(name, kind, inputs, shape, settings))
        return len(self.steps) - 1

    def _sources_of(self, given: Any) -> tuple[int, ...]:
        """Steps that the tensors among these come from, without repeats; parameters come from nowhere."""
        marks = [getattr(tensor, _MARK, None) for tensor in tensors_of(given)]
        return tuple(dict.fromkeys(mark[1] for mark in marks if mark is not None and mark[0] is self))

    def _set(self, result: Any, source: int) -> None:
        for tensor in tensors_of(result):
            setattr(tensor, _MARK, (self, source))


def _settings(module: nn.Module) -> dict[str, Any]:
    return dict(_known(module))


def _known(module: nn.Module) -> Iterator[tuple[str, Any]]:
    for attribute, name in _SETTINGS.items():
        value = getattr(module, attribute, None)
        if isinstance(value, tuple | list):
            value = list(value)
        if isinstance(value, list) and all(item == value[0] for item in value):
            value = value[0] if value else None
        numbers = value if isinstance(value, list) else [value]
        usual = name in ("stride", "dilation", "groups") and value == 1
        if not usual and all(isinstance(item, int) and not isinstance(item, bool) for item in numbers):
            yield name, value

"""Running a model for its shapes alone: every operator returns the shape of its result, and none computes.

fvcore counts on a traced forward pass, and tracing refuses the meta device: the meta kernels that are written in
Python see traced numbers there (`cond must be a bool, but got a Tensor`). So the tensors stay ordinary ones, whose
memory is never touched, and a meta kernel in a thread that does not trace tells each result's shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

_FOR_REAL = frozenset({"aten::_to_copy", "aten::lift_fresh", "aten::lift_fresh_copy"})
"""Operators that are executed, since they bring in constants, such as a shape that a model keeps as a tensor."""
_READS_VALUES = frozenset({"aten::_local_scalar_dense", "aten::is_nonzero", "aten::equal", "aten::item"})
_CONVOLUTIONS: frozenset[Callable[..., Any]] = frozenset({torch.conv1d, torch.conv2d, torch.conv3d})
_TRANSPOSED: frozenset[Callable[..., Any]] = frozenset(
    {torch.conv_transpose1d, torch.conv_transpose2d, torch.conv_transpose3d}
)


class NeedsValues(Exception):
    """The model's control flow depends on values that were not computed, or a shape cannot be told without
    them."""


@contextmanager
def shapes_only() -> Iterator[None]:
    """Context in which operators return tensors of the right shape, type and strides, with meaningless values.

    Raises (inside):
        NeedsValues: shapes are not enough.
    """
    with ThreadPoolExecutor(1) as untraced, _Recorded(), _Hollow(untraced), torch.no_grad():
        yield


@dataclass(frozen=True)
class _Layout:
    """Layout of a tensor without its values."""

    size: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype

    @classmethod
    def of(cls, tensor: torch.Tensor) -> _Layout:
        return cls(tuple(tensor.size()), tuple(tensor.stride()), tensor.dtype)

    def tensor(self, device: str) -> torch.Tensor:
        return torch.empty_strided(self.size, self.stride, dtype=self.dtype, device=device)


class _Hollow(TorchDispatchMode):
    """Mode that answers every operator by the shapes of its results."""

    def __init__(self, untraced: ThreadPoolExecutor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch annotates no constructor of a mode
        self._untraced = untraced
        self._known: dict[str, Any] = {}
        """Layouts by operator and arguments, since the blocks of a network repeat."""
        self._scalars: list[torch.Tensor] = []
        """Single elements without a value, kept alive so that their identities stay unique."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        name = func._schema.name
        if name in _READS_VALUES and any(self._is_hollow(tensor) for tensor in tensors):
            raise NeedsValues(f"{name} reads a value")
        if name in _FOR_REAL or not any(self._is_hollow(tensor) for tensor in tensors):
            return func(*args, **kwargs)
        layouts = self._layouts(func, args, kwargs)
        if name.endswith("_"):  # in place: the tensor itself goes on, so that the trace stays whole
            same = layouts == _Layout.of(args[0])
            return args[0] if same else func(*args, **kwargs)  # what changes its shape touches no memory
        return tree_map_only(_Layout, self._fresh, layouts)

    def _is_hollow(self, tensor: torch.Tensor) -> bool:
        return tensor.numel() > 1 or any(tensor is scalar for scalar in self._scalars)

    def _fresh(self, layout: _Layout) -> torch.Tensor:
        tensor = layout.tensor("cpu")
        if tensor.numel() <= 1:
            self._scalars.append(tensor)
        return tensor

    def _layouts(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given = tree_map_only(torch.Tensor, _Layout.of, (args, kwargs))
        key = f"{func} {given}"
        if key not in self._known:
            # the tracer watches this thread alone
            self._known[key] = self._untraced.submit(_on_meta, func, given).result()
        return self._known[key]


def _on_meta(func: Any, given: Any) -> Any:
    args, kwargs = tree_map_only(_Layout, lambda layout: layout.tensor("meta"), given)
    if kwargs.get("device") is not None:
        kwargs = {**kwargs, "device": torch.device("meta")}
    if func is torch.ops.aten._convolution.default:
        # of the two names of a convolution, torch before 2.13 has a meta kernel for the other alone
        func, args = torch.ops.aten.convolution.default, args[:9]
    try:
        with torch.no_grad():
            return tree_map_only(torch.Tensor, _Layout.of, func(*args, **kwargs))
    except (NotImplementedError, RuntimeError) as error:
        raise NeedsValues(f"{func}: {str(error).partition(chr(10))[0]}") from error


class _Recorded(TorchFunctionMode):
    """Mode that calls convolutions by the name that the tracer records: it passes over the public ones."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in _CONVOLUTIONS:
            return _convolution(*args, **kwargs)
        if func in _TRANSPOSED:
            return _transposed(*args, **kwargs)
        return func(*args, **kwargs)


def _convolution(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> torch.Tensor:
    dimensions = weight.dim() - 2
    steps = [_each(stride, dimensions), _each(dilation, dimensions)]
    if isinstance(padding, str):
        return torch._convolution_mode(input, weight, bias, steps[0], padding, steps[1], groups)
    flat = [0] * dimensions
    sizes = (steps[0], _each(padding, dimensions), steps[1])
    return torch._convolution(input, weight, bias, *sizes, False, flat, groups, False, False, False, False)


def _transposed(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> torch.Tensor:
    stride, padding, output_padding, dilation = (
        _each(value, weight.dim() - 2) for value in (stride, padding, output_padding, dilation)
    )
    plan = (stride, padding, dilation, True, output_padding, groups)
    return torch._convolution(input, weight, bias, *plan, False, False, False, False)


def _each(value: int | Sequence[int], dimensions: int) -> list[int]:
    if isinstance(value, int):
        return [value] * dimensions
    return list(value) * (dimensions if len(value) == 1 else 1)

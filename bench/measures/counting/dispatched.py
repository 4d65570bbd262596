"""The second counter: torch's `FlopCounterMode`, which counts the operators that a forward pass dispatches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import nn
from torch.nn import attention
from torch.utils import flop_counter
from torch.utils._python_dispatch import TorchDispatchMode

from bench.declare.formulas import FORMULAS, Formula
from bench.declare.places import Misdeclared
from bench.measures.counting.flow import Flow
from bench.measures.counting.layers import CallWatch
from bench.measures.counting.operators import does_no_multiply_adds
from bench.measures.counting.products import OF_COMPLEX, PRODUCTS_OF_ELEMENTS, of_tensors
from bench.measures.counting.shapes_only import NeedsValues

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Dispatched:
    """Counts of torch's counter."""

    by_operator: dict[str, int]
    """Multiply-adds by kind; those of attention count as products of matrices here, since it is decomposed."""
    activations: int
    """Elements of the results of all counted operators."""
    ran_on: str
    uncounted: dict[str, int]
    """Calls of the operators that the counter has no formula for."""
    declared: tuple[str, ...]
    """Operators that were counted by a formula of the user."""
    watch: CallWatch
    flow: Flow

    @property
    def macs(self) -> int:
        """Multiply-adds."""
        return sum(self.by_operator.values())

    @property
    def unknown(self) -> tuple[str, ...]:
        """Operators that the counter has no formula for, though they may do multiply-adds."""
        return tuple(name for name in self.uncounted if not does_no_multiply_adds(name))

    def of_modules(self) -> dict[str, int]:
        """Multiply-adds by module, including those of its submodules."""
        return self.watch.by_module()

    @classmethod
    def on_meta(cls, model: nn.Module, inputs: tuple[torch.Tensor, ...]) -> Dispatched:
        """Count on the meta device.

        Raises:
            NeedsValues: the model's way depends on values, or an operator has no meta kernel.
            Misdeclared: a declared formula returned no number of multiply-adds.
        """
        state = {name: t.to("meta") for name, t in (*model.named_parameters(), *model.named_buffers())}
        shapes = tuple(t.to("meta") for t in inputs)
        try:
            return cls._watched(model, lambda: torch.func.functional_call(model, state, shapes), "meta device")
        except Misdeclared:
            raise
        except Exception as error:  # of any kind: `numpy()` raises TypeError here, an assertion on values its own
            raise NeedsValues(str(error).partition("\n")[0]) from error

    @classmethod
    def of(cls, model: nn.Module, inputs: tuple[torch.Tensor, ...]) -> Dispatched:
        """Count on the meta device or, where that fails, on the tensors as they are."""
        try:
            return cls.on_meta(model, inputs)
        except NeedsValues as error:
            where = f"real tensors, since the meta device refused: {error}"
            return cls._watched(model, lambda: model(*inputs), where)

    @classmethod
    def _watched(cls, model: nn.Module, forward: Callable[[], object], where: str) -> Dispatched:
        """Run with attention decomposed, since `FlopCounterMode` sees none of the fused kernels."""
        fused = torch.backends.mha.get_fastpath_enabled()
        torch.backends.mha.set_fastpath_enabled(False)
        flow = Flow()
        counter = flop_counter.FlopCounterMode(display=False, custom_mapping=_formulas())
        calls = _Calls(flow, counter.flop_registry)
        try:
            watching = CallWatch(model, lambda: (counter.get_total_flops() // 2, calls.unknown), flow)
            math = attention.sdpa_kernel(attention.SDPBackend.MATH)
            with watching as watch, math, calls, counter:
                forward()
        finally:
            torch.backends.mha.set_fastpath_enabled(fused)
        by_operator: Counter[str] = Counter()
        for operator, flops in counter.get_flop_counts()["Global"].items():
            name = named(operator)
            plain = name.removeprefix("aten::")
            by_operator["declared" if name in FORMULAS else _KIND_OF.get(plain, plain)] += flops // 2
        return cls(
            by_operator=dict(by_operator),
            activations=calls.activations,
            ran_on=where,
            uncounted=calls.uncounted(),
            declared=tuple(name for name in calls.names() if name in FORMULAS),
            watch=watch,
            flow=flow,
        )


class _Calls(TorchDispatchMode):
    """Counts calls by operator, and reports each call to the flow.

    Args:
        flow: is told of each call.
        counted: the operators that `FlopCounterMode` has a formula for.
    """

    supports_higher_order_operators = True

    def __init__(self, flow: Flow, counted: Container[Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch annotates no constructor of a mode
        self._calls: Counter[Any] = Counter()
        self._complex: Counter[Any] = Counter()
        self._flow = flow
        self._counted = counted
        self.activations = 0
        """Elements of the results of the operators that are counted."""
        self.unknown = 0
        """Calls of operators that may do multiply-adds and are not counted, or only in part."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        packet = getattr(func, "_overloadpacket", func)
        self._calls[packet] += 1
        result = func(*args, **(kwargs or {}))
        counted = packet in self._counted
        if counted:
            self.activations += _results(packet, args, result)
        if (counted or packet.__name__ in PRODUCTS_OF_ELEMENTS) and all(map(_is_complex, args[:2])):
            self._complex[packet] += 1
            self.unknown += 1
        elif not counted and not does_no_multiply_adds(named(packet)):
            self.unknown += 1
        self._flow.note(packet.__name__, (args, kwargs), result)
        return result

    def names(self) -> Iterator[str]:
        """Names of the operators that were called."""
        return map(named, self._calls)

    def uncounted(self) -> dict[str, int]:
        """Calls of operators without a formula."""
        calls = {named(packet): n for packet, n in self._calls.items() if packet not in self._counted}
        return calls | {named(packet) + OF_COMPLEX: n for packet, n in self._complex.items()}


def named(operator: Any) -> str:
    """Name such as `aten::mm`; an operator that takes functions, such as flexible attention, has no namespace."""
    return str(getattr(operator, "_qualified_op_name", operator.__name__))


def _is_complex(value: object) -> bool:
    return isinstance(value, torch.Tensor) and value.is_complex()


def _results(packet: Any, args: tuple[Any, ...], result: Any) -> int:
    if packet is torch.ops.aten.mkldnn_rnn_layer:  # whose results are states, after the gates
        data, *weights = (tuple(tensor.shape) for tensor in args[:3])
        return int(prod(data[:-1]) * sum(sizes[0] for sizes in weights))
    return result.numel() if isinstance(result, torch.Tensor) else 0


def _formulas() -> dict[Any, Callable[..., int]]:
    """Formulas for `FlopCounterMode`, which counts two operations per multiply-add: ours, and those of users."""
    own = {packet: _twice(count) for name, count in MACS.items() if (packet := _packet(name))}
    declared = {packet: _declared(item) for item in FORMULAS if (packet := _packet(item.operator))}
    return own | declared


def _packet(name: str) -> Any:
    """The operator of a name; None where no imported library has one."""
    namespace, _, own = name.partition("::")
    return getattr(getattr(torch.ops, namespace), own, None)


def _twice(count: Callable[..., int]) -> Callable[..., int]:
    return lambda *args, out_shape, **kwargs: 2 * count(out_shape, *args)


def _declared(item: Formula) -> Callable[..., int]:
    def count(*args: Any, out_val: Any, **kwargs: Any) -> int:
        packet = _packet(item.operator)
        schema = getattr(packet, packet.overloads()[0])._schema
        given = [*args, *(kwargs.get(argument.name) for argument in schema.arguments[len(args) :])]
        tensors = [value for value, is_tensor in zip(given, of_tensors(schema), strict=True) if is_tensor]
        return 2 * item.of([_shapes(value) for value in tensors])

    count._get_raw = True  # type: ignore[attr-defined]  # what `FlopCounterMode` gives tensors by, not their shapes
    return count


def _shapes(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return tuple(value.shape)
    return None if value is None else tuple(map(_shapes, value))


def _at_each_row(out: Any, data: Shape, *weights: Any) -> int:
    return int(prod(data[:-1]) * (prod(weights[0]) + prod(weights[1])))


def _distance(out: Shape, data: Shape, *how: Any) -> int:
    power = next((value for value in how if isinstance(value, float)), 2.0)
    return prod(out) * data[-1] if power == 2 else 0


def _trilinear(out: Shape, first: Shape, second: Shape, third: Shape, *dimensions: Any) -> int:
    """Multiply-adds of a trilinear product: two tensors are multiplied and summed, and the result is multiplied by
    the third."""
    *added, summed = dimensions[:4]
    a, b, c = (_spread(sizes, new) for sizes, new in zip((first, second, third), added, strict=True))
    pair = [max(sizes) for sizes in zip(a, b, strict=True)]
    summed_first = {i for i in summed if i in added[2]}
    left = [max(sizes) for i, sizes in enumerate(zip(pair, c, strict=True)) if i not in summed_first]
    return prod(pair) + prod(left)


def _spread(sizes: Shape, added: Sequence[int]) -> list[int]:
    """Shape with a size of 1 at the added dimensions."""
    rest = iter(sizes)
    return [1 if i in added else next(rest) for i in range(len(sizes) + len(added))]


MACS: dict[str, Callable[..., int]] = {
    "aten::mv": lambda out, matrix, vector: prod(matrix),
    "aten::addmv": lambda out, added, matrix, vector: prod(matrix),
    "aten::dot": lambda out, first, second: prod(first),
    "aten::vdot": lambda out, first, second: prod(first),
    "aten::addbmm": lambda out, added, first, second: prod(first) * out[-1],
    "aten::conv_tbc": lambda out, data, weight, *_: prod(out) * prod(weight[:2]),
    "aten::affine_grid_generator": lambda out, theta, *_: prod(out) * theta[-1],
    "aten::_cdist_forward": _distance,
    "aten::_euclidean_dist": _distance,
    "aten::_pdist_forward": _distance,
    "aten::_trilinear": _trilinear,
    "aten::mkldnn_rnn_layer": _at_each_row,
    "torchvision::deform_conv2d": lambda out, data, weight, *_: prod(out) * prod(weight[1:]),
}
"""Multiply-adds by operator, from the shapes of its result and of its arguments."""
_KIND_OF = {
    **dict.fromkeys(
        ("convolution", "_convolution", "cudnn_convolution", "_slow_conv2d_forward", "conv_tbc"), "conv"
    ),
    "torchvision::deform_conv2d": "conv",
    **dict.fromkeys(("mm", "bmm", "baddbmm", "mv", "addmv", "dot", "vdot", "addbmm"), "matmul"),
    "affine_grid_generator": "matmul",
    **dict.fromkeys(("_cdist_forward", "_euclidean_dist", "_pdist_forward"), "distance"),
    "_trilinear": "bilinear",
    "mkldnn_rnn_layer": "recurrent",
}
"""Kinds of counted operators by name; an operator that is missing here is its own kind."""

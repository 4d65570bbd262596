"""Multiply-adds and outputs of the counted operators of a trace; fvcore's handles where they are right.

A handle takes the inputs and outputs of an operator as values of the traced graph, and returns its multiply-adds
by kind, with the elements of its products' results as `OUTPUTS`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import torch

from bench.declare.formulas import FORMULAS, Formula
from bench.measures.counting.contraction import contraction

KINDS = frozenset(
    {
        *("conv", "linear", "addmm", "matmul", "einsum", "attention"),
        *("recurrent", "bilinear", "distance", "declared"),
    }
)
"""Kinds of counted operators: convolutions, linear and recurrent layers, products of matrices (those of attention,
bilinear forms and Euclidean distances, too), and those that users declare."""
OUTPUTS = "outputs"
"""Key of the elements of the results of all counted operators."""
UNCOUNTED = "uncounted "
"""Prefix of the kinds under which a handle reports a call that it cannot count; the operator's name follows."""
OF_COMPLEX = " of complex numbers"
"""Suffix of an operator's name for complex numbers: four multiply-adds where the formula has one."""

Values = Sequence[Any]
"""Values of the graph, loosely typed: torch's stubs lack most of the attributes that are used here."""
Handle = Callable[[Values, Values], Counter[str]]


def shape(value: Any) -> list[int]:
    """The sizes of a tensor in the graph."""
    sizes: list[int] = value.type().sizes()
    return sizes


def matmul(inputs: Values, outputs: Values) -> Counter[str]:
    """A product of matrices or vectors, broadcast or not: one dot product for each element of the result."""
    return Counter(matmul=prod(shape(outputs[0])) * shape(inputs[0])[-1])


def added_matmul(inputs: Values, outputs: Values) -> Counter[str]:
    """Products of matrices or vectors that are added to the first input."""
    return matmul(inputs[1:], outputs)


def addbmm(inputs: Values, outputs: Values) -> Counter[str]:
    """A batch of products of matrices whose sum is added to the first input."""
    return Counter(matmul=prod(shape(inputs[1])) * shape(outputs[0])[-1])


def vecdot(inputs: Values, outputs: Values) -> Counter[str]:
    """Dot products along one axis, which torch takes apart into products of elements and their sums."""
    return Counter(matmul=prod(shape(outputs[0])) * shape(inputs[0])[inputs[2].toIValue()])


def tensordot(inputs: Values, outputs: Values) -> Counter[str]:
    """One multiply-add for each element of the result and each combination of the contracted indices."""
    first = shape(inputs[0])
    return Counter(matmul=prod(shape(outputs[0])) * prod(first[i] for i in _constants(inputs[2])))


def einsum(inputs: Values, outputs: Values) -> Counter[str]:
    """Products of an einsum's contractions, two tensors at a time."""
    shapes = [shape(tensor) for tensor in inputs[1].node().inputs()]
    macs, results = contraction(inputs[0].toIValue(), shapes, _constants(inputs[2]))
    return Counter({"einsum": macs, OUTPUTS: results})


def convolution_by_mode(inputs: Values, outputs: Values) -> Counter[str]:
    """A convolution whose padding is a word (`same`, `valid`), or a deformable one: outputs x fan-in of the
    kernel."""
    return Counter(conv=prod(shape(outputs[0])) * prod(shape(inputs[1])[1:]))


def convolution_over_time(inputs: Values, outputs: Values) -> Counter[str]:
    """A `conv_tbc`, whose weight is K x C x O: outputs x K x C."""
    return Counter(conv=prod(shape(outputs[0])) * prod(shape(inputs[1])[:2]))


def bilinear(inputs: Values, outputs: Values) -> Counter[str]:
    """A form x1 W x2 with W of O x I x J: for each row O x I x J for x1 W, and O x J for the product with x2."""
    _, left, right = shape(inputs[2])
    return Counter(bilinear=prod(shape(outputs[0])) * right * (left + 1))


def distance(inputs: Values, outputs: Values) -> Counter[str]:
    """Distances of vectors of D elements: D each where they are Euclidean; others multiply nothing."""
    power = next(value.toIValue() for value in inputs if isinstance(value.toIValue(), float))
    return Counter(distance=prod(shape(outputs[0])) * shape(inputs[0])[-1] if power == 2 else 0)


def sampling_grid(inputs: Values, outputs: Values) -> Counter[str]:
    """The product of an affine grid's coordinates with each picture's matrix."""
    return Counter(matmul=prod(shape(outputs[0])) * shape(inputs[0])[-1])


def recurrent(inputs: Values, outputs: Values) -> Counter[str]:
    """An LSTM, GRU or plain recurrent network: each weight matrix of each layer and direction, at each step."""
    weights = [value for value in inputs if value.node().kind() == "prim::ListConstruct"][-1]
    return _at_each_row(inputs[0], weights.node().inputs())


def recurrent_cell(inputs: Values, outputs: Values) -> Counter[str]:
    """One step of a recurrent layer: its two weight matrices."""
    return _at_each_row(inputs[0], inputs[2:4])


def _at_each_row(data: Any, weights: Values) -> Counter[str]:
    rows = prod(shape(data)[:-1])
    matrices = [sizes for sizes in map(shape, weights) if len(sizes) == 2]
    macs, results = sum(map(prod, matrices)), sum(sizes[0] for sizes in matrices)
    return Counter({"recurrent": rows * macs, OUTPUTS: rows * results})


def scaled_dot_product_attention(inputs: Values, outputs: Values) -> Counter[str]:
    """The products QK^T and AV: batch x L x S x (E + Ev), for queries L x E, keys S x E and values S x Ev."""
    *batch, queries, width = shape(inputs[0])
    keys, width_of_values = shape(inputs[2])[-2:]
    results = prod(batch) * queries * keys + prod(shape(outputs[0]))  # as where attention is written out
    return Counter({"attention": prod(batch) * queries * keys * (width + width_of_values), OUTPUTS: results})


def multi_head_attention(inputs: Values, outputs: Values) -> Counter[str]:
    """The fused self-attention of inference: projections to Q, K, V and of the result, and QK^T and AV between."""
    batch, tokens, width = shape(inputs[0])
    heads = inputs[4].toIValue()
    return Counter(
        {
            "linear": batch * tokens * 4 * width * width,
            "attention": batch * tokens * tokens * 2 * width,
            OUTPUTS: batch * tokens * (5 * width + heads * tokens),
        }
    )


def handles() -> dict[str, Handle]:
    """Handles by the operator's name, in place of fvcore's handles or beside them; imports fvcore."""
    from fvcore.nn import jit_handles

    def fvcores(kind: str, count: Callable[..., Any]) -> Handle:
        def handle(inputs: Values, outputs: Values) -> Counter[str]:
            found = count(list(inputs), list(outputs))
            return found if isinstance(found, Counter) else Counter({kind: int(found)})

        return handle

    products: dict[str, Handle] = {
        "aten::_convolution": fvcores("conv", jit_handles.conv_flop_jit),
        "aten::_convolution_mode": convolution_by_mode,
        "torchvision::deform_conv2d": convolution_by_mode,
        "aten::conv_tbc": convolution_over_time,
        "aten::linear": fvcores("linear", jit_handles.linear_flop_jit),
        "aten::addmm": fvcores("addmm", jit_handles.addmm_flop_jit),
        **dict.fromkeys(("aten::baddbmm", "aten::addmv"), added_matmul),
        "aten::addbmm": addbmm,
        **dict.fromkeys((f"aten::{name}" for name in _MATMULS), matmul),
        "aten::linalg_vecdot": vecdot,
        "aten::tensordot": tensordot,
        "aten::einsum": einsum,
        "aten::bilinear": bilinear,
        **dict.fromkeys(("aten::cdist", "aten::pdist"), distance),
        "aten::affine_grid_generator": sampling_grid,
        **dict.fromkeys(("aten::lstm", "aten::gru", "aten::rnn_tanh", "aten::rnn_relu"), recurrent),
        **dict.fromkeys((f"aten::{name}_cell" for name in _CELLS), recurrent_cell),
        "aten::scaled_dot_product_attention": scaled_dot_product_attention,
        "aten::_native_multi_head_attention": multi_head_attention,
        **{item.operator: _declared(item) for item in FORMULAS},
    }
    elements = {f"aten::{name}": _of_elements(f"aten::{name}") for name in PRODUCTS_OF_ELEMENTS}
    return {name: _with_results(name, count) for name, count in products.items()} | elements


_MATMULS = ("matmul", "linalg_matmul", "bmm", "mm", "mv", "dot", "vdot", "inner")
_CELLS = ("lstm", "gru", "rnn_tanh", "rnn_relu")
PRODUCTS_OF_ELEMENTS = ("mul", "mul_", "multiply", "multiply_", "addcmul", "addcmul_")
"""Products of elements, whose complex form is a product of 2 x 2 matrices."""


def _declared(item: Formula) -> Handle:
    def handle(inputs: Values, outputs: Values) -> Counter[str]:
        schema = torch._C.parse_schema(outputs[0].node().schema())
        tensors = [value for value, is_tensor in zip(inputs, of_tensors(schema), strict=True) if is_tensor]
        return Counter(declared=item.of([_shapes(value) for value in tensors]))

    return handle


def of_tensors(schema: Any) -> list[bool]:
    """Whether each argument of an operator is a tensor, or a list of tensors."""
    return ["Tensor" in str(argument.type) for argument in schema.arguments]


def _shapes(value: Any) -> Any:
    """Shape of a tensor, shapes of a list of tensors, or None for an omitted one."""
    if value.node().kind() == "prim::ListConstruct":
        return tuple(map(_shapes, value.node().inputs()))
    return tuple(shape(value)) if value.type().kind() == "TensorType" else None


def _with_results(name: str, count: Handle) -> Handle:
    """Handle with the elements of the result added, where it lacks them, and complex numbers marked."""

    def handle(inputs: Values, outputs: Values) -> Counter[str]:
        found = count(inputs, outputs)
        if OUTPUTS not in found:
            found[OUTPUTS] = prod(shape(outputs[0]))
        if _is_complex(outputs[0]):
            found[UNCOUNTED + name + OF_COMPLEX] = 1
        return found

    return handle


def _of_elements(name: str) -> Handle:
    def handle(inputs: Values, outputs: Values) -> Counter[str]:
        both = all(map(_is_complex, inputs[:2]))
        return Counter({UNCOUNTED + name + (OF_COMPLEX if both else ""): 1})

    return handle


def _is_complex(value: Any) -> bool:
    kind = value.type()
    return kind.kind() == "TensorType" and kind.dtype() is not None and kind.dtype().is_complex


def _constants(value: Any) -> list[int]:
    """Whole numbers of a list in the graph; empty where the value is not a list."""
    if value.node().kind() == "prim::ListConstruct":
        return [item.toIValue() for item in value.node().inputs()]
    return value.toIValue() or []

"""Multiply-adds of the operators that fvcore misses, miscounts or only estimates.

A handle takes the inputs and outputs of an operator as values of the traced graph, and returns its multiply-adds
by kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from bench.errors import Unsupported

KINDS = frozenset({"conv", "linear", "addmm", "matmul", "einsum", "attention"})
"""What is counted: convolutions, linear layers and products of matrices, those of attention among them."""

Values = Sequence[Any]
"""Values of the graph: torch's stubs leave out most of what is asked of them here."""
Handle = Callable[[Values, Values], Counter[str]]


def shape(value: Any) -> list[int]:
    """The sizes of a tensor in the graph."""
    sizes: list[int] = value.type().sizes()
    return sizes


def matmul(inputs: Values, outputs: Values) -> Counter[str]:
    """A product of matrices or vectors, broadcast or not: one dot product for each element of the result."""
    return Counter(matmul=prod(shape(outputs[0])) * shape(inputs[0])[-1])


def baddbmm(inputs: Values, outputs: Values) -> Counter[str]:
    """A batch of products of matrices, added to the first input."""
    return matmul(inputs[1:], outputs)


def einsum(inputs: Values, outputs: Values) -> Counter[str]:
    """A product of two tensors: one multiply-add for each combination of all its indices.

    Raises:
        Unsupported: the equation has an ellipsis, or more than two tensors, whose cost depends on the order.
    """
    equation = inputs[0].toIValue().replace(" ", "")
    tensors = list(inputs[1].node().inputs())
    if "." in equation or len(tensors) > 2:
        raise Unsupported(f"the multiply-adds of einsum '{equation}' depend on how it is evaluated")
    sizes: dict[str, int] = {}
    for letters, tensor in zip(equation.partition("->")[0].split(","), tensors, strict=True):
        sizes.update(zip(letters, shape(tensor), strict=True))
    return Counter(einsum=prod(sizes.values()))


def convolution_by_mode(inputs: Values, outputs: Values) -> Counter[str]:
    """A convolution whose padding is a word (`same`, `valid`): outputs x fan-in of the kernel."""
    return Counter(conv=prod(shape(outputs[0])) * prod(shape(inputs[1])[1:]))


def scaled_dot_product_attention(inputs: Values, outputs: Values) -> Counter[str]:
    """The products QK^T and AV: batch x L x S x (E + Ev), for queries L x E, keys S x E and values S x Ev."""
    *batch, queries, width = shape(inputs[0])
    keys, width_of_values = shape(inputs[2])[-2:]
    return Counter(attention=prod(batch) * queries * keys * (width + width_of_values))


def multi_head_attention(inputs: Values, outputs: Values) -> Counter[str]:
    """The fused self-attention of inference: projections to Q, K, V and of the result, and QK^T and AV between."""
    batch, tokens, width = shape(inputs[0])
    return Counter(
        linear=batch * tokens * 4 * width * width,
        attention=batch * tokens * tokens * 2 * width,
    )


HANDLES: dict[str, Handle] = {
    "aten::matmul": matmul,
    "aten::bmm": matmul,
    "aten::mm": matmul,
    "aten::baddbmm": baddbmm,
    "aten::einsum": einsum,
    "aten::_convolution_mode": convolution_by_mode,
    "aten::scaled_dot_product_attention": scaled_dot_product_attention,
    "aten::_native_multi_head_attention": multi_head_attention,
}
"""By the operator's name, in place of fvcore's handles or beside them."""

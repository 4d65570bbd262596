"""Multiply-adds and outputs of the operators that are counted; fvcore's own handles serve where they are right.

A handle takes the inputs and outputs of an operator as values of the traced graph, and returns its multiply-adds
by kind, with the elements of its products' results as `OUTPUTS`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from bench.errors import Unsupported

KINDS = frozenset({"conv", "linear", "addmm", "matmul", "einsum", "attention"})
"""What is counted: convolutions, linear layers and products of matrices, those of attention among them."""
OUTPUTS = "outputs"
"""Elements of the results of what is counted."""

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


def _results(inputs: Values, outputs: Values) -> int:
    return prod(shape(outputs[0]))


def _results_of_attention(inputs: Values, outputs: Values) -> int:
    """Of QK^T and AV, as where attention is written out."""
    *batch, queries, _ = shape(inputs[0])
    return prod(batch) * queries * shape(inputs[1])[-2] + prod(shape(outputs[0]))


def _results_of_multi_head_attention(inputs: Values, outputs: Values) -> int:
    """Of the projections to Q, K and V, of QK^T of every head, of AV and of the last projection."""
    batch, tokens, width = shape(inputs[0])
    heads = inputs[4].toIValue()
    return int(batch * tokens * (5 * width + heads * tokens))


def handles() -> dict[str, Handle]:
    """By the operator's name, in place of fvcore's handles or beside them; imports fvcore."""
    from fvcore.nn import jit_handles

    def conv(inputs: Values, outputs: Values) -> Counter[str]:
        found: Counter[str] = jit_handles.conv_flop_jit(list(inputs), list(outputs))
        return found

    def named(kind: str, count: Callable[..., Any]) -> Handle:
        return lambda inputs, outputs: Counter({kind: int(count(list(inputs), list(outputs)))})

    products: dict[str, Handle] = {
        "aten::_convolution": conv,
        "aten::_convolution_mode": convolution_by_mode,
        "aten::linear": named("linear", jit_handles.linear_flop_jit),
        "aten::addmm": named("addmm", jit_handles.addmm_flop_jit),
        "aten::matmul": matmul,
        "aten::bmm": matmul,
        "aten::mm": matmul,
        "aten::baddbmm": baddbmm,
        "aten::einsum": einsum,
        "aten::scaled_dot_product_attention": scaled_dot_product_attention,
        "aten::_native_multi_head_attention": multi_head_attention,
    }
    own = {
        "aten::scaled_dot_product_attention": _results_of_attention,
        "aten::_native_multi_head_attention": _results_of_multi_head_attention,
    }
    return {name: _with_results(count, own.get(name, _results)) for name, count in products.items()}


def _with_results(count: Handle, results: Callable[[Values, Values], int]) -> Handle:
    return lambda inputs, outputs: count(inputs, outputs) + Counter({OUTPUTS: results(inputs, outputs)})

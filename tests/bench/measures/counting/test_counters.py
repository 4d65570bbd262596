"""What both counters see of other people's networks, and what is said of what neither knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from tests.bench.measures.counting.nets import Net, agreed, counted


def of_rows(layer: nn.Module) -> nn.Module:
    """A classifier of pictures of 28 rows, which reads them row by row."""
    return Net(
        lambda net, images: net.head(net.layer(images.squeeze(1))[0][:, -1]), layer=layer, head=nn.Linear(128, 10)
    )


@pytest.mark.parametrize(("kind", "gates"), [(nn.LSTM, 4), (nn.GRU, 3), (nn.RNN, 1)], ids=["lstm", "gru", "rnn"])
def test_a_recurrent_layer_takes_its_weights_at_each_step(kind: type[nn.Module], gates: int) -> None:
    # 28 steps, each gate of 128 units takes 28 inputs and 128 states; 2,237,696 in all with an LSTM
    net = of_rows(kind(28, 128, batch_first=True))
    assert 28 * gates * (28 * 128 + 128 * 128) + 128 * 10 == agreed(net, 1, 1, 28, 28)


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
def test_a_recurrent_layer_counts_layers_directions_and_projections() -> None:
    layer = nn.LSTM(28, 64, num_layers=2, bidirectional=True, proj_size=16, batch_first=True)
    net = Net(lambda net, images: net.layer(images.squeeze(1))[0], layer=layer)
    # of each direction: inputs and 16 projected states to 4 gates of 64, then 64 to 16; the second takes 2 x 16
    first, second = (2 * (4 * 64 * (width + 16) + 64 * 16) for width in (28, 2 * 16))
    assert 28 * (first + second) == agreed(net, 1, 1, 28, 28)


@pytest.mark.parametrize(
    ("cell", "gates"),
    [(nn.LSTMCell(8, 5), 4), (nn.GRUCell(8, 5), 3), (nn.RNNCell(8, 5), 1)],
    ids=["lstm", "gru", "rnn"],
)
def test_a_recurrent_cell_takes_its_weights_once_a_row(cell: nn.Module, gates: int) -> None:
    net = Net(lambda net, rows: net.cell(rows)[0], cell=cell)
    assert 3 * gates * (8 * 5 + 5 * 5) == agreed(net, 3, 8)


def test_packed_rows_take_the_weights_of_the_steps_that_they_have() -> None:
    def forward(net: Any, images: torch.Tensor) -> torch.Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(images, torch.tensor([5, 2]), batch_first=True)
        result: torch.Tensor = net.layer(packed)[0].data
        return result

    assert (5 + 2) * 4 * (8 * 6 + 6 * 6) == agreed(Net(forward, layer=nn.LSTM(8, 6, batch_first=True)), 2, 5, 8)


PRODUCTS: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "ellipsis": lambda y, w: torch.einsum("...c,cd->...d", y, w),
    "letters": lambda y, w: torch.einsum("nhwc,cd->nhwd", y, w),
    "tensordot": lambda y, w: torch.tensordot(y, w, dims=1),
}


def test_dot_products_along_an_axis_are_not_passed_over() -> None:
    net = Net(lambda net, rows: torch.linalg.vecdot(rows, rows, dim=1))
    found = counted(net, 2, 8, 3)
    # torch takes them apart into products of elements, so that the second counter cannot see them
    assert (2 * 8 * 3, False) == (found.total, found.counters_agree)


@pytest.mark.parametrize("product", PRODUCTS)
def test_of_contractions_products_cost_and_moves_and_sums_do_not(product: str) -> None:
    def forward(net: Any, images: torch.Tensor) -> torch.Tensor:
        mixed = PRODUCTS[product](torch.einsum("nchw->nhwc", images), net.weight)
        scores: torch.Tensor = net.head(torch.einsum("nhwd->nd", mixed))
        return scores

    net = Net(forward, weight=nn.Parameter(torch.randn(3, 16)), head=nn.Linear(16, 1000))
    # 32 x 32 places, 3 to 16 channels; the head
    assert 32 * 32 * 3 * 16 + 16 * 1000 == agreed(net)


@pytest.mark.parametrize("reentrant", [None, False, True])
def test_work_within_a_checkpoint_counts_as_without_one(reentrant: bool | None) -> None:
    def forward(net: Any, images: torch.Tensor) -> torch.Tensor:
        maps = net.first(images)
        maps = net.second(maps) if reentrant is None else checkpoint(net.second, maps, use_reentrant=reentrant)
        scores: torch.Tensor = net.head(maps.mean((2, 3)))
        return scores

    convolutions = {"first": nn.Conv2d(3, 16, 3, padding=1), "second": nn.Conv2d(16, 16, 3, padding=1)}
    expected = 32 * 32 * 9 * 16 * (3 + 16) + 16 * 1000  # 2,817,664
    assert expected == agreed(Net(forward, **convolutions, head=nn.Linear(16, 1000)))


class Rounded(torch.autograd.Function):
    """Rounds, as if it did not."""

    @staticmethod
    def forward(ctx: Any, weight: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(weight)
        ctx.wanted = ctx.needs_input_grad[0]
        return weight.round()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        return gradient


class Multiplied(torch.autograd.Function):
    """A product whose context is set up apart."""

    @staticmethod
    def forward(rows: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return rows @ weight.t()

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        return gradient, None


rounded: Any = Rounded.apply  # as libraries bind it, before anything is counted
multiplied: Any = Multiplied.apply


def test_work_within_an_autograd_function_counts_however_its_forward_is_written() -> None:
    net = Net(
        lambda net, rows: multiplied(functional.linear(rows, rounded(net.first)), net.second),
        first=nn.Parameter(torch.randn(5, 8)),
        second=nn.Parameter(torch.randn(7, 5)),
    )
    assert 3 * (8 * 5 + 5 * 7) == agreed(net, 3, 8)


def test_autograd_functions_are_as_before_after_a_count() -> None:
    counted(Net(lambda net, rows: rounded(rows)), 3, 8)
    weight = torch.full((2,), 0.7, requires_grad=True)
    (gradient,) = torch.autograd.grad(rounded(weight).sum(), weight)
    assert [1.0, 1.0] == gradient.tolist()


def test_a_bilinear_layer_takes_its_weights_and_then_the_second_input() -> None:
    def forward(net: Any, images: torch.Tensor) -> torch.Tensor:
        features = net.conv(images).mean((2, 3))
        scores: torch.Tensor = net.pair(features, features)
        return scores

    net = Net(forward, conv=nn.Conv2d(3, 16, 3, stride=2, padding=1), pair=nn.Bilinear(16, 16, 1000))
    # x1 W: 1000 x 16 x 16, as many as the weights; its product with x2: 1000 x 16
    assert 16 * 16 * 16 * 27 + 1000 * 16 * 16 + 1000 * 16 == agreed(net)


def test_euclidean_distances_take_a_product_for_each_element() -> None:
    # 1 picture, 1000 prototypes of 192 elements
    near = Net(lambda net, rows: torch.cdist(rows, net.prototypes), prototypes=torch.randn(1000, 192))
    assert 1000 * 192 == agreed(near, 1, 192)


@pytest.mark.parametrize(
    ("distances", "expected"),
    [
        (lambda rows: torch.cdist(rows, rows), 2 * 5 * 5 * 8),
        (lambda rows: torch.cdist(rows, rows, p=1.0), 0),
        (lambda rows: functional.pdist(rows[0]), 10 * 8),
    ],
    ids=["batch", "manhattan", "pairs"],
)
def test_distances_that_are_not_euclidean_multiply_nothing(
    distances: Callable[[torch.Tensor], torch.Tensor], expected: int
) -> None:
    assert expected == agreed(Net(lambda net, rows: distances(rows)), 2, 5, 8)


VECTORS: dict[str, tuple[Callable[[torch.Tensor], torch.Tensor], int]] = {
    "mv": (lambda a: torch.mv(a, a[0]), 5 * 8),
    "addmv": (lambda a: torch.addmv(a[:, 0], a, a[0]), 5 * 8),
    "matmul": (lambda a: a @ a[0], 5 * 8),
    "dot": (lambda a: torch.dot(a[0], a[1]), 8),
    "vdot": (lambda a: torch.vdot(a[0], a[1]), 8),
    "inner": (lambda a: torch.inner(a, a), 5 * 5 * 8),
    "addbmm": (lambda a: torch.addbmm(a @ a.t(), a[None], a.t()[None]), 2 * 5 * 5 * 8),
    "outer": (lambda a: torch.outer(a[0], a[1]), 0),
    "affine grid": (
        lambda a: functional.affine_grid(a[None, :2, :3], [1, 1, 4, 6], align_corners=False),
        4 * 6 * 2 * 3,
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_products_with_vectors_count(name: str) -> None:
    function, expected = VECTORS[name]
    assert expected == agreed(Net(lambda net, rows: function(rows)), 5, 8)


def test_spectral_norm_multiplies_its_weight_with_a_vector() -> None:
    # the weight as a matrix of 16 x 27 times v, and a dot product of 16 with u; then the convolution itself
    net = nn.utils.parametrizations.spectral_norm(nn.Conv2d(3, 16, 3, padding=1))
    assert 16 * 27 + 16 + 32 * 32 * 16 * 27 == agreed(net)


def gated(answer: float) -> nn.Module:
    """A network that asks a layer of its own whether to go on; the answer is its bias."""
    net = Net(
        _with_gate,
        first=nn.Conv2d(1, 8, 3, padding=1),
        second=nn.Conv2d(8, 8, 3, padding=1),
        gate=nn.Linear(8, 1),
        head=nn.Linear(8, 10),
    )
    for value, parameter in zip((0.0, answer), net.get_submodule("gate").parameters(), strict=True):
        nn.init.constant_(parameter, value)
    return net


def _with_gate(net: Any, images: torch.Tensor) -> torch.Tensor:
    maps = net.first(images)
    if net.gate(maps.mean((2, 3))).item() > 0:
        maps = net.second(maps)
    scores: torch.Tensor = net.head(maps.mean((2, 3)))
    return scores


SHORT = 28 * 28 * 8 * 9 + 8 + 8 * 10
"""The first convolution, the gate and the head: 56,536."""


@pytest.mark.parametrize(("answer", "expected"), [(-1.0, SHORT), (1.0, SHORT + 28 * 28 * 8 * 8 * 9)])
def test_a_layer_that_only_decides_the_way_counts(answer: float, expected: int) -> None:
    assert expected == agreed(gated(answer), 1, 1, 28, 28)


def test_what_is_computed_and_thrown_away_counts() -> None:
    def forward(net: Any, rows: torch.Tensor) -> torch.Tensor:
        net.aside(rows)
        scores: torch.Tensor = net.head(rows)
        return scores

    assert 3 * (8 * 4 + 8 * 5) == agreed(Net(forward, aside=nn.Linear(8, 4), head=nn.Linear(8, 5)), 3, 8)


@pytest.fixture
def deformable() -> Iterator[Any]:
    """torchvision's operator, or what stands for it where its library is not there: a schema and shapes."""
    if hasattr(torch.ops.torchvision, "deform_conv2d"):
        yield torch.ops.torchvision.deform_conv2d
        return
    library = torch.library.Library("torchvision", "FRAGMENT")
    library.define("deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias) -> Tensor")
    library.impl("deform_conv2d", lambda x, w, *_: x.new_zeros(x.shape[0], w.shape[0], *x.shape[2:]), "CPU")
    library.impl("deform_conv2d", lambda x, w, *_: x.new_empty(x.shape[0], w.shape[0], *x.shape[2:]), "Meta")
    yield torch.ops.torchvision.deform_conv2d
    library._destroy()


def test_a_deformable_convolution_counts_as_one_of_its_shape(deformable: Any) -> None:
    numbers = () if len(deformable.default._schema.arguments) == 5 else (1, 1, 1, 1, 1, 1, 1, 1, True)

    def forward(net: Any, images: torch.Tensor) -> torch.Tensor:
        offset, mask = images.new_zeros(1, 18, 32, 32), images.new_zeros(1, 9, 32, 32)
        result: torch.Tensor = deformable(images, net.weight, offset, mask, net.bias, *numbers)
        return result

    net = Net(forward, weight=nn.Parameter(torch.randn(16, 3, 3, 3)), bias=nn.Parameter(torch.zeros(16)))
    assert 32 * 32 * 16 * 27 == agreed(net)


def test_a_convolution_over_time_counts() -> None:
    net = Net(
        lambda net, rows: torch.conv_tbc(rows, net.weight, net.bias),
        weight=torch.randn(3, 4, 6),
        bias=torch.zeros(6),
    )
    assert (9 - 2) * 2 * 6 * 3 * 4 == agreed(net, 9, 2, 4)

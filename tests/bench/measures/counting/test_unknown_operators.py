"""What is said of an operator that a counter does not know, and formulas that users declare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn

from bench.declare.formulas import FORMULAS, multiply_adds
from bench.declare.places import Misdeclared
from tests.bench.measures.counting.nets import Net, counted


@torch.library.custom_op("counters::project", mutates_args=())
def project(images: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return images @ weight.t()


@project.register_fake
def _(images: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return images.new_empty(images.shape[0], weight.shape[0])


@torch.library.custom_op("counters::mix", mutates_args=())
def mix(parts: list[torch.Tensor], bias: torch.Tensor | None = None, times: int = 1) -> torch.Tensor:
    return parts[0].clone()


@mix.register_fake
def _(parts: list[torch.Tensor], bias: torch.Tensor | None = None, times: int = 1) -> torch.Tensor:
    return torch.empty_like(parts[0])


def with_operator() -> nn.Module:
    return Net(
        lambda net, images: project(net.conv(images).mean((2, 3)), net.weight),
        conv=nn.Conv2d(3, 64, 3, stride=2, padding=1),
        weight=nn.Parameter(torch.randn(1000, 64)),
    )


BEFORE = 16 * 16 * 64 * 27
"""Multiply-adds of its convolution: 442,368."""


def test_an_operator_that_neither_counter_knows_makes_the_figure_a_lower_bound_that_names_it() -> None:
    count = counted(with_operator())
    assert (BEFORE, ("counters::project",), False) == (count.total, count.incomplete, count.counters_agree)
    assert "no: neither counts counters::project" == count.agreement


def test_the_layer_whose_multiply_adds_are_missing_says_so() -> None:
    assert [("conv", 0), ("", 1)] == [(layer.name, layer.uncounted) for layer in counted(with_operator()).layers]


@pytest.fixture
def formulas() -> Iterator[None]:
    """What is declared is forgotten after the test."""
    kept = dict(FORMULAS._items), dict(FORMULAS._places)
    yield
    FORMULAS._items, FORMULAS._places = kept


@pytest.mark.usefixtures("formulas")
def test_a_declared_formula_counts_an_operator_in_both_counters_and_is_named() -> None:
    @multiply_adds("counters::project")
    def _(images: tuple[int, ...], weight: tuple[int, ...]) -> int:
        return images[0] * images[1] * weight[0]

    count = counted(with_operator())
    # and 64 x 1000: 506,368
    assert (BEFORE + 64 * 1000, True, ()) == (count.total, count.counters_agree, count.incomplete)
    assert "yes, with the formula of counters::project" == count.agreement
    assert count.total == sum(layer.macs for layer in count.layers)


@pytest.mark.usefixtures("formulas")
def test_a_formula_is_given_shapes_by_the_operators_signature() -> None:
    given: list[tuple[Any, ...]] = []

    @multiply_adds("counters::mix")
    def _(*shapes: Any) -> int:
        given.append(shapes)
        return 7

    net = Net(lambda net, rows: mix([rows, rows[:, :2]], times=3))
    assert 7 == counted(net, 3, 8).total
    assert [(((3, 8), (3, 2)), None)] * 2 == given


@pytest.mark.usefixtures("formulas")
@pytest.mark.parametrize("returned", [1.5, -1, True, None])
def test_a_formula_that_returns_no_whole_number_is_named_with_its_place(returned: Any) -> None:
    @multiply_adds("counters::project")
    def _(images: Any, weight: Any) -> int:
        wrong: int = returned
        return wrong

    with pytest.raises(
        Misdeclared, match=r"the formula of 'counters::project' \(test_unknown_operators.py:\d+\) returned "
    ):
        counted(with_operator())


def test_transforms_and_products_of_complex_numbers_are_named() -> None:
    def forward(net: Any, images: torch.Tensor) -> torch.Tensor:
        waves = torch.fft.rfft2(net.first(images)) * net.filter
        maps: torch.Tensor = net.second(torch.fft.irfft2(waves))
        return maps

    convolutions = {"first": nn.Conv2d(3, 8, 3, padding=1), "second": nn.Conv2d(8, 8, 3, padding=1)}
    count = counted(Net(forward, **convolutions, filter=nn.Parameter(torch.randn(8, 32, 17, dtype=torch.cfloat))))
    assert 32 * 32 * 8 * 9 * (3 + 8) == count.total
    assert ("aten::fft_rfft2", "aten::fft_irfft2", "aten::mul of complex numbers") == count.incomplete


def test_a_product_of_complex_matrices_is_four_of_real_ones_and_named() -> None:
    net = Net(lambda net, rows: torch.view_as_real(torch.view_as_complex(rows) @ net.weight))
    net.weight = nn.Parameter(torch.randn(4, 6, dtype=torch.cfloat))
    count = counted(net, 3, 4, 2)
    assert (3 * 4 * 6, ("aten::matmul of complex numbers",)) == (count.total, count.incomplete)


def test_where_one_counter_does_not_know_an_operator_the_figure_is_the_others() -> None:
    # fvcore has no count of the power of a matrix, which torch makes of two products
    count = counted(Net(lambda net, rows: torch.linalg.matrix_power(rows, 3)), 5, 5)
    assert (2 * 5**3, 0, ()) == (count.total, count.first_counter, count.incomplete)
    assert "torch's counter alone: fvcore has no count of aten::linalg_matrix_power" == count.agreement
    assert count.total == sum(layer.macs for layer in count.layers)

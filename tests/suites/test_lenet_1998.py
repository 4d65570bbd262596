"""LeNet-5 as its paper prints it."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import suites.architectures  # noqa: F401  (declares)
from bench.declare.catalog import ARCHITECTURES
from bench.measures.counts import count_macs, count_parameters
from bench.network.building import build_untouched
from bench.network.subject import classes_of
from suites.models import lenet_1998


def built(name: str) -> nn.Module:
    """The model as its cost is measured; large tensors hold no values."""
    item = ARCHITECTURES.get(name)
    return build_untouched(item.build, classes_of(item)).eval()


def parameters(module: nn.Module) -> int:
    return count_parameters(module).total


def macs(name: str) -> int:
    item = ARCHITECTURES.get(name)
    return count_macs(built(name), torch.empty(1, item.channels, item.resolution, item.resolution)).total


def maps_after(model: nn.Module, kinds: tuple[type[nn.Module], ...], channels: int, side: int) -> list[list[int]]:
    """Channels, height and width of the outputs of all modules of these kinds, in the order of running."""
    shapes: list[list[int]] = []
    for module in model.modules():
        if isinstance(module, kinds):
            module.register_forward_hook(lambda _, __, out: shapes.append(list(out.shape[1:])))
    model.to("meta")(torch.empty(1, channels, side, side, device="meta"))
    return shapes


def test_lenet5_of_1998_has_the_papers_parameters_layer_by_layer() -> None:
    layers = {name: parameters(layer) for name, layer in built("lenet5_1998").named_children()}
    assert {"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48120, "f6": 10164, "output": 0} == layers


def test_lenet5_of_1998_has_60000_parameters_whatever_the_number_of_classes() -> None:
    assert [60000, 60000] == [parameters(lenet_1998.lenet5_1998(classes)) for classes in (10, 100)]


def test_lenet5_of_1998_has_the_feature_maps_of_figure_2() -> None:
    expected = [[6, 28, 28], [6, 14, 14], [16, 10, 10], [16, 5, 5]]
    model = built("lenet5_1998")
    kinds = (lenet_1998.ScaledTanh,)
    assert [*expected, [120, 1, 1], [84]] == maps_after(model, kinds, 1, 32)


def test_lenet5_of_1998_has_the_340908_connections_that_the_paper_counts() -> None:
    biases = 6 * 28**2 + 16 * 10**2 + 120 + 84
    subsampling = 5 * (6 * 14**2 + 16 * 5**2)
    assert 340908 == macs("lenet5_1998") + biases + subsampling + 84 * 10


def test_c3_multiplies_only_where_a_map_is_connected() -> None:
    layer = lenet_1998.PartialConvolution(lenet_1998.CONNECTIONS, 5)
    assert 150000 == count_macs(layer, torch.empty(1, 6, 14, 14)).total


def test_each_map_of_c3_sees_the_maps_of_s2_that_table_1_marks() -> None:
    table = """
        X . . . X X X . . X X X X . X X
        X X . . . X X X . . X X X X . X
        X X X . . . X X X . . X . X X X
        . X X X . . X X X X . . X . X X
        . . X X X . . X X X X . X X . X
        . . . X X X . . X X X X . X X X
    """
    layer = lenet_1998.PartialConvolution(lenet_1998.CONNECTIONS, 5)
    for parameter in layer.parameters():
        nn.init.constant_(parameter, float(parameter.dim() > 1))  # weights one, biases zero
    one_map_at_a_time = torch.eye(6)[:, :, None, None].expand(6, 6, 5, 5)
    seen = layer(one_map_at_a_time).flatten(1) > 0
    assert table.split() == ["X" if mark else "." for mark in seen.flatten().tolist()]


def test_the_squashing_function_maps_one_to_one() -> None:
    assert [-1.0, 0.0, 1.0] == pytest.approx(lenet_1998.ScaledTanh()(torch.tensor([-1.0, 0.0, 1.0])), abs=1e-4)


def test_subsampling_scales_the_sum_of_each_field_by_one_coefficient_a_map() -> None:
    layer = lenet_1998.Subsampling(2)
    with torch.no_grad():
        layer.coefficient.copy_(torch.tensor([0.1, 0.2]).view(2, 1, 1))
        layer.bias.copy_(torch.tensor([0.5, -0.5]).view(2, 1, 1))
    fields = torch.tensor([[1.0, 2.0], [3.0, -1.0]]).expand(1, 2, 2, 2)
    squashed = [1.7159 * math.tanh(2 / 3 * a) for a in (0.1 * 5 + 0.5, 0.2 * 5 - 0.5)]
    assert squashed == pytest.approx(layer(fields).flatten().tolist())


def test_an_output_unit_gives_minus_the_squared_distance_to_its_code() -> None:
    torch.manual_seed(0)
    activations = torch.randn(3, 84)
    expected = [[-float((row - code).square().sum()) for code in lenet_1998.codes(12)] for row in activations]
    assert torch.allclose(torch.tensor(expected), lenet_1998.RadialBasis(12)(activations))


def test_the_code_of_a_class_is_answered_by_that_class() -> None:
    codes = lenet_1998.codes(100)
    assert list(range(100)) == lenet_1998.RadialBasis(100)(codes).argmax(dim=1).tolist()


def test_codes_are_of_plus_and_minus_one_and_not_trained() -> None:
    layer = lenet_1998.RadialBasis(50)
    assert {-1.0, 1.0} == set(layer.codes.unique().tolist())
    assert (["codes"], []) == (list(layer.state_dict()), list(layer.parameters()))


def test_codes_beyond_the_digits_are_the_same_each_time_and_draw_nothing_from_the_common_source() -> None:
    torch.manual_seed(0)
    codes, then = lenet_1998.codes(1000), torch.rand(1)
    torch.manual_seed(0)
    assert torch.rand(1) == then
    assert torch.equal(codes, lenet_1998.codes(1000))


def test_a_loss_reaches_all_parameters_of_lenet5_of_1998() -> None:
    model = lenet_1998.lenet5_1998(10)
    nn.functional.cross_entropy(model(torch.randn(2, 1, 32, 32)), torch.tensor([3, 7])).backward()
    without = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert [] == without


def test_lenet5_of_1998_takes_the_multiply_adds_of_its_layers_by_both_counters() -> None:
    expected = 28**2 * 6 * 25 + 10**2 * 60 * 25 + 16 * 25 * 120 + 120 * 84
    count = count_macs(built("lenet5_1998"), torch.empty(1, 1, 32, 32))
    assert (325680, expected, expected) == (expected, count.total, count.second_counter)

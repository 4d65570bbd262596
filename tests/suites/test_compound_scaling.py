"""EfficientNet's compound scaling: the rule, B0 at any scale, and what the paper's comparison costs."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from bench.declare.catalog import ARCHITECTURES
from suites.architectures.efficientnet import efficientnet_b0
from suites.architectures.efficientnet_scaled import (
    TABLE_7,
    TWICE,
    compound,
    efficientnet_reduced,
    efficientnet_scaled,
)

COEFFICIENTS = {
    # width, depth of the published models
    "efficientnet_b0": (1.0, 1.0),
    "efficientnet_b1": (1.0, 1.1),
    "efficientnet_b2": (1.1, 1.2),
    "efficientnet_b3": (1.2, 1.4),
    "efficientnet_b4": (1.4, 1.8),
    "efficientnet_b5": (1.6, 2.2),
    "efficientnet_b6": (1.8, 2.6),
    "efficientnet_b7": (2.0, 3.1),
}


def scaled(depth: float = 1.0, width: float = 1.0) -> nn.Module:
    """On the meta device, in eval mode."""
    with torch.device("meta"):
        return efficientnet_scaled(1000, depth=depth, width=width).eval()


def gigamacs(row: str) -> float:
    """Multiply-adds of a row of table 7, in billions, as torch counts them."""
    scale = TABLE_7[row].scale
    return counted_macs(scaled(scale.depth, scale.width), scale.resolution) / 1e9


def reduced_macs(row: str) -> float:
    """Multiply-adds of the reduced network at a scale of `TWICE`."""
    scale = TWICE[row]
    with torch.device("meta"):
        model = efficientnet_reduced(10, depth=scale.depth, width=scale.width).eval()
    return counted_macs(model, scale.resolution)


def counted_macs(model: nn.Module, side: int) -> float:
    """Of one picture, as torch counts them."""
    counter = FlopCounterMode(display=False)
    with counter:
        model(torch.empty(1, 3, side, side, device="meta"))
    return float(counter.get_total_flops()) / 2


def test_a_step_of_phi_about_doubles_the_cost() -> None:
    one = compound(1)
    assert pytest.approx(1.92, abs=0.005) == one.depth * one.width**2 * 1.15**2


def test_phi_of_zero_is_the_baseline() -> None:
    assert (1.0, 1.0, 224) == (compound(0).depth, compound(0).width, compound(0).resolution)


def test_other_constants_give_other_scales() -> None:
    scale = compound(2, alpha=1.5, beta=1.0, gamma=2.0)
    assert (2.25, 1.0, 896) == (scale.depth, scale.width, scale.resolution)


@pytest.mark.parametrize(
    ("name", "phi"), [("efficientnet_b1", 0.5), ("efficientnet_b2", 1), ("efficientnet_b3", 2)]
)
def test_the_first_three_published_models_follow_the_rule(name: str, phi: float) -> None:
    scale = compound(phi)
    assert COEFFICIENTS[name] == (round(scale.width, 1), round(scale.depth, 1))
    assert pytest.approx(ARCHITECTURES.get(name).resolution, rel=0.02) == scale.resolution


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_a_published_models_coefficients_give_its_tensors(name: str) -> None:
    width, depth = COEFFICIENTS[name]
    with torch.device("meta"):
        published = ARCHITECTURES.get(name).build(1000)
    expected = {key: tensor.shape for key, tensor in published.state_dict().items()}
    assert expected == {key: tensor.shape for key, tensor in scaled(depth, width).state_dict().items()}


def test_without_scaling_it_computes_what_b0_computes() -> None:
    ours, theirs = efficientnet_scaled(3).eval(), efficientnet_b0(3).eval()
    ours.load_state_dict(theirs.state_dict())
    images = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        assert torch.equal(theirs(images), ours(images))


@pytest.mark.parametrize(("depth", "layers"), [(1, [1, 2, 2, 3, 3, 4, 1]), (4, [4, 8, 8, 12, 12, 16, 4])])
def test_depth_multiplies_the_blocks_of_each_stage(depth: float, layers: list[int]) -> None:
    stages = list(scaled(depth=depth).get_submodule("features").children())[1:-1]
    assert layers == [len(list(stage.children())) for stage in stages]


@pytest.mark.parametrize("width", [0.5, 1.1, 2.0])
def test_all_widths_of_stages_are_multiples_of_8(width: float) -> None:
    stages = list(scaled(width=width).get_submodule("features").children())[1:-1]
    channels = [list(stage.children())[-1].out_channels for stage in stages]
    assert [] == [c for c in channels if not isinstance(c, int) or c % 8]


def test_a_variant_is_named_by_its_scale() -> None:
    item = ARCHITECTURES.get("efficientnet_scaled:depth=1.4,width=1.2")
    with torch.device("meta"):
        found = item.build(1000)
    assert sum(p.numel() for p in scaled(1.4, 1.2).parameters()) == sum(p.numel() for p in found.parameters())


@pytest.mark.parametrize(
    ("row", "counted"),
    [("baseline", 0.386), ("depth", 1.575), ("width", 1.450), ("resolution", 1.538), ("compound", 1.800)],
)
def test_the_models_of_table_7_take_these_multiply_adds(row: str, counted: float) -> None:
    assert counted == round(gigamacs(row), 3)


@pytest.mark.parametrize("row", ["baseline", "compound"])
def test_baseline_and_compound_scaling_cost_what_table_7_prints(row: str) -> None:
    assert TABLE_7[row].multiply_adds == round(gigamacs(row), 1)


@pytest.mark.parametrize("row", ["depth", "width", "resolution"])
def test_a_single_dimension_costs_a_tenth_to_a_quarter_less_than_table_7_prints(row: str) -> None:
    assert 0.75 < gigamacs(row) / TABLE_7[row].multiply_adds < 0.9


def test_table_7_prints_more_for_twice_the_resolution_than_its_baseline_can_grow_to() -> None:
    assert gigamacs("resolution") <= 4 * gigamacs("baseline")
    largest_that_prints_as_the_baseline = TABLE_7["baseline"].multiply_adds + 0.05
    smallest_that_prints_as_doubled = TABLE_7["resolution"].multiply_adds - 0.05
    assert 4 * largest_that_prints_as_the_baseline < smallest_that_prints_as_doubled


@pytest.mark.parametrize("row", [row for row in TWICE if row != "baseline"])
def test_each_way_of_scaling_the_reduced_network_doubles_its_cost_within_5_percent(row: str) -> None:
    assert pytest.approx(2, rel=0.05) == reduced_macs(row) / reduced_macs("baseline")


def test_only_compound_scaling_changes_all_three_dimensions() -> None:
    base = TWICE["baseline"]
    changed = {
        row: [getattr(scale, name) != getattr(base, name) for name in ("depth", "width", "resolution")].count(True)
        for row, scale in TWICE.items()
    }
    assert {"baseline": 0, "depth": 1, "width": 1, "resolution": 1, "compound": 3} == changed


def test_the_compound_scale_of_the_reduced_network_has_more_blocks_and_more_channels() -> None:
    scale = TWICE["compound"]
    with torch.device("meta"):
        models = [efficientnet_reduced(10), efficientnet_reduced(10, depth=scale.depth, width=scale.width)]
    stages = [list(model.get_submodule("features").children())[1:-1] for model in models]
    assert [[1, 3, 3], [2, 4, 4]] == [[len(list(stage.children())) for stage in of] for of in stages]
    last = [list(of[-1].children())[-1] for of in stages]
    assert [80, 88] == [block.out_channels for block in last]


@pytest.mark.parametrize("option", ["width", "depth"])
@pytest.mark.parametrize("value", [-1.0, 0.0, float("nan"), float("inf")])
def test_a_multiplier_that_is_not_above_0_and_finite_is_refused(option: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"^{option} must be above 0 and finite, not {value:g}$"):
        scaled(**{option: value})

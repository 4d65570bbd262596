"""The formulas of the transformer, right and wrong, against PyTorch."""

from __future__ import annotations

import pytest

from suites.checks.attention import (
    attention_divisor,
    attention_formula,
    cosine_formula,
    gelu_formula,
    heads_are_joined,
    layer_norm_dimension,
    layer_norm_formula,
    layer_norm_learns,
    softmax_gives_shares,
)


@pytest.mark.parametrize(("spread", "same"), [("variance", True), ("standard deviation", False)])
def test_layer_normalisation_divides_by_the_root_of_the_variance(spread: str, same: bool) -> None:
    assert same is layer_norm_formula(spread=spread).value


def test_another_spread_is_refused() -> None:
    with pytest.raises(ValueError, match="'range' is neither"):
        layer_norm_formula(spread="range")


def test_layer_normalisation_works_along_the_last_dimension() -> None:
    assert "the last dimension" == layer_norm_dimension().value


def test_layer_normalisation_learns_scale_and_shift() -> None:
    assert ["gamma", "beta"] == layer_norm_learns().value


def test_the_cosine_is_the_scaled_product() -> None:
    assert cosine_formula().value is True


@pytest.mark.parametrize("scaled", [True, False])
def test_attention_needs_its_scale(scaled: bool) -> None:
    assert scaled is attention_formula(scaled=scaled).value


@pytest.mark.parametrize(("heads", "d_k"), [(1, 24), (3, 8), (6, 4)])
def test_scores_are_divided_by_the_root_of_a_heads_share_of_the_dimensions(heads: int, d_k: int) -> None:
    assert d_k == attention_divisor(dim=24, heads=heads).value


def test_heads_lie_side_by_side() -> None:
    assert "concatenation" == heads_are_joined(dim=24, heads=3).value


def test_gelu_weighs_by_the_normal_distribution() -> None:
    assert gelu_formula().value is True


def test_softmax_gives_shares_in_the_order_of_the_scores() -> None:
    assert softmax_gives_shares(classes=10).value is True

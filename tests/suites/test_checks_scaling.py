"""What is measured of compound scaling."""

from __future__ import annotations

import pytest

import suites.architectures  # noqa: F401  # declares
from suites.checks.scaling import more_complex, one_coefficient, scaled_dimensions, scaled_up_in_turn

B0 = "efficientnet_b0"


@pytest.mark.parametrize(
    ("name", "resolution", "dimensions"),
    [
        (B0, 0, []),
        (B0, 448, ["resolution"]),
        ("efficientnet_scaled:width=2.0", 0, ["width"]),
        ("efficientnet_scaled:depth=2.0", 0, ["depth"]),
        ("efficientnet_b2", 0, ["width", "depth", "resolution"]),
    ],
)
def test_what_has_grown_is_measured_on_the_networks(name: str, resolution: int, dimensions: list[str]) -> None:
    assert dimensions == scaled_dimensions(architecture=name, baseline=B0, resolution=resolution).value


@pytest.mark.parametrize(
    ("name", "ratio"), [("efficientnet_b1", "more ratios than one"), ("efficientnet_b4", "a fixed ratio")]
)
def test_one_coefficient_gives_b4_but_not_b1_which_keeps_its_width(name: str, ratio: str) -> None:
    assert ratio == one_coefficient(architectures=[name], baseline=B0, within=1.0).value


@pytest.mark.parametrize(("names", "rises"), [([B0, "efficientnet_b1"], True), (["efficientnet_b1", B0], False)])
def test_order_matters(names: list[str], rises: bool) -> None:
    assert [rises, rises] == [check(architectures=names).value for check in (more_complex, scaled_up_in_turn)]

"""Which era a network is of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from reports.drawing.eras import eras
from reports.tidy.networks import NetworkStructure

JOINED = {"steps": [{"kind": "conv2d"}, {"kind": "cat"}]}
_NETWORKS = (
    ("alexnet", 2012, "Conv2d", None, "classic"),
    ("googlenet", 2014, "Conv2d", JOINED, "classic"),
    ("resnet18", 2015, "Conv2d", JOINED, "residual and scaled"),
    ("no_year", None, "Conv2d", JOINED, "residual and scaled"),
    ("vit", 2020, "MultiheadAttention", JOINED, "attention"),
)


@pytest.mark.parametrize(("name", "year", "layer", "block", "era"), _NETWORKS)
def test_an_era_is_told_by_structure_and_year(
    name: str, year: int | None, layer: str, block: Any, era: str
) -> None:
    frames: Any = SimpleNamespace(
        architectures=pd.DataFrame({"name": [name], "year": pd.array([year], dtype="Int64")}),
        networks={name: NetworkStructure(224, ({"type": layer},), {}, block)},
    )
    assert {name: era} == eras(frames)

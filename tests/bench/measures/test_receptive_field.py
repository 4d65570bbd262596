"""How many positions of the input a position of a feature map depends on."""

from pathlib import Path

import pytest

import suites.architectures  # noqa: F401  (declares)
from bench.cell import Cell, Cost
from bench.clock import Clock
from bench.declare.artifact import Shelf
from bench.errors import Unsupported
from bench.measures.receptive_field import receptive_field
from bench.network.subject import Subject


def counted(name: str, resolution: int = 28) -> float:
    cell = Cell(name, "receptive_field", Cost(mode="infer", resolution=resolution))
    return receptive_field(Subject(cell, Shelf(Path("unused")), lambda _: None), Clock(0)).values[0]


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        (5 * 5, "block_basic:norm=false"),
        (3 * 3, "block_bottleneck:norm=false"),
        (28 * 28, "attention_global"),
        (7 * 7, "attention_window"),
        (7 * 7, "attention_two_layers:shifted=false"),
        (14 * 14, "attention_two_layers"),
    ],
)
def test_a_position_sees_what_its_layers_reach(expected: int, name: str) -> None:
    assert expected == counted(name)


def test_an_answer_that_is_no_feature_map_is_refused() -> None:
    with pytest.raises(Unsupported, match="resnet18 answers with no feature map"):
        counted("resnet18", 32)

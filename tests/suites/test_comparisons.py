"""The comparisons that the lecture argues with."""

from __future__ import annotations

from bench.catalog import COMPARISONS, load_catalogs
from bench.cell import Cell, Cost
from bench.declarations import Planned
from bench.plan import Step
from bench.snapshot import declarations


def _compared(*names: str) -> dict[str, list[str]]:
    """The comparisons that a run of these cells writes down, with the architectures of their sides."""
    steps = [
        Step(Planned(Cell(name, "macs", Cost(mode="infer", resolution=224)), 1.0), ("blocks",)) for name in names
    ]
    found = [item for item in declarations(steps) if item.kind == "comparison"]
    return {item.name: [side["architecture"] for side in item.content["sides"]] for item in found}


def test_every_comparison_has_two_sides_that_are_told_apart() -> None:
    load_catalogs()
    assert len(COMPARISONS) > 10
    for item in COMPARISONS:
        labels = [side.label for side in item.sides()]
        assert len(labels) == len(set(labels)) > 1, item.name


def test_a_run_writes_down_the_comparisons_that_it_measures_two_sides_of() -> None:
    assert {"depth_plain": ["plain18", "plain34"]} == _compared("plain18", "plain34", "resnet18")


def test_sides_that_are_not_measured_are_left_out() -> None:
    assert {"shortcuts": ["plain34", "resnet34_b"]} == _compared("plain34", "resnet34_b")

"""The comparisons that the lecture argues with."""

from __future__ import annotations

from bench.cell import Cell, Cost, Learning
from bench.declare.catalog import COMPARISONS, load_catalogs
from bench.declare.declarations import Planned
from bench.run.plan import PlanStep
from bench.run.snapshot import declarations

COST = Cost(mode="infer", resolution=224)
TRAINING = Learning(
    weights="random",
    target="mnist5k",
    mode="scratch",
    augmentation="none",
    resolution=32,
    shots=None,
    steps=1,
    batch=1,
    lr=0.1,
)


def _compared(*names: str, measure: str = "macs") -> dict[str, list[str]]:
    """The comparisons that a run of these cells writes down, with the architectures of their sides."""
    load_catalogs()
    cells = [Cell(name, measure, COST if measure == "macs" else TRAINING) for name in names]
    steps = [PlanStep(Planned(cell, 1.0), ("blocks",)) for cell in cells]
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


def test_sides_that_were_only_trained_count_at_whatever_size_they_were_trained() -> None:
    assert {"depth_plain": ["plain18", "plain34"]} == _compared("plain18", "plain34", measure="top1")

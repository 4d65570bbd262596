"""Declared sweeps: how they are registered, listed and written down."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from bench.cell import Cell, Cost
from bench.cli.main import main
from bench.declare.catalog import SWEEPS, architecture, measure, suite, sweep
from bench.declare.declarations import Planned
from bench.declare.groups import Point
from bench.errors import DuplicateName
from bench.run.plan import PlanStep
from bench.run.snapshot import declarations


@pytest.fixture
def declared(no_declarations: None) -> None:
    """Two architectures, a measure, a suite, and a sweep over three batches of one and one of the other."""
    for name in ("small", "large"):

        def build(num_classes: int) -> None:
            """A network."""

        build.__name__ = name
        architecture(family="F", year=2026, paper="none", resolution=32)(build)

    @measure(unit="s", better="lower")
    def m(subject: object, clock: object) -> None:
        """Something."""

    @suite(title="S")
    def s(setting: object) -> Iterable[Planned]:
        """Some cells."""
        return ()

    @sweep(title="Batch of both", axis="batch", unit="images")
    def batches() -> list[Point]:
        """More images."""
        small = [Point(images, "small", batch=images) for images in (1, 2, 4)]
        return [*small, Point(8, "large", resolution=64, batch=8, label="eight")]


def written(*cells: tuple[str, int, int], mode: str = "infer") -> list[tuple[str, int, int]]:
    """The points of the sweep that a run of these cells (architecture, resolution, batch) writes down."""
    scenarios = [(name, Cost(mode=mode, resolution=side, batch=batch)) for name, side, batch in cells]  # type: ignore[arg-type]
    steps = [PlanStep(Planned(Cell(name, "m", scenario), 1.0), ("s",)) for name, scenario in scenarios]
    found = [item.content for item in declarations(steps) if item.kind == "sweep"]
    return [(p["architecture"], p["resolution"], p["batch"]) for item in found for p in item["points"]]


def test_a_sweep_is_registered_under_its_functions_name(declared: None) -> None:
    item = SWEEPS.get("batches")
    assert ("Batch of both", "batch", "images", "More images.") == (item.title, item.axis, item.unit, item.about)


def test_declaring_a_sweep_leaves_its_function_as_it_was(declared: None) -> None:
    def other() -> list[Point]:
        return []

    assert other is sweep(title="Other", axis="batch", unit="images")(other)


def test_two_sweeps_of_one_name_are_refused(declared: None) -> None:
    def batches() -> list[Point]:
        return []

    with pytest.raises(DuplicateName, match="sweep 'batches' is declared twice"):
        sweep(title="Again", axis="batch", unit="images")(batches)


def test_a_run_writes_down_the_points_that_it_measures(declared: None) -> None:
    cells = (("small", 32, 1), ("small", 32, 4), ("large", 64, 8))
    assert list(cells) == written(*cells)


def test_a_point_at_another_size_or_batch_is_another_point(declared: None) -> None:
    assert [("small", 32, 1), ("small", 32, 2)] == written(
        ("small", 32, 1), ("small", 32, 2), ("small", 64, 4), ("large", 64, 4)
    )


def test_a_single_point_is_no_sweep(declared: None) -> None:
    assert [] == written(("small", 32, 1))


def test_what_trains_is_no_point(declared: None) -> None:
    assert [] == written(("small", 32, 1), ("small", 32, 2), mode="train")


def test_sweeps_are_listed_with_their_points(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["list", "sweeps", "--format", "json"])
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert ("batch", "images", "1, 2, 4, 8, 16") == tuple(
        rows["batch_resnet18"][name] for name in ("axis", "unit", "points")
    )

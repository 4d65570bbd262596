"""The sweeps, and the suite that measures them."""

from __future__ import annotations

import pytest

from bench.cell import Cost
from bench.declare.catalog import ARCHITECTURES, SWEEPS, load_catalogs
from bench.declare.declarations import Planned, Profile, Setting
from bench.run.plan import PlanStep, Selection, plan
from bench.run.snapshot import declarations

load_catalogs()
EVERY = pytest.mark.parametrize("name", SWEEPS.names())


def planned(profile: Profile = "default") -> tuple[PlanStep, ...]:
    return plan(Selection(("scaling",)), Setting(profile, "cpu", 2))


def entries(profile: Profile = "default", measure: str = "latency") -> list[Planned]:
    return [step.planned for step in planned(profile) if step.planned.cell.measure == measure]


def written(profile: Profile) -> dict[str, int]:
    """The sweeps that a run writes down, with the number of their points."""
    found = [item for item in declarations(planned(profile)) if item.kind == "sweep"]
    return {item.name: len(item.content["points"]) for item in found}


@EVERY
def test_the_points_of_a_sweep_rise(name: str) -> None:
    xs = [point.x for point in SWEEPS.get(name).points()]
    assert sorted(set(xs)) == xs
    assert len(xs) > 1 and xs[0] > 0


@EVERY
def test_every_point_is_at_a_size_that_its_architecture_takes(name: str) -> None:
    too_small = [
        point.architecture
        for point in SWEEPS.get(name).points()
        if point.resolution and point.resolution < ARCHITECTURES.get(point.architecture).min_resolution
    ]
    assert [] == too_small


def test_the_axes_of_the_lecture_are_swept() -> None:
    assert {"batch", "resolution", "depth", "width", "resources", "patches"} == {item.axis for item in SWEEPS}


def test_the_default_profile_measures_every_point_of_every_sweep() -> None:
    assert {item.name: len(list(item.points())) for item in SWEEPS} == written("default")


def test_the_smoke_profile_measures_two_small_sweeps() -> None:
    # two of their points lie on the axis of depth, too
    assert {"resolution_resnet18": 6, "width_resnet50": 2, "depth_resnet": 2} == written("smoke")


@pytest.mark.parametrize(("profile", "processes"), [("smoke", {1}), ("default", {3}), ("full", {5})])
def test_a_latency_is_of_several_processes_outside_smoke(profile: Profile, processes: set[int]) -> None:
    assert processes == {entry.replicates for entry in entries(profile)}


def test_counts_are_of_one_picture() -> None:
    scenarios = [entry.cell.scenario for entry in entries(measure="macs")]
    assert {1} == {scenario.batch for scenario in scenarios if isinstance(scenario, Cost)}


@pytest.mark.parametrize("measure", ["latency", "peak_memory"])
def test_what_is_measured_is_of_the_points_batch(measure: str) -> None:
    batches = {
        entry.cell.scenario.batch for entry in entries(measure=measure) if entry.cell.architecture == "resnet18"
    }
    assert {1, 2, 4, 8, 16} == batches


def test_the_compound_rule_starts_at_b0_and_doubles_the_resources() -> None:
    points = list(SWEEPS.get("compound_efficientnet").points())
    assert [1.0, 2.0, 4.0, 8.0, 16.0] == [point.x for point in points]
    assert ("efficientnet_scaled:depth=1.000,width=1.000", 224) == (points[0].architecture, points[0].resolution)


def test_swins_windows_are_whole_at_every_stage() -> None:
    sides = [point.resolution for point in SWEEPS.get("patches_swin").points()]
    assert {0} == {side // 4 // 2**stage % 7 if side else -1 for side in sides for stage in range(4)}

"""The suite `cost`: what it plans."""

from __future__ import annotations

import pytest

from bench.cell import BEST, Cost
from bench.declare.catalog import ARCHITECTURES, SUITES, load_catalogs
from bench.declare.declarations import Planned, Profile, Setting

ALL = {
    "parameters",
    "macs",
    "file_size",
    "latency",
    "roofline",
    "energy",
    "peak_memory",
    "predicted_memory",
    "throughput",
    "train_step",
}


def planned(profile: Profile = "default", chosen: tuple[str, ...] = (), device: str = "cpu") -> list[Planned]:
    load_catalogs()
    return list(SUITES.get("cost").cells(Setting(profile, device, 2, chosen)))


def test_it_asks_everything_of_what_the_user_names() -> None:
    entries = planned(chosen=("efficientnet_b7",))
    assert ALL == {entry.cell.measure for entry in entries}
    assert {"efficientnet_b7"} == {entry.cell.architecture for entry in entries}


def test_by_default_it_is_about_the_lineage() -> None:
    names = {entry.cell.architecture for entry in planned()}
    assert {item.name for item in ARCHITECTURES if item.lecture} == names


def test_by_default_the_largest_are_not_trained() -> None:
    trained = {entry.cell.architecture for entry in planned() if entry.cell.measure == "train_step"}
    assert set() == trained & {"efficientnet_b5", "efficientnet_b6", "efficientnet_b7"}
    assert "resnet50" in trained


def test_measured_memory_has_a_prediction_beside_it() -> None:
    where = {"peak_memory": set[object](), "predicted_memory": set[object]()}
    for entry in planned(chosen=("resnet18",)):
        if entry.cell.measure in where:
            where[entry.cell.measure].add(entry.cell.scenario)
    assert where["peak_memory"] == where["predicted_memory"]


def test_the_best_batch_is_looked_for_by_throughput_alone() -> None:
    scenarios = [(e.cell.measure, e.cell.scenario) for e in planned()]
    assert {"throughput"} == {name for name, where in scenarios if isinstance(where, Cost) and where.batch == BEST}


@pytest.mark.parametrize("profile", ["default", "full"])
def test_outside_smoke_every_time_comes_from_three_processes(profile: Profile) -> None:
    timed = [e for e in planned(profile) if e.cell.measure in ("latency", "throughput", "train_step", "roofline")]
    assert {3} == {entry.replicates for entry in timed}

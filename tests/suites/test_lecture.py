"""The suite `lecture`: what the default run holds of what the lecture shows beside evolution and transfer."""

from __future__ import annotations

import pytest

from bench.cell import Learning
from bench.declare.catalog import COMPARISONS, MEASURES, load_catalogs
from bench.declare.declarations import Planned, Setting
from bench.run.plan import PlanStep
from bench.run.runs import DEFAULT_SUITES
from bench.run.snapshot import declarations
from suites.blocks import AT_A_GLANCE
from suites.lecture import lecture
from suites.transfer import transfer

SETTING = Setting("default", "cpu", 2)


@pytest.fixture(scope="module")
def planned() -> list[Planned]:
    load_catalogs()
    return list(lecture(SETTING))


def checkpoints(entries: list[Planned]) -> set[str]:
    cells = [entry.cell for entry in entries if isinstance(entry.cell.scenario, Learning)]
    made = [artifact for cell in cells for artifact in MEASURES.get(cell.measure).artifacts(cell)]
    return {artifact.key for artifact in made if artifact.kind == "checkpoint"}


def test_the_default_run_holds_it() -> None:
    assert "lecture" in DEFAULT_SUITES


def test_no_cell_is_planned_twice(planned: list[Planned]) -> None:
    assert len(planned) == len({entry.cell.key for entry in planned})


def test_nothing_of_it_is_timed(planned: list[Planned]) -> None:
    natures = {str(MEASURES.get(entry.cell.measure).nature) for entry in planned}
    assert {"count", "pictures"} == natures


def test_it_looks_into_a_network_of_each_kind(planned: list[Planned]) -> None:
    looks: dict[str, set[str]] = {}
    for entry in planned:
        if isinstance(entry.cell.scenario, Learning):
            looks.setdefault(entry.cell.architecture, set()).add(entry.cell.measure)
    assert {
        "lecture_cnn": {"filters", "feature_maps", "augmentation_gallery", "confusions"},
        "vit_reduced": {"attention", "position_similarity"},
        "dpt_tiny:image_size=64": {"patches"},
    } == looks


def test_its_smoke_profile_looks_into_the_lecture_s_network_alone() -> None:
    load_catalogs()
    found = [entry.cell for entry in lecture(Setting("smoke", "cpu", 2))]
    assert {"lecture_cnn"} == {cell.architecture for cell in found if isinstance(cell.scenario, Learning)}


def test_the_checkpoint_of_the_lecture_s_network_is_one_of_transfer_learning(planned: list[Planned]) -> None:
    own = checkpoints([entry for entry in planned if entry.cell.architecture == "lecture_cnn"])
    assert 1 == len(own)
    assert own <= checkpoints(list(transfer(SETTING)))


def test_each_comparison_that_it_names_has_two_sides_or_more(planned: list[Planned]) -> None:
    found = declarations([PlanStep(entry, ("lecture",)) for entry in planned])
    assert set(AT_A_GLANCE) <= {item.name for item in found if item.kind == "comparison"}


def test_the_comparisons_that_it_names_are_declared() -> None:
    load_catalogs()
    assert set() == set(AT_A_GLANCE) - {item.name for item in COMPARISONS}

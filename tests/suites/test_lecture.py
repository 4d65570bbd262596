"""The suite `lecture`: what the default run holds of what the lecture shows beside evolution and transfer."""

from __future__ import annotations

import pytest

from bench.cell import Learning
from bench.declare.catalog import COMPARISONS, MEASURES, load_catalogs
from bench.declare.declarations import Planned, Setting
from bench.run.plan import Step
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


def test_it_looks_at_filters_maps_an_augmentation_and_confusions(planned: list[Planned]) -> None:
    looks = {entry.cell.measure for entry in planned if isinstance(entry.cell.scenario, Learning)}
    assert {"filters", "feature_maps", "augmentation_gallery", "confusions"} == looks


def test_its_checkpoint_is_one_of_transfer_learning(planned: list[Planned]) -> None:
    made = checkpoints(planned)
    assert 1 == len(made)
    assert made <= checkpoints(list(transfer(SETTING)))


def test_each_comparison_that_it_names_has_two_sides_or_more(planned: list[Planned]) -> None:
    found = declarations([Step(entry, ("lecture",)) for entry in planned])
    assert set(AT_A_GLANCE) <= {item.name for item in found if item.kind == "comparison"}


def test_the_comparisons_that_it_names_are_declared() -> None:
    load_catalogs()
    assert set() == set(AT_A_GLANCE) - {item.name for item in COMPARISONS}

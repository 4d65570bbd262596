"""How the plans of both sides differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import BEST, Cell
from bench.declare.catalog import SUITES, suite
from bench.declare.declarations import Planned, Setting
from bench.gate.plan_change import PlanChange, plan_change
from bench.gate.plans import BasePlan, PlannedCell
from tests.bench.gate.fakes import COUNTED, TIMED, planned, watched

STEPS = [watched(COUNTED, "exact").step]
OTHER = replace(COUNTED, architecture="other")


@pytest.fixture(autouse=True)
def _suites() -> Iterator[None]:
    """Two suites are declared, in this file."""
    before = dict(SUITES._items), dict(SUITES._places)

    @suite(title="One")
    def one(setting: Setting) -> Iterator[Planned]:
        yield from ()

    @suite(title="Two")
    def two(setting: Setting) -> Iterator[Planned]:
        yield from ()

    yield
    SUITES._items, SUITES._places = before


def change(*cells: PlannedCell, tree: Path | None = None, **files: Path) -> PlanChange:
    """Of a head that plans one count."""
    return plan_change(STEPS, BasePlan(cells, {name: str(file) for name, file in files.items()}), tree)


def test_equal_plans_leave_nothing_to_say() -> None:
    assert PlanChange() == change(planned(COUNTED, "one"), one=Path(__file__))


def test_what_base_alone_plans_was_dropped() -> None:
    gone = planned(OTHER, "one")
    assert PlanChange(dropped=(gone,)) == change(planned(COUNTED, "one"), gone, one=Path(__file__))


def test_what_head_alone_plans_is_new() -> None:
    assert PlanChange(new=frozenset({COUNTED.key})) == change(one=Path(__file__))


def test_a_cell_under_another_condition_is_one_that_was_dropped_and_one_that_is_new() -> None:
    before = planned(replace(COUNTED, scenario=replace(COUNTED.scenario, resolution=16)), "one")
    assert PlanChange((before,), frozenset({COUNTED.key})) == change(before, one=Path(__file__))


@pytest.mark.parametrize(
    "cell",
    [
        planned(replace(COUNTED, measure="gate_nothing"), "one"),
        planned(replace(TIMED, scenario=replace(TIMED.scenario, batch=BEST)), "one"),
        planned(replace(COUNTED, measure="only_in_base"), "one", better="neither"),
    ],
)
def test_what_no_gate_compares_is_not_missed(cell: PlannedCell) -> None:
    assert () == change(planned(COUNTED), cell).dropped


def test_a_cell_of_a_measure_that_head_has_no_longer_was_dropped() -> None:
    gone = planned(replace(COUNTED, measure="only_in_base"), "one")
    assert (gone,) == change(planned(COUNTED), gone).dropped


def test_a_cell_with_a_condition_that_head_no_longer_knows_was_dropped() -> None:
    content = {**OTHER.to_dict(), "scenario": {**OTHER.to_dict()["scenario"], "warp": 9}}
    gone = replace(planned(OTHER, "one"), content=content)
    assert (gone,) == change(planned(COUNTED), gone).dropped


def test_a_suite_of_another_evobench_is_no_change_of_the_repository(tmp_path: Path) -> None:
    elsewhere = tmp_path / "site-packages/one.py"
    elsewhere.parent.mkdir()
    elsewhere.write_text("another suite\n")
    found = change(planned(COUNTED, "one"), planned(OTHER, "one"), tree=tmp_path / "tree", one=elsewhere)
    said = "1 cell planned by base alone, whose evobench has another suite 'one'"
    assert PlanChange(notes=(said,)) == found


def test_a_cell_that_a_suite_of_the_repository_plans_too_was_dropped(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    gone = planned(OTHER, "one", "two")
    found = change(planned(COUNTED), gone, tree=tree, one=tmp_path / "one.py", two=tree / "two.py")
    assert (gone,) == found.dropped


def test_the_same_suite_in_another_environment_is_the_same(tmp_path: Path) -> None:
    copy = tmp_path / "copy.py"
    copy.write_bytes(Path(__file__).read_bytes())
    gone = planned(OTHER, "one")
    assert (gone,) == change(planned(COUNTED), gone, one=copy).dropped


def test_a_suite_that_base_lacks_is_named() -> None:
    found = plan_change(STEPS, BasePlan((), {}, unknown=("one",)), None)
    assert ("base has no suite 'one': all that it plans is new",) == found.notes


def test_a_base_that_does_not_know_what_is_asked_is_said_to_miss_nothing() -> None:
    found = plan_change(STEPS, BasePlan((), {}, refused="'warp' is not known to this evobench"), None)
    assert ((), frozenset(), 1) == (found.dropped, found.new, len(found.notes))
    assert "'warp' is not known to this evobench" in found.notes[0]


def test_files_of_the_base_s_worktree_are_told_as_those_of_the_repository() -> None:
    row = {
        "cell": {"architecture": "net", "measure": "top1", "scenario": {"weights": "file:/tree/w.pt", "seed": 0}},
        "name": "net file:/tree/w.pt",
        "unit": "1",
        "nature": "share",
        "better": "higher",
        "suites": ["one"],
    }
    found = PlannedCell.of(row, lambda text: text.replace("/tree/", "/mine/"))
    assert ("net file:/mine/w.pt", "file:/mine/w.pt") == (found.name, found.content["scenario"]["weights"])


def test_a_cell_has_the_same_key_on_both_sides() -> None:
    assert Cell.from_dict(dict(planned(TIMED).content)).key == planned(TIMED).key == TIMED.key

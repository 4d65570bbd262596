"""What is compared, and in which way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench.cell import BEST, Cell, Cost
from bench.declare.catalog import MEASURES
from bench.gate.sides import Description
from bench.gate.watch import WatchedChoice, choose, counting, way_of
from tests.bench.gate.fakes import TIMED, trained, watched

STEPS = [watched(TIMED, "steps").step]


def described(code: str = "a") -> Description:
    return Description({TIMED.key: code}, {}, "3.11.7", {"torch": "2.13.0"})


def cost(measure: str, batch: int = 1) -> Cell:
    return Cell("net", measure, Cost(mode="infer", resolution=8, batch=batch))


@pytest.mark.parametrize(
    ("cell", "way"),
    [
        (cost("gate_time"), "steps"),
        (cost("gate_rate"), "steps"),
        (cost("gate_rate", BEST), None),
        (cost("gate_memory"), "once"),
        (cost("gate_count"), "exact"),
        (cost("gate_nothing"), None),
        (trained(0), "trained"),
        (Cell("net", "gate_pace", trained(0).scenario), None),
    ],
)
def test_the_measure_decides_the_way(cell: Cell, way: str | None) -> None:
    assert way == way_of(MEASURES.get(cell.measure), cell)


def test_a_cell_of_the_same_code_is_not_run() -> None:
    choice = choose(STEPS, described(), described())
    assert ((), (TIMED,)) == (choice.watched, choice.same)


def test_a_cell_of_other_code_is_run() -> None:
    assert [TIMED] == [item.cell for item in choose(STEPS, described("a"), described("b")).watched]


@pytest.mark.parametrize("change", [{"python": "3.12.0"}, {"versions": {"torch": "2.14.0"}}])
def test_in_another_environment_every_cell_is_run(change: dict[str, Any]) -> None:
    assert choose(STEPS, described(), replace(described(), **change)).watched


def test_code_that_is_not_known_file_by_file_may_decide_any_cell() -> None:
    assert choose(STEPS, described(), described(), foreign=True).watched


def test_all_cells_are_run_where_all_are_asked_for() -> None:
    assert choose(STEPS, described(), described(), everything=True).watched


def test_a_cell_that_base_lacks_is_named_with_its_reason() -> None:
    base = Description({}, {TIMED.key: "unknown architecture 'net'"}, "3.11.7", {"torch": "2.13.0"})
    choice = choose(STEPS, base, described())
    assert {str(TIMED): "unknown architecture 'net'"} == choice.lacking


def test_what_cannot_be_compared_is_counted_by_measure() -> None:
    steps = [watched(cost("gate_nothing"), "steps").step] * 2
    assert {"gate_nothing": 2} == choose(steps, described(), described()).left_out


def test_what_head_alone_plans_is_new_and_compared_where_base_has_it() -> None:
    choice = choose(STEPS, described("a"), described("b"), new={TIMED.key})
    assert ((str(TIMED),), [TIMED]) == (choice.new, [item.cell for item in choice.watched])


def test_what_head_alone_plans_and_base_lacks_is_new_and_lacking() -> None:
    base = Description({}, {TIMED.key: "unknown architecture 'net'"}, "3.11.7", {"torch": "2.13.0"})
    choice = choose(STEPS, base, described(), new={TIMED.key})
    assert ((str(TIMED),), {str(TIMED)}, ()) == (choice.new, set(choice.lacking), choice.watched)


def test_what_cannot_be_compared_is_not_new() -> None:
    cell = cost("gate_nothing")
    assert () == choose([watched(cell, "steps").step], described(), described(), new={cell.key}).new


@pytest.mark.parametrize(
    ("way", "change"),
    [
        ("counted", {}),
        ("steps", {"threads": 2}),
        ("steps", {"device": "cuda"}),
        ("steps", {"execution": "compiled"}),
    ],
)
def test_instructions_are_counted_of_one_thread_on_the_cpu(way: str, change: dict[str, Any]) -> None:
    cell = replace(TIMED, scenario=replace(TIMED.scenario, **change))
    (item,) = counting(WatchedChoice((watched(cell, "steps"),))).watched
    assert way == item.way


def test_what_is_no_time_is_compared_as_ever() -> None:
    items = (watched(cost("gate_memory"), "once"), watched(cost("gate_count"), "exact"))
    assert items == counting(WatchedChoice(items)).watched

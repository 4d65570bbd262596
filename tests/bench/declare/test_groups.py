"""Suites, comparisons and sweeps that are not sound: one line with the function's name and place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bench.cell import Cell, Cost
from bench.declare.catalog import COMPARISONS, SUITES, SWEEPS, architecture, comparison, measure, suite, sweep
from bench.declare.declarations import Planned, Setting
from bench.declare.groups import Point, Side
from bench.errors import UsageError
from bench.run.plan import Selection, plan

pytestmark = pytest.mark.usefixtures("no_declarations")
SETTING = Setting("smoke", "cpu", 1)


@pytest.fixture(autouse=True)
def net(no_declarations: None) -> None:
    @architecture(family="F", year=2026, paper="none")
    def net(num_classes: int, *, depth: int = 2, width: int = 2) -> None: ...

    @measure(unit="1", nature="count", better="lower")
    def size(subject: object, clock: object) -> None: ...


def ask(own: Callable[..., Any], kind: str) -> object:
    """What the planner gets from a function of this kind."""
    if kind == "suite":
        suite(title="T")(own)
        return SUITES.get("own").cells(SETTING)
    if kind == "comparison":
        comparison(title="T")(own)
        return COMPARISONS.get("own").sides()
    sweep(title="T", axis="a", unit="b")(own)
    return SWEEPS.get("own").points()


def planned(architecture: str = "net", measure: str = "size") -> Planned:
    return Planned(Cell(architecture, measure, Cost(mode="infer", resolution=32)), 1.0)


KINDS = pytest.mark.parametrize("kind", ["suite", "comparison", "sweep"])
WRONG = {
    "an unknown architecture in a suite": (
        "suite",
        [planned("nett")],
        "unknown architecture 'nett'; did you mean",
    ),
    "an unknown measure": ("suite", [planned(measure="sizes")], "unknown measure 'sizes'; did you mean 'size'?"),
    "an unknown side": ("comparison", [Side("net", "a"), Side("nett", "b")], "unknown architecture 'nett'"),
    "no side": ("comparison", [], "two sides or more are needed, not 0"),
    "one side": ("comparison", [Side("net", "a")], "two sides or more are needed, not 1"),
    "one point": ("sweep", [Point(1, "net")], "two points or more are needed, not 1"),
    "the same side twice": (
        "comparison",
        [Side("net:depth=3,width=4", "a"), Side("net", "b"), Side("net:width=4,depth=3", "c", resolution=224)],
        "two sides are the same: net:depth=3,width=4 at 224 px",
    ),
    "the same point twice": (
        "sweep",
        [Point(1, "net", batch=2), Point(2, "net", batch=1), Point(3, "net", batch=2)],
        "two points are the same: net at 224 px batch 2",
    ),
    "a side that is none": ("comparison", [Side("net", "a"), "net"], "has str in it, not Side alone"),
    "a point beyond its axis": (
        "sweep",
        [Point(-1, "net"), Point(1, "net", batch=2)],
        "x must be above 0, not -1",
    ),
}


@pytest.mark.parametrize(("kind", "items", "fault"), WRONG.values(), ids=WRONG)
def test_what_does_not_go_together_is_refused(kind: str, items: list[object], fault: str) -> None:
    def own(*_: object) -> list[object]:
        return items

    with pytest.raises(UsageError) as caught:
        ask(own, kind)
    assert f"{kind} 'own' ({__file__}:{own.__code__.co_firstlineno})" in str(caught.value)
    assert fault in str(caught.value)


@KINDS
@pytest.mark.parametrize("answer", [None, 5, "net"])
def test_an_answer_that_is_no_list_is_refused(kind: str, answer: object) -> None:
    def own(*_: object) -> object:
        return answer

    with pytest.raises(
        UsageError, match=rf"^{kind} 'own' \(.*:\d+\) returned {type(answer).__name__}, not a list of"
    ):
        ask(own, kind)


@KINDS
def test_an_error_on_the_way_is_told_with_its_line(kind: str) -> None:
    def own(*_: object) -> Iterator[object]:
        yield from ()
        raise ValueError("no such\nthing")

    line = own.__code__.co_firstlineno + 2
    with pytest.raises(UsageError) as caught:
        ask(own, kind)
    assert f"{kind} 'own' failed at {__file__}:{line}: ValueError: no such thing" == str(caught.value)


@KINDS
def test_a_function_that_takes_other_arguments_is_named(kind: str) -> None:
    def own(first: object, second: object) -> None: ...

    with pytest.raises(UsageError, match=rf"^{kind} 'own' failed at {__file__}:\d+: TypeError: .* missing"):
        ask(own, kind)


def test_a_plan_is_refused_where_a_comparison_that_its_snapshot_would_hold_is_not_sound() -> None:
    @suite(title="T")
    def own(setting: Setting) -> list[Planned]:
        return [planned()]

    @comparison(title="T")
    def alone() -> list[Side]:
        return [Side("net", "a")]

    with pytest.raises(UsageError, match="comparison 'alone'"):
        plan(Selection(("own",)), SETTING)

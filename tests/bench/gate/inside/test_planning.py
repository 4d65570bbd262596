"""What a side answers when it is asked for its plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bench.cell import Cell, Cost, Samples
from bench.declare.catalog import architecture, measure, suite
from bench.declare.declarations import Planned, Setting
from bench.errors import UsageError
from bench.execute.jobs import Plan
from bench.gate.inside.planning import plan

WHERE = Cost(mode="infer", resolution=8)


@pytest.fixture(autouse=True)
def _declared(no_declarations: None) -> None:
    """An architecture, a measure, a suite, and one that fails."""

    @architecture(family="Mine", year=2026, paper="none")
    def mine(num_classes: int) -> None: ...

    @measure(unit="s", better="lower")
    def time(subject: object, clock: object) -> Samples: ...  # type: ignore[empty-body]

    @suite(title="One")
    def one(setting: Setting) -> Iterator[Planned]:
        yield Planned(Cell("mine", "time", WHERE), sampling=1.0)

    @suite(title="Broken")
    def broken(setting: Setting) -> Iterator[Planned]:
        yield Planned(Cell("mine", "time", WHERE), sampling=1 / 0)


def answered(**wish: Any) -> dict[str, Any]:
    return plan(Plan(wish), lambda _: None).details


def test_it_tells_each_cell_with_what_its_measure_says() -> None:
    cell = Cell("mine", "time", WHERE)
    expected = {"cell": cell.to_dict(), "name": str(cell), "suites": ["one"]}
    assert [{**expected, "unit": "s", "nature": "time", "better": "lower"}] == answered(suites=["one"])["cells"]


def test_it_tells_where_a_suite_is_declared_and_which_it_lacks() -> None:
    found = answered(suites=["one", "gone"])
    assert ({"one": __file__}, ["gone"]) == (found["files"], found["unknown"])


def test_it_refuses_what_it_does_not_know_and_says_what() -> None:
    found = answered(suites=["one"], warp=9)
    assert ([], "'warp' is not known to this evobench") == (found["cells"], found["refused"])


def test_a_suite_that_raises_is_no_plan() -> None:
    with pytest.raises(UsageError, match="suite 'broken' failed at"):
        answered(suites=["broken"])

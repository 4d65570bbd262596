"""A comparison from its cells to its judgement, with pretended processes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell
from bench.compare.in_turn import Demand, compare_in_turn
from bench.compare.judgement import GATE_FAILS_ON, Judgement
from bench.compare.runs import compare
from bench.declare.declarations import Planned
from bench.errors import Exit
from bench.execute import jobs
from bench.execute.outcome import Outcome
from bench.gate.counted import STEPS, Counter
from bench.gate.opening import Opened
from bench.gate.sides import Description, Side
from bench.gate.steps import Servers
from bench.run.plan import Step
from bench.store.database import Store
from tests.bench.gate.fakes import COUNTED, TIMED, Server, declarations

Compare = Callable[..., tuple[Judgement, Exit]]


@dataclass
class Describing(Server):
    """A server that tells of its side."""

    code: str = ""

    def describe(self, cells: list[Cell]) -> Description:
        """The digest of its code decides every cell."""
        return Description({cell.key: self.code for cell in cells}, {}, "3.11", {})

    def probe(self) -> dict[str, Any]:
        """It has no accelerator."""
        return {}


@pytest.fixture
def compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Compare]:
    """Compares a count, of which head has so many; or the instructions of steps, thousands of them."""

    def _compared(
        head: float, code: str = "new", fails: bool = False, cell: Cell = COUNTED, counter: Counter | None = None
    ) -> tuple[Judgement, Exit]:
        def of(number: float) -> Outcome:
            return Outcome("ok", values=(number,), details={"counts": [int(1000 * number)] * STEPS})

        def count(_: jobs.Job) -> Outcome:
            if fails:
                raise KeyboardInterrupt
            return of(head)

        base_code = Describing(results=lambda _: of(1.0), code="old")
        given: list[Any] = [base_code, Describing(results=count, code=code), base_code]

        @contextmanager
        def fresh(*_: object) -> Iterator[Servers]:
            yield Servers(*given)

        monkeypatch.setattr("bench.compare.in_turn.fresh", fresh)
        monkeypatch.setattr("bench.gate.evidence.declarations", lambda _: ())  # of a suite that there is not
        base, working = (Side(name, tmp_path, (), tmp_path, tmp_path) for name in ("main", "the working tree"))
        demand = Demand(tmp_path / "s.sqlite", False, 0.03, math.inf, GATE_FAILS_ON, counter)
        steps = [Step(Planned(cell, 1.0), ("suite",))]
        return compare_in_turn(demand, steps, Opened(base, working, None, False, ()), lambda _: None)

    with declarations():
        yield _compared


def test_what_was_told_is_what_the_store_has(compared: Compare, tmp_path: Path) -> None:
    judgement, _ = compared(2.0)
    assert Exit.REGRESSION == judgement.exit_code
    with Store.open(tmp_path / "s.sqlite") as store:
        base, _, head = sorted(store.runs(), key=lambda run: ("base", "twin", "head").index(_role(run)))
        assert ("complete", "complete") == (base.state, head.state)
        assert judgement.found == compare(store, base.id, head.id, tolerance=5.0, force=False)


def test_instructions_that_were_counted_are_told_as_such_and_kept_without_a_time(
    compared: Compare, tmp_path: Path
) -> None:
    judgement, _ = compared(1.5, cell=TIMED, counter="perf")
    assert [("regression", 1000.0, 1500.0, "instructions")] == [
        (item.verdict, item.base, item.head, item.unit) for item in judgement.found
    ]
    assert any(note.startswith("1 cell decided by counting instructions with perf") for note in judgement.notes)
    with Store.open(tmp_path / "s.sqlite") as store:
        records = [record for run in store.runs() for record in store.records(run.id)]
    assert [("unsupported", None)] * 3 == [(record.status, record.median) for record in records]
    assert {1000, 1500} == {count for record in records for count in record.details["counts"]}


def test_where_nothing_differs_no_store_is_made(compared: Compare, tmp_path: Path) -> None:
    judgement, code = compared(1.0, code="old")
    assert ((), Exit.OK) == (judgement.found, code)
    assert not (tmp_path / "s.sqlite").exists()


def test_a_comparison_that_is_cut_off_decided_nothing(compared: Compare, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        compared(2.0, fails=True)
    with Store.open(tmp_path / "s.sqlite") as store:
        assert {("interrupted", 0)} == {(run.state, len(store.verdicts(run.id))) for run in store.runs()}


def _role(run: Any) -> str:
    return str(run.settings["regress"]["role"])

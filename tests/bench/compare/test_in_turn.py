"""A comparison from its cells to its judgement, with pretended processes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell
from bench.compare.in_turn import Demand, compare_in_turn
from bench.compare.judgement import GATE_FAILS_ON, Judgement
from bench.compare.runs import compare
from bench.declare.declarations import Planned
from bench.errors import Exit, NotComparable
from bench.execute import jobs
from bench.execute.outcome import Outcome
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
    """Compares a count, of which head has so many."""

    def _compared(head: float, code: str = "new", fails: bool = False) -> tuple[Judgement, Exit]:
        def count(_: jobs.Measure | jobs.Step) -> Outcome:
            if fails:
                raise KeyboardInterrupt
            return Outcome("ok", values=(head,))

        given: list[Any] = [Describing(code="old"), Describing(results=count, code=code), Describing(code="old")]

        @contextmanager
        def fresh(*_: object) -> Iterator[Servers]:
            yield Servers(*given)

        monkeypatch.setattr("bench.compare.in_turn.fresh", fresh)
        monkeypatch.setattr("bench.gate.evidence.declarations", lambda _: ())  # of a suite that there is not
        base, working = (Side(name, tmp_path, (), tmp_path, tmp_path) for name in ("main", "the working tree"))
        demand = Demand(tmp_path / "s.sqlite", False, 0.03, math.inf, GATE_FAILS_ON)
        steps = [Step(Planned(COUNTED, 1.0), ("suite",))]
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


def test_where_nothing_differs_no_store_is_made(compared: Compare, tmp_path: Path) -> None:
    judgement, code = compared(1.0, code="old")
    assert ((), Exit.OK) == (judgement.found, code)
    assert not (tmp_path / "s.sqlite").exists()


def test_a_comparison_that_is_cut_off_decided_nothing(compared: Compare, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        compared(2.0, fails=True)
    with Store.open(tmp_path / "s.sqlite") as store:
        assert {("interrupted", 0)} == {(run.state, len(store.verdicts(run.id))) for run in store.runs()}


@dataclass
class OnGpu(Describing):
    """A side on a machine whose only GPU takes one process at a time."""

    def probe(self) -> dict[str, Any]:
        """What it sees."""
        limits = {"name": "A GPU", "memory": 1 << 30, "power_limit": None, "compute_mode": "exclusive"}
        return {"gpus": ["A GPU"], "devices": {"cuda:0": limits}}


def test_a_gpu_for_one_process_at_a_time_is_refused_before_three_are_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [OnGpu(code="old"), OnGpu(code="new"), OnGpu(code="old")]

    @contextmanager
    def fresh(*_: object) -> Iterator[Servers]:
        yield Servers(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("bench.compare.in_turn.fresh", fresh)
    cell = replace(TIMED, scenario=replace(TIMED.scenario, device="cuda"))
    base, working = (Side(name, tmp_path, (), tmp_path, tmp_path) for name in ("main", "the working tree"))
    demand = Demand(tmp_path / "s.sqlite", False, 0.03, math.inf, GATE_FAILS_ON)
    with declarations(), pytest.raises(NotComparable, match=r"^cuda takes one process .*nvidia-smi -c 0"):
        steps = [Step(Planned(cell, 1.0), ("suite",))]
        compare_in_turn(demand, steps, Opened(base, working, None, False, ()), lambda _: None)
    assert [] == [job for server in given for job in server.jobs]
    with Store.open(tmp_path / "s.sqlite") as store:
        assert () == tuple(store.runs())


def _role(run: Any) -> str:
    return str(run.settings["regress"]["role"])

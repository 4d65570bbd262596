"""A comparison from its cells to its judgement, with pretended processes."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell
from bench.compare.accepted.acceptance import NONE, Acceptance
from bench.compare.accepted.entries import Entry
from bench.compare.gate.decided import base_named
from bench.compare.gate.in_turn import Demand, compare_in_turn
from bench.compare.jobs.kept import accepted_of, gates, job_of, judgement_kept
from bench.compare.judgement import GATE_FAILS_ON, Judgement
from bench.compare.runs import compare
from bench.compare.verdict import Verdict
from bench.declare.declarations import Planned
from bench.errors import Exit, NotComparable, NothingPlanned
from bench.execute import jobs
from bench.execute.outcome import Outcome
from bench.gate.base.checkout import Repository
from bench.gate.base.opening import OpenedSides
from bench.gate.counted import STEPS, Counter
from bench.gate.plans import BasePlan, PlannedCell
from bench.gate.sides import CodeSide, Description
from bench.gate.steps import Servers
from bench.run.plan import PlanStep
from bench.run.runs import Wish
from bench.store.database import Store
from tests.bench.gate.fakes import COUNTED, TIMED, AtOnce, Server, declarations, planned

Compare = Callable[..., tuple[Judgement, Exit]]


@dataclass
class Describing(Server):
    """A server that tells of its side."""

    code: str = ""
    planned: tuple[PlannedCell, ...] = (planned(COUNTED),)

    def describe(self, cells: list[Cell]) -> Description:
        """The digest of its code decides every cell."""
        return Description({cell.key: self.code for cell in cells}, {}, "3.11", {})

    def plan(self, wish: Wish) -> BasePlan:
        """It plans what it was told to plan."""
        return BasePlan(self.planned, {})

    def probe(self) -> dict[str, Any]:
        """It has no accelerator."""
        return {}


@pytest.fixture
def compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Compare]:
    """Compares a count, of which head has so many; or the instructions of steps, thousands of them."""

    def _compared(
        head: float,
        code: str = "new",
        fails: bool = False,
        base_fails: bool = False,
        cell: Cell = COUNTED,
        plans: tuple[Cell, ...] | None = None,
        budget: float = math.inf,
        fail_on: frozenset[Verdict] = GATE_FAILS_ON,
        say: Callable[[str], None] = lambda _: None,
        seconds: Callable[[], float] = lambda: 0.01,
        commit: str | None = None,
        key: str = "",
        accepted: Acceptance = NONE,
        counter: Counter | None = None,
        head_plans: bool = True,
    ) -> tuple[Judgement, Exit]:
        def of(number: float) -> Outcome:
            return Outcome("ok", values=(number,), details={"counts": [int(1000 * number)] * STEPS})

        def count(_: jobs.Job) -> Outcome:
            if fails:
                raise KeyboardInterrupt
            return of(head)

        bad = Outcome("failed", "no module")
        given: list[Any] = [
            Describing(
                code="old",
                results=lambda _: bad if base_fails else of(1.0),
                planned=tuple(map(planned, (cell,) if plans is None else plans)),
            ),
            Describing(seconds, count, code=code),
            Describing(results=lambda _: of(1.0), code="old"),
        ]

        @contextmanager
        def fresh(*_: object, **__: object) -> Iterator[Servers]:
            yield Servers(*given)

        monkeypatch.setattr("bench.compare.gate.in_turn.fresh", fresh)
        monkeypatch.setattr("bench.gate.session.OnSides", AtOnce)
        monkeypatch.setattr("bench.gate.evidence.declarations", lambda _: ())  # of a suite that there is not
        base, working = (CodeSide(name, tmp_path, (), tmp_path, tmp_path) for name in ("main", "the working tree"))
        demand = Demand(tmp_path / "s.sqlite", False, 0.03, budget, fail_on, key, accepted, counter)
        steps = [PlanStep(Planned(cell, 1.0), ("suite",))] if head_plans else []
        judgement = compare_in_turn(demand, Wish(), steps, OpenedSides(base, working, commit, False, ()), say)
        return judgement, judgement.ended

    with declarations():
        yield _compared


def test_what_was_told_is_what_the_store_has(compared: Compare, tmp_path: Path) -> None:
    judgement, _ = compared(2.0)
    assert Exit.REGRESSION == judgement.exit_code
    with Store.open(tmp_path / "s.sqlite") as store:
        base, _, head = sorted(store.runs(), key=lambda run: ("base", "twin", "head").index(_role(run)))
        assert ("complete", "complete") == (base.state, head.state)
        assert judgement.found == compare(store, base.id, head.id, tolerance=5.0, force=False)


@pytest.mark.parametrize(("further", "looks"), [((), "9, 14 or 18"), (("erratic",), "10, 15 or 20")])
def test_a_spread_that_makes_the_run_red_takes_half_of_its_error(
    compared: Compare, further: tuple[Verdict, ...], looks: str
) -> None:
    told: list[str] = []
    compared(1.0, cell=TIMED, budget=-1.0, fail_on=GATE_FAILS_ON.union(further), say=told.append)
    assert f"1 cell, 1 decided together, each after 6, {looks} fresh pairs of processes" == told[0]


def test_a_head_that_holds_up_every_fifth_step_is_erratic_and_passes(compared: Compare) -> None:
    lengths = cycle([0.01, 0.01, 0.01, 0.01, 0.02])
    judgement, code = compared(1.0, cell=TIMED, seconds=lambda: next(lengths))
    (item,) = judgement.found
    assert ("erratic", Exit.OK, Exit.OK) == (item.verdict, judgement.exit_code, code)
    assert item.spread is not None and 1.0 == pytest.approx(item.spread.head.spread)


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


def test_what_base_alone_plans_is_dropped_and_red(compared: Compare, tmp_path: Path) -> None:
    gone = replace(COUNTED, architecture="gone")
    judgement, _ = compared(1.0, plans=(COUNTED, gone))
    assert [("dropped", str(gone)), ("fine", str(COUNTED))] == [(i.verdict, i.cell) for i in judgement.found]
    assert Exit.REGRESSION == judgement.exit_code
    assert Exit.OK == replace(judgement, fail_on=frozenset({"regression", "undecided"})).exit_code


@pytest.mark.parametrize("code", ["new", "old"])  # where it is the same nothing else is compared
def test_what_was_dropped_is_kept_with_the_other_verdicts(compared: Compare, tmp_path: Path, code: str) -> None:
    judgement, _ = compared(2.0, code, plans=(COUNTED, replace(COUNTED, architecture="gone")))
    with Store.open(tmp_path / "s.sqlite") as store:
        runs = {_role(run): run.id for run in store.runs()}
        found = compare(store, runs["base"], runs["head"], tolerance=5.0, force=False)
    assert ("dropped" in {item.verdict for item in found}, judgement.found) == (True, found)


def test_what_head_alone_plans_is_said_to_be_new_and_is_compared(compared: Compare) -> None:
    judgement, code = compared(1.0, plans=())
    assert (["fine"], Exit.OK) == ([item.verdict for item in judgement.found], code)
    assert f"new, not watched by base: {COUNTED}; compared all the same" in " ".join(judgement.notes)


def test_where_head_plans_nothing_all_that_base_plans_is_dropped(compared: Compare) -> None:
    judgement, _ = compared(1.0, head_plans=False)
    assert ["dropped"] == [item.verdict for item in judgement.found]


def test_where_neither_side_plans_a_cell_there_is_nothing_to_measure(compared: Compare) -> None:
    with pytest.raises(NothingPlanned, match="neither base nor head plans a cell"):
        compared(1.0, plans=(), head_plans=False)


def test_equal_plans_leave_nothing_to_say(compared: Compare) -> None:
    judgement, _ = compared(1.0)
    assert ["kept as runs"] == [note[:12] for note in judgement.notes]


def test_the_runs_know_what_base_is_called(compared: Compare, tmp_path: Path) -> None:
    compared(1.0)
    with Store.open(tmp_path / "s.sqlite") as store:
        assert {"main"} == {base_named(run) for run in store.runs()}


def test_a_profile_that_is_cut_off_costs_no_verdict(
    compared: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bench.compare.gate.in_turn.explain", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compared(2.0)
    with Store.open(tmp_path / "s.sqlite") as store:
        (head,) = (run for run in store.runs() if _role(run) == "head")
        assert {"regression"} == {verdict["verdict"] for verdict in store.verdicts(head.id).values()}


def test_what_cannot_be_profiled_is_told_and_changes_no_verdict(compared: Compare) -> None:
    judgement, code = compared(2.0)
    assert (Exit.OK, ["regression"]) == (code, [item.verdict for item in judgement.found])
    assert any(note.startswith("not profiled: ") for note in judgement.notes)


def _role(run: Any) -> str:
    return str(run.settings["regress"]["role"])


def test_a_base_that_measures_nothing_is_not_comparable_and_what_was_measured_is_kept(
    compared: Compare, tmp_path: Path
) -> None:
    with pytest.raises(NotComparable, match="main measures none of 1 cell: failed: no module"):
        compared(2.0, base_fails=True)
    with Store.open(tmp_path / "s.sqlite") as store:
        assert {"base", "twin", "head"} == {_role(run) for run in store.runs()}


def test_a_gate_keeps_all_that_it_told_so_that_it_can_be_told_again(compared: Compare, tmp_path: Path) -> None:
    judgement, _ = compared(2.0, key="py3.11")
    with Store.open(tmp_path / "s.sqlite") as store:
        assert judgement == together_again(store, "py3.11")


def test_one_of_several_jobs_keeps_that_nothing_differs(compared: Compare, tmp_path: Path) -> None:
    judgement, _ = compared(1.0, code="old", key="py3.11")
    with Store.open(tmp_path / "s.sqlite") as store:
        again = together_again(store, "py3.11")
    assert ((), Exit.OK, judgement.notes) == (again.found, again.exit_code, again.notes)


def test_an_accepted_growth_does_not_fail_and_the_store_says_why(
    compared: Compare, tmp_path: Path, repository: Repository
) -> None:
    entry = Entry(reason="meant", architecture="net", measure="gate_count", ratio=2.0)
    judgement, code = compared(2.0, accepted=Acceptance((entry,), repository), commit=repository.revision("HEAD"))
    assert (Exit.OK, Exit.OK) == (judgement.exit_code, code)
    with Store.open(tmp_path / "s.sqlite") as store:
        (head,) = gates(store)
        assert {COUNTED.key: "meant"} == accepted_of(store, head)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with one commit, which accepts nothing."""
    folder = tmp_path / "repository"
    folder.mkdir()
    who = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    for command in (["init", "-q", "-b", "main"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", "-C", str(folder), *who, *command], check=True)
    return Repository(folder)


def together_again(store: Store, key: str) -> Judgement:
    """What the store tells of a gate of this job."""
    (head,) = gates(store)
    assert key == job_of(head)
    again = judgement_kept(store, head)
    assert again is not None
    return again

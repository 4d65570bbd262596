"""What a comparison in turn found, as verdicts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.cell import Cell, Record
from bench.compare.gate.told import GateResult, notes_on
from bench.compare.verdict import Comparison
from bench.execute.outcome import ENDED, Outcome
from bench.gate.session import SessionOutcomes
from bench.gate.steps import ROLES, Trio
from bench.gate.watch import Watched, WatchedChoice
from bench.run.runs import utc_now
from bench.run.snapshot import cell_rows
from bench.statistics.sequential import SequentialRule
from bench.store.database import RunRow, Store
from tests.bench.gate.fakes import COUNTED, TIMED, declarations, planned, trained, watched

QUIET = (0.002, -0.001, 0.001, -0.002, 0.0015, -0.0005, 0.0005, -0.0015, 0.001)
OK = Outcome("ok", values=(1.0,))


@pytest.fixture(autouse=True)
def measures() -> Iterator[None]:
    """A measure of each kind is declared."""
    with declarations():
        yield


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two runs: base took 10 ms a step, head 11; base answers 8 of 10 images, head 7."""
    items = [watched(TIMED, "steps"), watched(COUNTED, "exact"), watched(trained(0), "trained")]
    with Store.create(tmp_path / "s.sqlite") as made:
        for name, seconds, right in (("base", 0.010, 8), ("head", 0.011, 7)):
            run = RunRow(name, utc_now(), "regress", "", {}, "key", {})
            made.begin_run(run, [], cell_rows([item.step for item in items]))
            for number in range(3):
                values = (seconds, seconds, seconds)
                made.add_record(name, Record(cell=TIMED, replicate=number, status="ok", unit="s", values=values))
            answered = answers(right).values
            made.add_record(name, Record(cell=trained(0), replicate=0, status="ok", unit="1", values=answered))
        yield made


def answers(right: int) -> Outcome:
    """A training that answers so many of ten images rightly."""
    return Outcome("ok", values=tuple(float(i < right) for i in range(10)))


def told(store: Store, found: SessionOutcomes, *items: Watched) -> tuple[Comparison, ...]:
    return GateResult(store, "base", "head", found, WatchedChoice(items), SequentialRule(1)).verdicts()


def one(store: Store, found: SessionOutcomes, cell: Cell, way: str) -> Comparison:
    (item,) = told(store, found, watched(cell, way))  # type: ignore[arg-type]
    return item


def decided(shift: float) -> SessionOutcomes:
    pairs = [shift + noise for noise in QUIET]
    return SessionOutcomes(decisions={TIMED.key: SequentialRule(1).decide(pairs, QUIET)})


def test_a_regression_has_the_medians_of_both_sides_and_the_ratio_of_the_pairs(store: Store) -> None:
    item = one(store, decided(0.095), TIMED, "steps")
    assert ("regression", 0.010, 0.011, 9) == (item.verdict, item.base, item.head, item.pairs)
    assert 1.0997 == pytest.approx(item.ratio, abs=1e-3)


def test_a_rate_falls_where_its_steps_grow_longer(store: Store) -> None:
    rate = Cell(TIMED.architecture, "gate_rate", TIMED.scenario)
    store.begin_run(
        RunRow("b", utc_now(), "regress", "", {}, "k", {}), [], cell_rows([watched(rate, "steps").step])
    )
    store.add_record("b", Record(cell=rate, replicate=0, status="ok", unit="1/s", values=(100.0,)))
    pairs = [0.095 + noise for noise in QUIET]
    found = SessionOutcomes(decisions={rate.key: SequentialRule(1).decide(pairs, QUIET)})
    (item,) = GateResult(
        store, "b", "b", found, WatchedChoice((watched(rate, "steps"),)), SequentialRule(1)
    ).verdicts()
    assert "regression" == item.verdict
    assert item.ratio is not None and item.low is not None and item.high is not None
    assert item.low < item.ratio < item.high < 1.0


def test_a_fine_cell_says_what_is_excluded(store: Store) -> None:
    assert "9 pairs: 3 % slower is excluded" == one(store, decided(0.0), TIMED, "steps").note


def test_instructions_bear_witness_where_they_were_counted(store: Store) -> None:
    for name, count in (("base", 1000), ("head", 1100)):
        details = {"instructions": count}
        record = Record(cell=TIMED, replicate=9, status="ok", unit="s", values=(0.01,), details=details)
        store.add_record(name, record)
    assert "9 pairs; instructions ×1.100" == one(store, decided(0.095), TIMED, "steps").note


def erratic(store: Store, shift: float, noise: float = 1.0) -> Comparison:
    """A head that takes every second step in 17.5 ms instead of 10, after a decision on the middle."""
    for name in ("e-base", "e-head", "e-twin"):
        run = RunRow(name, utc_now(), "regress", "", {}, "key", {})
        store.begin_run(run, [], cell_rows([watched(TIMED, "steps").step]))
        for number in range(9):
            values = (0.010, 0.0175) * 3 if name == "e-head" else (0.010, 0.0101) * 3
            store.add_record(name, Record(cell=TIMED, replicate=number, status="ok", unit="s", values=values))
    pairs = [shift + noise * value for value in QUIET]
    found = SessionOutcomes(decisions={TIMED.key: SequentialRule(1).decide(pairs, QUIET)})
    choice = WatchedChoice((watched(TIMED, "steps"),))
    (item,) = GateResult(store, "e-base", "e-head", found, choice, SequentialRule(1), twin="e-twin").verdicts()
    return item


TOLD = "newly erratic: spread 75 %, base 1 %; head has two modes within processes"


@pytest.mark.parametrize("shift", [0.0, -0.2])
def test_a_head_that_is_newly_erratic_is_neither_fine_nor_an_improvement(store: Store, shift: float) -> None:
    item = erratic(store, shift)
    assert "erratic" == item.verdict
    assert item.note.endswith(f"; {TOLD}")


def test_a_regression_stays_one_and_tells_of_its_spread(store: Store) -> None:
    item = erratic(store, 0.2)
    assert ("regression", f"9 pairs; {TOLD}") == (item.verdict, item.note)


def test_what_is_undecided_does_not_become_green_by_being_erratic(store: Store) -> None:
    item = erratic(store, 0.0, noise=100.0)
    assert "undecided" == item.verdict
    assert item.note.endswith(f"; {TOLD}")


def test_a_verdict_of_a_gate_that_kept_no_twin_knows_no_spread(store: Store) -> None:
    assert one(store, decided(0.0), TIMED, "steps").spread is None


def test_a_cell_that_was_counted_is_judged_by_its_instructions(store: Store) -> None:
    counted = [Outcome("ok", details={"counts": [n]}) for n in (1000, 1100, 1000)]
    trio = Trio(dict(zip(ROLES, counted, strict=True)), math.log(1.1), 0.0)
    choice = WatchedChoice((watched(TIMED, "counted"),))
    (item,) = GateResult(
        store,
        "base",
        "head",
        SessionOutcomes(counted={TIMED.key: trio}),
        choice,
        SequentialRule(1),
        counter="perf",
    ).verdicts()
    assert ("regression", "instructions", TIMED.key) == (item.verdict, item.unit, item.key)


def test_a_cell_that_was_never_counted_is_undecided(store: Store) -> None:
    item = one(store, SessionOutcomes(ended="budget"), TIMED, "counted")
    assert ("undecided", "the budget ended before its instructions were counted") == (item.verdict, item.note)


def test_a_cell_that_was_never_reached_is_undecided(store: Store) -> None:
    item = one(store, SessionOutcomes(ended="budget"), TIMED, "steps")
    assert ("undecided", "the budget ended before its first pair") == (item.verdict, item.note)


@pytest.mark.parametrize(("head", "verdict"), [(1.0, "fine"), (2.0, "regression"), (0.5, "improvement")])
def test_a_count_is_judged_exactly(store: Store, head: float, verdict: str) -> None:
    found = SessionOutcomes(exact={COUNTED.key: (OK, Outcome("ok", values=(head,)))})
    item = one(store, found, COUNTED, "exact")
    assert (verdict, "exact") == (item.verdict, item.note)


def test_trainings_are_told_as_a_group_without_their_seeds(store: Store) -> None:
    item = one(store, SessionOutcomes(trained={trained(0).key: (answers(8), answers(7))}), trained(0), "trained")
    assert "net gate_score random>d 5 a class scratch aug:none 8px b4 lr0.1 (1 training)" == item.cell
    assert (0.8, 0.7) == pytest.approx((item.base, item.head))
    assert item.note.startswith("-10.0 points; of these trainings alone")


def test_trainings_are_decided_by_their_group(store: Store) -> None:
    found = SessionOutcomes(trained={trained(seed).key: (answers(8), answers(8)) for seed in range(2)})
    (item,) = told(store, found, *(watched(trained(seed), "trained") for seed in range(2)))
    assert ("fine", "all 2 pairs of trainings are equal to the last bit", 2) == (
        item.verdict,
        item.note,
        item.pairs,
    )


@pytest.mark.parametrize(
    ("base", "head", "verdict"),
    [
        (OK, Outcome("failed", "boom"), "regression"),
        (OK, Outcome("oom", "too large"), "regression"),
        (Outcome("failed", "boom"), OK, "undecided"),
        (Outcome("unsupported", "no"), Outcome("unsupported", "no"), "fine"),
        (Outcome("failed", "boom"), Outcome("failed", "boom"), "undecided"),
        (OK, Outcome("unsupported", "no"), "undecided"),
        (Outcome("unsupported", "no"), Outcome("failed", "boom"), "undecided"),
        (ENDED, Outcome("failed", "boom"), "regression"),
        (Outcome("failed", "boom"), ENDED, "undecided"),
    ],
)
def test_what_failed_is_judged_by_the_side_on_which_it_did(
    store: Store, base: Outcome, head: Outcome, verdict: str
) -> None:
    assert verdict == one(store, SessionOutcomes(failed={TIMED.key: (base, head)}), TIMED, "steps").verdict


def test_of_a_group_that_the_budget_cut_short_what_was_trained_is_told(store: Store) -> None:
    found = SessionOutcomes(trained={trained(0).key: (answers(8), answers(7))}, ended="budget")
    (item,) = told(store, found, watched(trained(0), "trained"), watched(trained(1), "trained"))
    assert ("undecided", 0.8) == (item.verdict, item.base)


def test_a_failing_base_makes_the_comparison_incomplete(store: Store) -> None:
    failed = SessionOutcomes(failed={TIMED.key: (Outcome("failed", "boom"), OK)})
    assert GateResult(store, "base", "head", failed, WatchedChoice(()), SequentialRule(1)).is_incomplete
    unsupported = SessionOutcomes(failed={TIMED.key: (Outcome("unsupported", "no"), OK)})
    assert not GateResult(store, "base", "head", unsupported, WatchedChoice(()), SequentialRule(1)).is_incomplete


def test_the_gravest_verdict_leads(store: Store) -> None:
    found = decided(0.0)
    found.exact[COUNTED.key] = (OK, Outcome("ok", values=(2.0,)))
    items = told(store, found, watched(TIMED, "steps"), watched(COUNTED, "exact"))
    assert ["regression", "fine"] == [item.verdict for item in items]


def test_what_was_not_run_is_told_with_its_reason() -> None:
    choice = WatchedChoice((), (TIMED,), {"net latency": "unknown architecture 'net'"}, {"gate_nothing": 2})
    assert (
        "1 cell was not run: same code, data, weights and environment (--all runs them)",
        "not in base: net latency: unknown architecture 'net'",
        "not compared step by step: gate_nothing (2)",
    ) == notes_on(choice)


def fault(*bases: Outcome, watched_cells: tuple[Cell, ...] = (TIMED, COUNTED)) -> str | None:
    """Why base measured nothing, by what became of it in the first of the watched cells."""
    items = tuple(watched(cell, "exact") for cell in watched_cells)
    found = SessionOutcomes(failed={item.cell.key: (base, OK) for item, base in zip(items, bases, strict=False)})
    return GateResult(None, "base", "head", found, WatchedChoice(items), SequentialRule(1)).fault_of_base()  # type: ignore[arg-type]


def test_a_base_that_fails_in_every_cell_leaves_nothing_to_judge() -> None:
    assert "failed: no module" == fault(Outcome("failed", "no module"), Outcome("unsupported", "never"))


def test_a_base_that_fails_in_some_cells_leaves_the_others() -> None:
    assert None is fault(Outcome("failed", "no module"))


def test_a_base_that_was_ended_since_head_failed_has_not_failed_itself() -> None:
    assert None is fault(ENDED, ENDED)


def test_what_neither_side_supports_is_no_fault_of_base() -> None:
    assert None is fault(Outcome("unsupported", "never"), Outcome("unsupported", "never"))


def test_trainings_that_were_dropped_are_told_as_one(store: Store) -> None:
    gone = tuple(planned(trained(seed)) for seed in range(3))
    (item,) = GateResult(
        store, "base", "head", SessionOutcomes(), WatchedChoice(()), SequentialRule(1), gone
    ).verdicts()
    assert ("dropped", True) == (item.verdict, item.cell.endswith("(3 trainings)"))


def test_what_was_dropped_says_what_is_to_be_done(store: Store) -> None:
    (item,) = GateResult(
        store, "base", "head", SessionOutcomes(), WatchedChoice(()), SequentialRule(1), (planned(COUNTED),)
    ).verdicts()
    expected = "base watches it, head does not: put it back, or say in evobench-accepted.toml that it is meant"
    assert (expected, None, None, COUNTED.key) == (item.note, item.base, item.head, item.key)


def test_many_new_cells_that_base_lacks_are_one_line_with_the_first_reason() -> None:
    lacking = {name: f"unknown architecture '{name}'" for name in "abcde"}
    expected = "new, not in base: a, b, c and 2 more (unknown architecture 'a')"
    assert (expected,) == notes_on(WatchedChoice((), lacking=lacking, new=tuple("abcde")))


def test_a_cell_that_base_plans_and_cannot_measure_is_not_called_new() -> None:
    assert ("not in base: a: lost",) == notes_on(WatchedChoice((), lacking={"a": "lost"}))

"""A whole comparison, with pretended processes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import pytest

from bench.cell import Cell
from bench.execute.jobs import Count, Job, Measure, Step
from bench.execute.outcome import Outcome
from bench.gate.session import GateSession, SessionOutcomes
from bench.gate.steps import TRIOS, Role, Servers
from bench.gate.timings import Timings
from bench.gate.watch import Watched
from bench.machine.process import own_cpus
from bench.statistics.sequential import SequentialRule
from tests.bench.gate.fakes import COUNTED, TIMED, AtOnce, Server, Worker, renewing, servers, trained, watched


@dataclass
class Counting(Server):
    """A server that says when a worker of it begins and ends."""

    name: str = ""
    said: list[str] = field(default_factory=list)

    def begin(self, job: Measure | Step | Count) -> Worker:
        """A worker that says when it is finished."""
        self.said.append(f"{self.name} begins")
        return Saying(self.seconds, self.results(job), said=self.said, name=self.name)


@dataclass
class Saying(Worker):
    """Says when it has ended."""

    name: str = ""
    said: list[str] = field(default_factory=list)

    def finish(self, limit: float) -> Outcome:
        """What became of it."""
        self.said.append(f"{self.name} ends")
        return super().finish(limit)


def compared(
    given: Servers, *items: Watched, budget: float = math.inf, keep: Callable[..., None] | None = None, **more: Any
) -> SessionOutcomes:
    """Compare these cells."""
    session = GateSession(
        renewing(given, more.get("made")),
        items,
        SequentialRule(len(items)),
        keep or (lambda *_: None),
        budget,
        more.get("tell", lambda _: None),
        seconds=0.0,
        trios=TRIOS,
        timings=more.get("timings") or Timings(),
        lanes=more.get("lanes"),
        executor=AtOnce,
    )
    return session.run(given)


def test_a_head_that_is_five_percent_slower_has_regressed() -> None:
    found = compared(servers(head=Server(lambda: 0.0105)), watched(TIMED, "steps"))
    assert "regression" == found.decisions[TIMED.key].answer


def test_equal_sides_are_fine_after_the_first_look() -> None:
    found = compared(servers(), watched(TIMED, "steps"))
    decision = found.decisions[TIMED.key]
    assert ("fine", SequentialRule(1).looks[0]) == (decision.answer, len(decision.pairs))


def test_every_pair_comes_from_new_servers_but_the_first() -> None:
    made: list[Any] = []
    compared(servers(), watched(TIMED, "steps"), made=made)
    assert SequentialRule(1).looks[0] - 1 == len(made)


def test_new_servers_import_what_the_workers_needed() -> None:
    made: list[Any] = []

    def needs_torchvision(_: Job) -> Outcome:
        return Outcome("ok", values=(1.0,), details={"imported": ["torchvision.models"]})

    sides = [Server(results=needs_torchvision) for _ in range(3)]
    compared(servers(*sides), watched(TIMED, "once"), made=made)
    assert {("torchvision.models",)} == set(made)


def test_new_servers_do_not_import_what_only_decided_cells_needed() -> None:
    made: list[Any] = []

    def needs_optimizers(_: Job) -> Outcome:
        return Outcome("ok", values=(1.0,), details={"imported": ["torch._dynamo"]})

    base, twin = (Server(results=needs_optimizers) for _ in range(2))
    slower = Server(lambda: 0.012, results=needs_optimizers)
    compared(servers(base, slower, twin), watched(TIMED, "steps"), watched(COUNTED, "once"), made=made)
    early, first = SequentialRule(2).looks[:2]
    assert [("torch._dynamo",)] * (early - 1) + [()] * (first - early) == made


def test_what_every_process_gave_is_kept_at_once() -> None:
    kept: list[tuple[Role, int]] = []

    def keep(role: Role, cell: Cell, number: int, outcome: Outcome) -> None:
        kept.append((role, number))

    compared(servers(), watched(TIMED, "steps"), keep=keep)
    processes = 3 * TRIOS * SequentialRule(1).looks[0]
    assert processes == len(set(kept)) == len(kept)


def test_a_figure_without_steps_takes_one_process_of_each_a_round() -> None:
    kept: list[Role] = []

    def keep(role: Role, cell: Cell, number: int, outcome: Outcome) -> None:
        kept.append(role)

    compared(servers(), watched(TIMED, "once"), keep=keep)
    assert 3 * SequentialRule(1).looks[0] == len(kept)


def test_a_pair_is_the_mean_of_the_trios_of_its_round() -> None:
    lengths = cycle([0.010] * 6 + [0.0102] * 6)  # every other process is slower by 2 %
    found = compared(servers(head=Server(lambda: next(lengths))), watched(TIMED, "steps"))
    assert math.log(1.02) / 2 == pytest.approx(found.decisions[TIMED.key].pairs[0])


def test_where_the_budget_ends_first_the_cell_stays_undecided() -> None:
    found = compared(servers(), watched(TIMED, "steps"), budget=-1.0)
    assert ("budget", {}) == (found.ended, found.decisions)


def test_a_cell_whose_head_crashes_is_not_tried_again() -> None:
    head = Server(dies_at=5)
    found = compared(servers(head=head), watched(TIMED, "steps"))
    assert "crashed with SIGSEGV" == found.failed[TIMED.key][1].reason
    assert 1 == len(head.jobs)


def test_the_others_go_on_where_one_cell_fails() -> None:
    def fails_to_count(job: Measure | Step | Count) -> Outcome:
        return Outcome("failed", "no") if job.cell == COUNTED else Outcome("ok", values=(1.0,))

    head = Server(results=fails_to_count)
    found = compared(servers(head=head), watched(COUNTED, "once"), watched(TIMED, "steps"))
    assert ("no", "fine") == (found.failed[COUNTED.key][1].reason, found.decisions[TIMED.key].answer)


def test_what_is_exact_is_measured_once_on_each_side() -> None:
    base, head = Server(), Server(results=lambda _: Outcome("ok", values=(2.0,)))
    found = compared(servers(base, head), watched(COUNTED, "exact"))
    assert ((1.0,), (2.0,)) == tuple(outcome.values for outcome in found.exact[COUNTED.key])
    assert (1, 1) == (len(base.jobs), len(head.jobs))


@pytest.mark.skipif(len(own_cpus() or ()) < 2, reason="takes two cores")
def test_what_is_exact_is_measured_on_both_sides_at_once_where_there_are_two_cores() -> None:
    at_work: list[str] = []
    base, head = (Counting(name=name, said=at_work) for name in ("base", "head"))
    compared(servers(base, head), watched(COUNTED, "exact"))
    assert ["base begins", "head begins", "base ends", "head ends"] == at_work


@pytest.mark.skipif(len(own_cpus() or ()) < 2, reason="takes two cores")
def test_sides_that_find_too_little_memory_for_both_are_measured_one_after_the_other() -> None:
    outcomes = cycle([Outcome("oom", "too little"), Outcome("ok", values=(1.0,))])
    found = compared(servers(Server(results=lambda _: next(outcomes))), watched(COUNTED, "exact"))
    assert {COUNTED.key} == set(found.exact)


def test_every_training_is_paired() -> None:
    found = compared(servers(), watched(trained(0), "trained"), watched(trained(1), "trained"))
    assert {trained(0).key, trained(1).key} == set(found.trained)


def test_trainings_of_other_test_images_cannot_be_paired() -> None:
    longer = Server(results=lambda _: Outcome("ok", values=(1.0, 0.0)))
    found = compared(servers(head=longer), watched(trained(0), "trained"))
    assert {trained(0).key} == set(found.failed)


def test_a_look_is_told_as_it_is_taken() -> None:
    told: list[str] = []
    compared(servers(), watched(TIMED, "steps"), tell=told.append)
    assert [f"fine after 6 pairs: {TIMED}: ratio 1.000"] == told


def test_the_time_goes_to_what_was_done_for_each_cell() -> None:
    timings = Timings(iter(range(10_000)).__next__)
    compared(servers(), watched(TIMED, "steps"), watched(COUNTED, "exact"), timings=timings)
    phases = {phase for phase, cell in timings.spent if cell == str(TIMED)}
    assert {"processes up to their first step", "steps", "ending"} == phases
    assert {("exact counts", str(COUNTED)), ("starting servers", "")} < set(timings.spent)

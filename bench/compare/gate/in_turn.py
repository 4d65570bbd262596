"""Base against head, measured in turn: from the cells to a judgement."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.clock import Stopwatch
from bench.compare.accepted.acceptance import NONE, Acceptance
from bench.compare.causes.explaining import Explained, explain
from bench.compare.gate import counted
from bench.compare.gate.decided import keep
from bench.compare.gate.told import GateResult, notes_on
from bench.compare.jobs.kept import keep_judgement, keep_unmeasured
from bench.compare.judgement import Judgement, judgement_of
from bench.compare.verdict import Verdict
from bench.errors import Exit, NotComparable, NothingPlanned
from bench.gate.base.opening import OpenedSides
from bench.gate.counted import Counter, InstructionCounting
from bench.gate.evidence import GateEvidence
from bench.gate.plan_change import plan_change
from bench.gate.plans import PlannedCell
from bench.gate.session import GateSession, SessionOutcomes, fresh
from bench.gate.sides import Description
from bench.gate.steps import Servers
from bench.gate.timings import Timings
from bench.gate.watch import WatchedChoice, choose, counting
from bench.machine.device import indexed
from bench.machine.gpus.identity import EXCLUSIVE
from bench.machine.host import fingerprint, measured_on
from bench.run.plan import PlanStep
from bench.run.runs import Wish
from bench.statistics.sequential import ALPHA, SequentialRule
from bench.store.database import Store
from bench.words import cells

LONG_OVER = 1.5
"""Times the budget, after which no profiles are taken any more."""


@dataclass(frozen=True)
class Demand:
    """Settings of a comparison in turn."""

    store: Path
    everything: bool
    """Whether cells that are the same on both sides are run too."""
    notice: float
    """Share by which a cell that is fine is not slower."""
    budget: float
    """Wall seconds of measuring."""
    fail_on: frozenset[Verdict]
    key: str = ""
    """Key of this job among several jobs."""
    accepted: Acceptance = NONE
    counter: Counter | None = None
    """Counter of instructions, where they can stand for time; None: time is measured."""
    lanes: int | None = None
    """Counts and trainings that run at once; None: one a core."""


def compare_in_turn(
    demand: Demand,
    wish: Wish,
    steps: Sequence[PlanStep],
    sides: OpenedSides,
    say: Callable[[str], None],
    timings: Timings | None = None,
) -> Judgement:
    """Measure what the steps name on both sides in turn, keep it, and judge it.

    Args:
        demand: the store, budget and limits of the comparison.
        wish: the cells that are asked for; base makes its own plan of them.
        steps: the plan, by the declarations of head.
        sides: both, ready.
        say: receives what a person is told meanwhile.
        timings: receives where the time goes.

    Raises:
        NotComparable: base has none of the cells, or does not start.
        NothingPlanned: neither side plans a cell.
    """
    planned = [step.planned.cell for step in steps]
    timings = timings or Timings()
    with timings.of_servers(fresh(sides.base, sides.head, digests=True)) as servers:
        with timings.of("describing"):
            described = {"base": servers.base.describe(planned), "head": servers.head.describe(planned)}
            planned_in_base = servers.base.plan(wish)
        described["twin"] = described["base"]
        plans = plan_change(steps, planned_in_base, sides.base.moved[1] if sides.base.moved else None)
        choice = choose(
            steps,
            described["base"],
            described["head"],
            new=plans.new,
            everything=demand.everything,
            foreign=sides.foreign,
        )
        if demand.counter:
            choice = counting(choice)
        if not steps and not plans.dropped:
            raise NothingPlanned("nothing to measure: neither base nor head plans a cell of what is asked for")
        notes = (*sides.notes, *notes_on(choice), *plans.notes)
        if choice.lacking and not choice.watched and not choice.same and not plans.dropped:
            why = next(iter(choice.lacking.values()))
            raise NotComparable(f"{sides.base.name} has none of these {len(choice.lacking)} cells: {why}")
        if not choice.watched and not plans.dropped:
            notes = (*notes, "nothing to compare: no figure can have changed")
            return _nothing(demand, sides, notes)
        with Store.create(demand.store) as store:
            work = _Work(demand, store, sides, choice, plans.dropped, notes, described, say, timings)
            return _measured(work, servers)


@dataclass(frozen=True)
class _Work:
    """The things with which the sides are measured."""

    demand: Demand
    store: Store
    sides: OpenedSides
    choice: WatchedChoice
    dropped: tuple[PlannedCell, ...]
    notes: tuple[str, ...]
    described: Mapping[Any, Description]
    say: Callable[[str], None]
    timings: Timings

    @property
    def rule(self) -> SequentialRule:
        """Rule that shares out its error among all tests: cells, and groups of trainings.

        Where a spread can make the run red too, each of the two tests has half of the error.
        """
        alpha = ALPHA / 2 if "erratic" in self.demand.fail_on else ALPHA
        return SequentialRule(max(1, len(self.tested)), alpha, notice=self.demand.notice)

    @property
    def tested(self) -> set[str]:
        """Keys of what chance can decide."""
        tested = [item for item in self.choice.watched if item.way not in ("exact", "counted")]
        return {item.cell.arm.key if item.way == "trained" else item.cell.key for item in tested}

    @property
    def number_counted(self) -> int:
        """Number of cells that are decided by their instructions."""
        return sum(item.way == "counted" for item in self.choice.watched)

    @property
    def notes_on_counts(self) -> tuple[str, ...]:
        """Notes for readers on cells whose instructions were counted."""
        number, counter = self.number_counted, self.demand.counter
        return (counted.note_on(cells(number), counter),) if number and counter else ()


def _measured(work: _Work, servers: Servers) -> Judgement:
    steps = [item.step for item in work.choice.watched]
    command = shlex.join(["evobench", *sys.argv[1:]])
    with work.timings.of("describing"):
        hosts = _hosts(work, servers)
    evidence = GateEvidence.begin(
        work.store, command, steps, hosts, work.described, work.sides.base.name, work.demand.key
    )
    base, head = evidence.runs["base"].id, evidence.runs["head"].id
    watch = Stopwatch()
    with _ending(evidence):
        found = _session(work, evidence).run(servers)
        twin = evidence.runs["twin"].id
        counter = work.demand.counter
        told = GateResult(work.store, base, head, found, work.choice, work.rule, work.dropped, twin, counter)
        verdicts = told.verdicts()
        keep(work.store, head, verdicts)  # before what may be cut off
        late = LONG_OVER * work.demand.budget
        with work.timings.of("profiles"):
            explained = explain(servers, work.choice.watched, verdicts, lambda: watch.seconds > late, work.say)
        profiled = [item for item in explained.found if item.key in explained.differences]
        keep(work.store, head, profiled, explained.differences)
        ended = Exit.INCOMPLETE if told.is_incomplete else Exit.OK
        judgement = _judged(work, base, head, explained, _lacking(work.sides, found), ended)
        keep_judgement(work.store, head, judgement)
        evidence.end(found.ended)
    if fault := told.fault_of_base():
        number = cells(len(work.choice.watched))
        raise NotComparable(f"{work.sides.base.name} measures none of {number}: {fault} (kept as run {base})")
    return judgement


def _judged(
    work: _Work, base: str, head: str, explained: Explained, lacking: Sequence[str], ended: Exit
) -> Judgement:
    judgement = judgement_of(
        work.store,
        base,
        head,
        explained.found,
        fail_on=work.demand.fail_on,
        notes=(
            *work.notes,
            *work.notes_on_counts,
            *lacking,
            *explained.notes,
            f"kept as runs {base} (base) and {head} (head)",
        ),
        names=(work.sides.base.name, work.sides.head.name),
    )
    told = replace(judgement, ended=ended, key=work.demand.key)
    return work.demand.accepted.applied(told, work.sides.commit)


def _nothing(demand: Demand, sides: OpenedSides, notes: tuple[str, ...]) -> Judgement:
    """Judgement that no figure can have changed. One of several jobs keeps it, since a job without a judgement is
    a fault."""
    told = Judgement(sides.base.name, sides.head.name, (), demand.fail_on, notes, key=demand.key)
    judgement = demand.accepted.applied(told, sides.commit)
    if demand.key:
        keep_unmeasured(demand.store, judgement)
    return judgement


def _lacking(sides: OpenedSides, found: SessionOutcomes) -> list[str]:
    """Lines on files ignored by git for lack of which cells failed in the base."""
    reasons = [base.reason for base, _ in found.failed.values()]
    return list(dict.fromkeys(told for reason in reasons if (told := sides.unbuilt.behind(reason))))


def _session(work: _Work, evidence: GateEvidence) -> GateSession:
    watched, rule, tested = work.choice.watched, work.rule, work.tested
    pairs = f"each after {', '.join(map(str, rule.looks[:-1]))} or {rule.looks[-1]} fresh pairs of processes"
    together = f", {len(tested)} decided together, {pairs}" if tested else ""
    by_counts = f", {work.number_counted} decided by instructions, not time" if work.number_counted else ""
    if watched:
        work.say(f"{cells(len(watched))}{together}{by_counts}")
    sides = work.sides
    renew = partial(fresh, sides.base, sides.head)
    counter = work.demand.counter
    return GateSession(
        renew,
        watched,
        rule,
        evidence.keep,
        work.demand.budget,
        work.say,
        timings=work.timings,
        counting=InstructionCounting(counter, renew) if counter else None,
        lanes=work.demand.lanes,
    )


@contextmanager
def _ending(evidence: GateEvidence) -> Iterator[None]:
    """Whatever cuts the comparison off: what was measured stays, and the runs say that they were cut off."""
    try:
        yield
    except BaseException:
        evidence.end("interrupted")
        raise


def _require_shared(seen: Mapping[str, Any], choice: WatchedChoice) -> None:
    """Make sure that three processes can hold the GPU whose steps are taken in turn.

    Raises:
        NotComparable: a GPU admits a single process.
    """
    stepped = {item.cell.scenario.device for item in choice.watched if item.way == "steps"}
    for device in sorted(name for name in stepped if name.startswith("cuda")):
        found = seen.get("devices", {}).get(indexed(device), {})
        if found.get("compute_mode") == EXCLUSIVE:
            raise NotComparable(
                f"{device} takes one process at a time (compute mode exclusive), and steps in turn need three:"
                " set it to default (nvidia-smi -c 0), or measure both sides and compare the runs"
            )


def _hosts(work: _Work, servers: Servers) -> dict[Any, Mapping[str, Any]]:
    """The fingerprint of each side: one machine, each side's own packages and revision."""
    hosts: dict[Any, Mapping[str, Any]] = {}
    for role, server in (("base", servers.base), ("head", servers.head)):
        described = work.described[role]
        seen = server.probe()
        _require_shared(seen, work.choice)
        found = fingerprint(measured_on(seen, (item.cell.scenario.device for item in work.choice.watched)))
        hosts[role] = {**found, "python": described.python, "versions": dict(described.versions)}
    if work.sides.commit:
        hosts["base"] = {**hosts["base"], "git": work.sides.commit[:12]}
    return {**hosts, "twin": hosts["base"]}

"""Base against head, measured in turn: from the cells to a judgement."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.compare.decided import keep
from bench.compare.gate import Told, notes_on
from bench.compare.judgement import Judgement, judgement_of
from bench.compare.trained import group_of
from bench.compare.verdict import Verdict
from bench.errors import Exit, NotComparable
from bench.gate.evidence import Evidence
from bench.gate.opening import Opened
from bench.gate.session import Session, fresh
from bench.gate.sides import Description
from bench.gate.steps import Servers
from bench.gate.watch import Choice, choose
from bench.machine.device import indexed
from bench.machine.host import fingerprint, measured_on
from bench.machine.identity import EXCLUSIVE
from bench.run.plan import Step
from bench.statistics.sequential import Rule
from bench.store.database import Store
from bench.words import cells


@dataclass(frozen=True)
class Demand:
    """What is asked of a comparison in turn."""

    store: Path
    everything: bool
    """Whether what is the same on both sides is run, too."""
    notice: float
    """Share by which a cell that is fine is not slower."""
    budget: float
    """Wall seconds of measuring."""
    fail_on: frozenset[Verdict]


def compare_in_turn(
    demand: Demand, steps: Sequence[Step], sides: Opened, say: Callable[[str], None]
) -> tuple[Judgement, Exit]:
    """Measure what the steps name on both sides in turn, keep it, and judge it.

    Args:
        demand: where to and how.
        steps: the plan, by the declarations of head.
        sides: both, ready.
        say: receives what a person is told meanwhile.

    Returns:
        What was found, and the exit code where nothing makes it fail.

    Raises:
        NotComparable: base has none of the cells, or does not start.
    """
    planned = [step.planned.cell for step in steps]
    with fresh(sides.base, sides.head) as servers:
        described = {"base": servers.base.describe(planned), "head": servers.head.describe(planned)}
        described["twin"] = described["base"]
        choice = choose(
            steps, described["base"], described["head"], everything=demand.everything, foreign=sides.foreign
        )
        if choice.lacking and not choice.watched and not choice.same:
            why = next(iter(choice.lacking.values()))
            raise NotComparable(f"{sides.base.name} has none of these {len(choice.lacking)} cells: {why}")
        if not choice.watched:
            notes = (*sides.notes, *notes_on(choice), "nothing to compare: no figure can have changed")
            return Judgement(sides.base.name, sides.head.name, (), demand.fail_on, notes), Exit.OK
        with Store.create(demand.store) as store:
            return _measured(_Work(demand, store, sides, choice, described, say), servers)


@dataclass(frozen=True)
class _Work:
    """What the sides are measured with."""

    demand: Demand
    store: Store
    sides: Opened
    choice: Choice
    described: Mapping[Any, Description]
    say: Callable[[str], None]

    @property
    def rule(self) -> Rule:
        """Whose error is shared out among what is tested: cells, and groups of trainings."""
        return Rule(max(1, len(self.tested)), notice=self.demand.notice)

    @property
    def tested(self) -> set[str]:
        """Keys of what chance can decide."""
        tested = [item for item in self.choice.watched if item.way != "exact"]
        return {group_of(item.cell).key if item.way == "trained" else item.cell.key for item in tested}


def _measured(work: _Work, servers: Servers) -> tuple[Judgement, Exit]:
    steps = [item.step for item in work.choice.watched]
    command = shlex.join(["evobench", *sys.argv[1:]])
    hosts = _hosts(work, servers)
    evidence = Evidence.begin(work.store, command, steps, hosts, work.described)
    base, head = evidence.runs["base"].id, evidence.runs["head"].id
    with _ending(evidence):
        found = _session(work, evidence).run(servers)
        told = Told(work.store, base, head, found, work.choice, work.rule)
        verdicts = told.verdicts()
        keep(work.store, head, verdicts)
        evidence.end(found.ended)
    judgement = judgement_of(
        work.store,
        base,
        head,
        verdicts,
        fail_on=work.demand.fail_on,
        notes=(*work.sides.notes, *notes_on(work.choice), f"kept as runs {base} (base) and {head} (head)"),
        names=(work.sides.base.name, work.sides.head.name),
    )
    return judgement, Exit.INCOMPLETE if told.is_incomplete else Exit.OK


def _session(work: _Work, evidence: Evidence) -> Session:
    watched, rule, tested = work.choice.watched, work.rule, work.tested
    pairs = f"each after {', '.join(map(str, rule.looks[:-1]))} or {rule.looks[-1]} fresh pairs of processes"
    together = f", {len(tested)} decided together, {pairs}" if tested else ""
    work.say(f"{cells(len(watched))}{together}")
    sides = work.sides
    return Session(
        partial(fresh, sides.base, sides.head), watched, rule, evidence.keep, work.demand.budget, work.say
    )


@contextmanager
def _ending(evidence: Evidence) -> Iterator[None]:
    """Whatever cuts the comparison off: what was measured stays, and the runs say that they were cut off."""
    try:
        yield
    except BaseException:
        evidence.end("interrupted")
        raise


def _require_shared(seen: Mapping[str, Any], choice: Choice) -> None:
    """Make sure that three processes can hold the GPU whose steps are taken in turn.

    Raises:
        NotComparable: it takes a single one.
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

"""Base against head, measured in turn: from the cells to a judgement."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.errors import Exit, NotComparable
from bench.gate.evidence import Evidence
from bench.gate.opening import Opened
from bench.gate.session import Session, fresh
from bench.gate.sides import Description
from bench.gate.steps import Servers
from bench.gate.trained import group_of
from bench.gate.watch import Choice, choose
from bench.machine.host import fingerprint
from bench.run.plan import Step
from bench.statistics.sequential import Rule
from bench.store.database import Store
from reports import formats
from reports.ci.judged import judgement_of
from reports.ci.judgement import Judgement
from reports.ci.options import fail_on
from reports.comparing.gate import Told, notes_on


def compare_in_turn(
    arguments: argparse.Namespace, steps: Sequence[Step], sides: Opened, say: Callable[[str], None]
) -> tuple[Judgement, Exit]:
    """Measure what the steps name on both sides in turn, keep it, and judge it.

    Args:
        arguments: those of `regress`.
        steps: the plan, by the declarations of head.
        sides: both, ready.
        say: receives what a person is told meanwhile.

    Returns:
        What was found, and the exit code where nothing makes it fail.

    Raises:
        NotComparable: base has none of the cells, or does not start.
    """
    cells = [step.planned.cell for step in steps]
    with fresh(sides.base, sides.head) as servers:
        described = {"base": servers.base.describe(cells), "head": servers.head.describe(cells)}
        described["twin"] = described["base"]
        choice = choose(
            steps, described["base"], described["head"], everything=arguments.all, foreign=sides.foreign
        )
        if choice.lacking and not choice.watched and not choice.same:
            why = next(iter(choice.lacking.values()))
            raise NotComparable(f"{sides.base.name} has none of these {len(choice.lacking)} cells: {why}")
        if not choice.watched:
            return _nothing(arguments, sides, choice), Exit.OK
        with Store.create(arguments.store) as store:
            return _measured(_Work(arguments, store, sides, choice, described, say), servers)


@dataclass(frozen=True)
class _Work:
    """What the sides are measured with."""

    arguments: argparse.Namespace
    store: Store
    sides: Opened
    choice: Choice
    described: Mapping[Any, Description]
    say: Callable[[str], None]


def _measured(work: _Work, servers: Servers) -> tuple[Judgement, Exit]:
    steps = [item.step for item in work.choice.watched]
    command = shlex.join(["evobench", *sys.argv[1:]])
    hosts = _hosts(work, servers)
    evidence = Evidence.begin(work.store, command, steps, hosts, work.described)
    with _ending(evidence):
        found = _session(work, evidence).run(servers)
        evidence.end(found.ended)
    base, head = evidence.runs["base"].id, evidence.runs["head"].id
    told = Told(work.store, base, head, found, work.choice, work.arguments.notice / 100)
    judgement = judgement_of(
        work.store,
        base,
        head,
        told.verdicts(),
        fail_on=fail_on(work.arguments),
        notes=(*work.sides.notes, *notes_on(work.choice), f"kept as runs {base} (base) and {head} (head)"),
        names=(work.sides.base.name, work.sides.head.name),
    )
    return judgement, Exit.INCOMPLETE if told.is_incomplete else Exit.OK


def _session(work: _Work, evidence: Evidence) -> Session:
    watched = work.choice.watched
    tested = {
        group_of(item.cell).key if item.way == "trained" else item.cell.key
        for item in watched
        if item.way != "exact"
    }
    rule = Rule(max(1, len(tested)), notice=work.arguments.notice / 100)
    pairs = f"each after {', '.join(map(str, rule.looks[:-1]))} or {rule.looks[-1]} fresh pairs of processes"
    together = f", {len(tested)} decided together, {pairs}" if tested else ""
    work.say(f"{formats.cells(len(watched))}{together}")
    sides = work.sides
    return Session(
        partial(fresh, sides.base, sides.head), watched, rule, evidence.keep, work.arguments.budget, work.say
    )


@contextmanager
def _ending(evidence: Evidence) -> Iterator[None]:
    """Whatever cuts the comparison off: what was measured stays, and the runs say that they were cut off."""
    try:
        yield
    except BaseException:
        evidence.end("interrupted")
        raise


def _hosts(work: _Work, servers: Servers) -> dict[Any, Mapping[str, Any]]:
    """The fingerprint of each side: one machine, each side's own packages and revision."""
    hosts: dict[Any, Mapping[str, Any]] = {}
    for role, server in (("base", servers.base), ("head", servers.head)):
        described = work.described[role]
        found = fingerprint(server.probe())
        hosts[role] = {**found, "python": described.python, "versions": dict(described.versions)}
    if work.sides.commit:
        hosts["base"] = {**hosts["base"], "git": work.sides.commit[:12]}
    return {**hosts, "twin": hosts["base"]}


def _nothing(arguments: argparse.Namespace, sides: Opened, choice: Choice) -> Judgement:
    notes = (*sides.notes, *notes_on(choice), "nothing to compare: no figure can have changed")
    return Judgement(sides.base.name, sides.head.name, (), fail_on(arguments), notes)

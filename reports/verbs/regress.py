"""`evobench regress`: the working tree against another revision, in turn in one job, or against a baseline."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.catalog import load_catalogs
from bench.errors import Exit, NotComparable, UsageError
from bench.options import seconds
from bench.runs import Wish
from bench.store import Store
from bench.verb import Terminal, Verb, add_format, add_store
from bench.verbs._data_options import add_data_options, keep_digests, settle_data
from bench.verbs._what_options import add_what_options, wish_of
from reports.ci.options import add_outputs, aside, fail_on, wished, write_outputs

if TYPE_CHECKING:
    from bench.gate.evidence import Evidence
    from bench.gate.opening import Opened
    from bench.gate.session import Session
    from bench.gate.sides import Description
    from bench.gate.steps import Servers
    from bench.gate.watch import Choice
    from reports.ci.judgement import Judgement

SUITES = ("gate",)
BUDGET = 600.0
FAIL_ON = "regression,undecided"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `regress`."""
    against = parser.add_argument_group("what to compare with")
    against.add_argument(
        "--base", metavar="REV", help="a revision, in a worktree of its own, in turn with this tree"
    )
    against.add_argument(
        "--base-env", type=Path, metavar="VENV", help="another environment, such as of another torch"
    )
    against.add_argument("--against", metavar="NAME", help="a baseline or run of the store, measured earlier")
    add_what_options(parser, SUITES)
    how = parser.add_argument_group("how")
    how.add_argument(
        "--all", action="store_true", help="run what is the same on both sides, too, and show what is fine"
    )
    how.add_argument("--device", metavar="cpu|cuda|mps", help="(default: cpu)")
    how.add_argument(
        "--budget", type=seconds, default=BUDGET, metavar="10m", help="wall time of all (default: 10m)"
    )
    how.add_argument(
        "--notice",
        type=float,
        default=3.0,
        metavar="PERCENT",
        help="slowdown that a fine cell excludes (%(default)s)",
    )
    how.add_argument("--force", action="store_true", help="with --against: ignore that host or protocol differ")
    add_data_options(how)
    add_store(how)
    add_format(how)
    add_outputs(how, FAIL_ON)


def run(arguments: argparse.Namespace) -> int:
    """Compare; returns 0 where all is fine, 1 where a verdict of `--fail-on` was found."""
    from reports.verdict_lines import tell

    if not 1 <= arguments.notice < 100:
        raise UsageError(f"--notice takes 1 to 100 percent, not {arguments.notice:g}")
    if arguments.against and (arguments.base or arguments.base_env):
        raise UsageError(
            "--against takes what was measured earlier, --base and --base-env measure now: choose one"
        )
    wished(arguments)  # what cannot be written must be said before minutes of work
    console = Terminal(stderr=True, highlight=False)

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    judgement, code = _against(arguments, say) if arguments.against else _in_turn(arguments, say)
    for note in judgement.notes:
        say(note)
    with aside(arguments):
        tell(judgement.found, arguments.format, arguments.all)
    write_outputs(judgement, arguments)
    return judgement.exit_code or code


def _in_turn(arguments: argparse.Namespace, say: Callable[[str], None]) -> tuple[Judgement, Exit]:
    """Measure both sides in turn."""
    from bench.gate.opening import Base, opened

    wish = wish_of(arguments)
    wish = replace(wish, suites=wish.suites or SUITES, threads=wish.threads or (1,))
    load_catalogs(wish.catalogs)
    settle_data(arguments.store, wish.given())
    folder = arguments.store.parent / "regress"
    with opened(Base(arguments.base, arguments.base_env), wish.catalogs, folder, say) as sides:
        try:
            return _compared(arguments, wish, sides, say)
        finally:
            keep_digests(arguments.store)


def _compared(
    arguments: argparse.Namespace, wish: Wish, sides: Opened, say: Callable[[str], None]
) -> tuple[Judgement, Exit]:
    from bench.gate.session import fresh
    from bench.gate.watch import choose

    steps = wish.steps()
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
    from bench.gate.evidence import Evidence
    from reports.ci.judged import judgement_of
    from reports.gate import Told, notes_on

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
    from bench.gate.decision import Rule
    from bench.gate.session import Session, fresh
    from bench.gate.trained import group_of

    watched = work.choice.watched
    tested = {
        group_of(item.cell).key if item.way == "trained" else item.cell.key
        for item in watched
        if item.way != "exact"
    }
    rule = Rule(max(1, len(tested)), notice=work.arguments.notice / 100)
    work.say(
        f"{len(watched)} cells, {len(tested)} decided together, each after {', '.join(map(str, rule.looks[:-1]))} or"
        f" {rule.looks[-1]} fresh pairs of processes"
    )
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
    from bench.host import fingerprint

    hosts: dict[Any, Mapping[str, Any]] = {}
    for role, server in (("base", servers.base), ("head", servers.head)):
        described = work.described[role]
        found = fingerprint(server.probe())
        hosts[role] = {**found, "python": described.python, "versions": dict(described.versions)}
    if work.sides.commit:
        hosts["base"] = {**hosts["base"], "git": work.sides.commit[:12]}
    return {**hosts, "twin": hosts["base"]}


def _nothing(arguments: argparse.Namespace, sides: Opened, choice: Choice) -> Judgement:
    from reports.ci.judgement import Judgement
    from reports.gate import notes_on

    notes = (*sides.notes, *notes_on(choice), "nothing to compare: no figure can have changed")
    return Judgement(sides.base.name, sides.head.name, (), fail_on(arguments), notes)


def _against(arguments: argparse.Namespace, say: Callable[[str], None]) -> tuple[Judgement, Exit]:
    raise UsageError("--against is not there yet")


VERB = Verb("regress", "compare this tree with another revision; exits 1 on a regression", configure, run)

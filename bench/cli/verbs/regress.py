"""`evobench regress`: the working tree against another revision, in turn in one job, or against a baseline."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli.how import How
from bench.cli.measuring import measure
from bench.cli.options.data import add_data_options, keep_digests, settle_data, tell_data
from bench.cli.options.engines import lanes_here
from bench.cli.options.values import joined, lanes, listed, percent, seconds
from bench.cli.options.what import add_what_options, wish_of
from bench.cli.outputs import teller
from bench.cli.verb import Terminal, Verb, add_format, add_store
from bench.compare.judgement import GATE_FAILS_ON, Judgement
from bench.compare.verdict import Verdict
from bench.declare.catalog import load_catalogs
from bench.errors import Exit, NotComparable, NothingPlanned, UsageError
from bench.execute.limits import before_cells
from bench.run.driver import Pace
from bench.run.origins import CATALOGS, load_catalogs_of
from bench.run.runs import Wish
from bench.store.database import Store

if TYPE_CHECKING:
    from bench.compare.gate.in_turn import Demand
    from bench.gate.base.opening import Base
    from bench.gate.timings import Timings

SUITES = ("gate",)
BUDGET = 600.0
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `regress`."""
    against = parser.add_argument_group("what to compare with")
    against.add_argument(
        "--base",
        metavar="REV",
        help="the merge base of HEAD and a revision, in a worktree of its own, in turn with this tree",
    )
    against.add_argument(
        "--exact-base", action="store_true", help="with --base: the revision itself, not the merge base"
    )
    against.add_argument(
        "--base-env",
        type=Path,
        metavar="VENV",
        help="a virtual environment for base, which holds evobench, too, such as one of another torch",
    )
    against.add_argument("--against", metavar="NAME", help="a baseline or run of the store, measured earlier")
    jobs = parser.add_argument_group("several jobs")
    jobs.add_argument("--key", type=_key, metavar="KEY", help="which of several jobs this is: py3.12")
    jobs.add_argument(
        "--together",
        type=listed(_key),
        metavar="KEY,KEY",
        help="measure nothing: tell as one what these jobs kept in the store, each of which must be there",
    )
    add_what_options(parser, SUITES)
    how = parser.add_argument_group("how")
    how.add_argument(
        "--all", action="store_true", help="run what is the same on both sides, too, and show what is fine"
    )
    how.add_argument("--device", metavar="cpu|cuda|mps", help="(default: cpu)")
    how.add_argument(
        "--budget", type=seconds, default=BUDGET, metavar="10m", help="wall time of measuring (default: 10m)"
    )
    how.add_argument(
        "--notice",
        type=percent,
        default=3.0,
        metavar="PERCENT",
        help="slowdown that a fine cell excludes (%(default)s)",
    )
    how.add_argument(
        "--lanes",
        type=lanes,
        metavar="auto|N",
        help="counts and trainings that run at once, never beside a timing (default: auto, one a core)",
    )
    how.add_argument("--timings", action="store_true", help="tell at the end where the wall time went")
    how.add_argument(
        "--instructions",
        nargs="?",
        const="perf",
        choices=("perf", "callgrind"),
        help="decide cells on the CPU by the instructions of a step, not its time: counted by the processor"
        " (perf, the default) or by valgrind (callgrind: slow, but works where there is no such counter)",
    )
    how.add_argument("--force", action="store_true", help="with --against: ignore that host or protocol differ")
    add_data_options(how)
    add_store(how)
    add_format(how)
    teller().add_outputs(how, GATE_FAILS_ON)


def run(arguments: argparse.Namespace) -> int:
    """Compare; returns 0 where all is fine, 1 where a verdict of `--fail-on` was found."""
    from bench.gate.timings import Timings

    _require_fitting(arguments)
    timings = Timings()
    outputs = teller().outputs_of(arguments)  # what cannot be written must be said before minutes of work
    console = Terminal(stderr=True, highlight=False)

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    if arguments.together:
        judgement = _together(arguments, outputs.fail_on)
    else:
        judgement = _measured(arguments, outputs.fail_on, say, timings)
    for note in judgement.notes:
        say(note)
    answer = outputs.tell(judgement, arguments.format, arguments.all)
    for line in timings.lines() if arguments.timings else ():
        say(line)
    return answer


def _require_fitting(arguments: argparse.Namespace) -> None:
    """Refuse options that do not go together, or that this machine cannot serve."""
    from bench.gate.counted import require

    if not 1 <= arguments.notice < 100:
        raise UsageError(f"--notice takes 1 to 100 percent, not {arguments.notice:g}")
    if arguments.against and (arguments.base or arguments.base_env):
        raise UsageError(
            "--against takes what was measured earlier, --base and --base-env measure now: choose one"
        )
    if arguments.exact_base and not arguments.base:
        raise UsageError("--exact-base belongs to --base REV: name the revision")
    measures_no_base = arguments.against or arguments.together
    if arguments.timings and measures_no_base:
        raise UsageError("--timings tells of two sides that are measured in turn: leave it out")
    if arguments.instructions:
        if measures_no_base:
            raise UsageError("--instructions counts base and head now: leave out --against and --together")
        require(arguments.instructions)


def _together(arguments: argparse.Namespace, fail_on: frozenset[Verdict]) -> Judgement:
    """Judgement of the jobs' kept results as one."""
    from bench.compare.jobs.together import together

    given = wish_of(arguments).given()
    if given or arguments.base or arguments.base_env or arguments.against or arguments.key:
        raise UsageError("--together measures nothing: leave out what to measure and what to compare with")
    if fail_on != GATE_FAILS_ON:
        raise UsageError("--together fails on what each job was told to fail on: give --fail-on there")
    with Store.open(arguments.store) as store:
        return together(store, joined([arguments.together]))


def _measured(
    arguments: argparse.Namespace, fail_on: frozenset[Verdict], say: Callable[[str], None], timings: Timings
) -> Judgement:
    """Judgement of a new measurement against a revision, another environment, or an earlier measurement."""
    from bench.compare.accepted.acceptance import Acceptance
    from bench.compare.gate.in_turn import Demand
    from bench.compare.jobs.kept import keep_unmeasured
    from bench.gate.base.opening import Base

    demand = Demand(
        arguments.store,
        arguments.all,
        arguments.notice / 100,
        arguments.budget,
        fail_on=fail_on,
        key=arguments.key or "",
        accepted=Acceptance.here(Path.cwd()),
        counter=arguments.instructions,
        lanes=arguments.lanes,
    )
    wish = wish_of(arguments)
    if arguments.against:
        return _against(demand, wish, arguments.against, arguments.force, say)
    try:
        base = Base(arguments.base, arguments.base_env, arguments.exact_base)
        return _in_turn(demand, wish, base, say, timings)
    except NotComparable as error:
        if demand.key:  # who tells several jobs together must know why this one has no verdicts
            named = str(arguments.base or arguments.base_env)
            told = Judgement(named, "the working tree", (), fail_on, (str(error),), key=demand.key)
            keep_unmeasured(demand.store, replace(told, ended=error.exit_code))
        raise


def _in_turn(demand: Demand, wish: Wish, base: Base, say: Callable[[str], None], timings: Timings) -> Judgement:
    """Measure both sides in turn."""
    from bench.compare.gate.in_turn import compare_in_turn
    from bench.gate.base.opening import opened

    wish = replace(wish, suites=wish.suites or SUITES, threads=wish.threads or (1,))
    load_catalogs(wish.catalogs, before_cells(demand.budget))
    settle_data(demand.store, wish.given())
    try:
        steps = wish.steps()
    except NothingPlanned:  # base may watch what head no longer does
        steps = ()
    tell_data(Terminal(stderr=True, highlight=False))
    with opened(base, wish.catalogs, demand.store.parent / "regress", say) as sides:
        try:
            return compare_in_turn(demand, wish, steps, sides, say, timings)
        finally:
            keep_digests(demand.store)


def _against(demand: Demand, wish: Wish, name: str, force: bool, say: Callable[[str], None]) -> Judgement:
    """Measure what a baseline measured, and compare."""
    from bench.compare.against import against, base_of, wish_again

    if wish.given().keys() - {CATALOGS}:
        raise UsageError("--against measures what the baseline measured: leave out what else to measure")
    with Store.open(demand.store) as store:
        base = base_of(store, name)
    load_catalogs_of(base, wish.catalogs, before_cells(demand.budget))
    again = wish_again(base)
    settle_data(demand.store, again.given())
    # a comparison with figures that were taken over would be one with themselves
    how = How(demand.store, Pace(demand.budget, lanes=lanes_here(None, None)), fresh=True)
    run, state = measure(how, again, again.steps(), Terminal(stderr=True, highlight=False))
    if state != "complete":
        say(f"the budget ended before all of run {run} was measured")
    with Store.open(demand.store) as store:
        judgement = against(store, name, run, demand.notice, force)
    complete = state == "complete" and not judgement.failures
    ended = Exit.OK if complete else Exit.INCOMPLETE
    told = replace(judgement, fail_on=demand.fail_on, ended=ended, key=demand.key)
    return demand.accepted.applied(told, str(base.host.get("git") or "").rstrip("+") or None)


def _key(text: str) -> str:
    """A key that can stand in a hidden comment, in the name of an artifact and in that of a test."""
    if not _KEY.fullmatch(text):
        raise UsageError(f"'{text}' is not a key: letters, digits, and . _ + - behind the first, 64 at most")
    return text


VERB = Verb(
    "regress",
    "compare this tree with another revision; exits 1 on a regression",
    configure,
    run,
    ("regress --base main  # this tree against where it left main", "regress --against nightly --suite gate"),
    (
        *("--base", "--against", "--suite", "--arch", "--device", "--budget", "--all", "--fail-on", "--write"),
        *("--store", "--format"),
    ),
)

"""`evobench regress`: the working tree against another revision, in turn in one job, or against a baseline."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli.data_options import add_data_options, keep_digests, settle_data, tell_data
from bench.cli.measuring import How, measure
from bench.cli.options import seconds
from bench.cli.outputs import teller
from bench.cli.verb import Terminal, Verb, add_format, add_store
from bench.cli.what_options import add_what_options, wish_of
from bench.compare.judgement import GATE_FAILS_ON, Judgement
from bench.declare.catalog import load_catalogs
from bench.errors import Exit, UsageError
from bench.run.driver import Pace
from bench.run.runs import Wish
from bench.store.database import Store

if TYPE_CHECKING:
    from bench.compare.in_turn import Demand
    from bench.gate.opening import Base

SUITES = ("gate",)
BUDGET = 600.0


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
        "--budget", type=seconds, default=BUDGET, metavar="10m", help="wall time of measuring (default: 10m)"
    )
    how.add_argument(
        "--notice",
        type=float,
        default=3.0,
        metavar="PERCENT",
        help="slowdown that a fine cell excludes (%(default)s)",
    )
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
    from bench.compare.in_turn import Demand
    from bench.gate.counted import require
    from bench.gate.opening import Base

    if not 1 <= arguments.notice < 100:
        raise UsageError(f"--notice takes 1 to 100 percent, not {arguments.notice:g}")
    if arguments.against and (arguments.base or arguments.base_env):
        raise UsageError(
            "--against takes what was measured earlier, --base and --base-env measure now: choose one"
        )
    if arguments.instructions:
        if arguments.against:
            raise UsageError(
                "--instructions counts base and head now, and --against measures head alone: choose one"
            )
        require(arguments.instructions)
    outputs = teller().outputs_of(arguments)  # what cannot be written must be said before minutes of work
    demand = Demand(
        arguments.store,
        arguments.all,
        arguments.notice / 100,
        arguments.budget,
        fail_on=outputs.fail_on,
        counter=arguments.instructions,
    )
    console = Terminal(stderr=True, highlight=False)

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    wish = wish_of(arguments)
    if arguments.against:
        judgement, code = _against(demand, wish, arguments.against, arguments.force, say)
    else:
        judgement, code = _in_turn(demand, wish, Base(arguments.base, arguments.base_env), say)
    for note in judgement.notes:
        say(note)
    return outputs.tell(judgement, arguments.format, arguments.all) or code


def _in_turn(demand: Demand, wish: Wish, base: Base, say: Callable[[str], None]) -> tuple[Judgement, Exit]:
    """Measure both sides in turn."""
    from bench.compare.in_turn import compare_in_turn
    from bench.gate.opening import opened

    wish = replace(wish, suites=wish.suites or SUITES, threads=wish.threads or (1,))
    load_catalogs(wish.catalogs)
    settle_data(demand.store, wish.given())
    steps = wish.steps()
    tell_data(Terminal(stderr=True, highlight=False))
    with opened(base, wish.catalogs, demand.store.parent / "regress", say) as sides:
        try:
            return compare_in_turn(demand, steps, sides, say)
        finally:
            keep_digests(demand.store)


def _against(
    demand: Demand, wish: Wish, name: str, force: bool, say: Callable[[str], None]
) -> tuple[Judgement, Exit]:
    """Measure what a baseline measured, and compare."""
    from bench.compare.against import against, base_of, wish_again

    if wish.given():
        raise UsageError("--against measures what the baseline measured: leave out what else to measure")
    with Store.open(demand.store) as store:
        base = base_of(store, name)
    load_catalogs(tuple(base.settings.get("catalogs", ())))
    again = wish_again(base)
    settle_data(demand.store, again.given())
    # a comparison with figures that were taken over would be one with themselves
    how = How(demand.store, Pace(demand.budget), fresh=True)
    run, state = measure(how, again, again.steps(), Terminal(stderr=True, highlight=False))
    if state != "complete":
        say(f"the budget ended before all of run {run} was measured")
    with Store.open(demand.store) as store:
        judgement = against(store, name, run, demand.notice, force)
    complete = state == "complete" and not judgement.failures
    return replace(judgement, fail_on=demand.fail_on), Exit.OK if complete else Exit.INCOMPLETE


VERB = Verb("regress", "compare this tree with another revision; exits 1 on a regression", configure, run)

"""What a machine with a GPU says of evobench in eight minutes: `python -m tests.gpu_check` from a checkout.

    python -m tests.gpu_check                            # on the GPU; writes docs/reference-runs/DEVICE/
    python -m tests.gpu_check --device cpu --quick       # the script itself, on a CPU, in four minutes
    python -m tests.gpu_check wheels --into wheels       # where there is a network: what such a machine lacks

Each step has its share of the time. Lines are printed as steps end, and once more as one table; what was not
reached is said. Exit code: 0, or 1 where a line failed, 2 for wrong use. How to set such a machine up:
docs/how-to/gpu-check.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.cli.options.values import seconds as seconds_of
from bench.clock import Stopwatch
from bench.declare.catalog import load_catalogs
from bench.errors import EvobenchError, Exit
from tests.gpu_check import costs, judged, machine, trainings
from tests.gpu_check.budget import Budget
from tests.gpu_check.grid import QUICK, WHOLE
from tests.gpu_check.lines import Line, as_table, as_text, exit_code, not_reached, summary
from tests.gpu_check.session import CATALOG, Session, opened
from tests.gpu_check.wheels import wheels
from tests.gpu_check.written import slug, title, write

MINUTES_8 = 470.0
"""Seconds of the steps: eight minutes, less what starting and writing take."""
QUICK_SECONDS = 230.0
TOO_SHORT = 2.0
"""Seconds in which no step can do anything."""
REFERENCE = Path(__file__).parents[2] / "docs" / "reference-runs"


@dataclass(frozen=True)
class Step:
    """One part of the check."""

    name: str
    share: float
    """Seconds of eight minutes; where there are fewer, all shrink alike."""
    lines: Callable[[Session, float], Iterable[Line]]
    """Of the session, within so many seconds."""


STEPS = (
    Step("machine", 20, machine.machine),
    Step("tests", 110, machine.gpu_tests),
    Step("cost", 140, costs.cost),
    Step("device time", 12, costs.device_time),
    Step("memory", 25, costs.memory),
    Step("fine-tuning", 30, trainings.fine_tuning),
    Step("twice", 15, trainings.twice),
    Step("resumed", 15, trainings.resumed),
    Step("neighbour", 12, machine.neighbour),
    Step("second GPU", 8, machine.second_gpu),
    Step("energy", 16, costs.energy),
    Step("smoke", 40, costs.smoke),
    Step("best batch", 24, costs.best),
    Step("compiled", 40, costs.compiled),
    Step("judged", 30, judged.judged),
    Step("records", 3, costs.records),
)
"""In order: what is left of the time when a step ends is that of those after it."""


def main() -> int:
    """Do what the command line says; returns the exit code."""
    arguments = _arguments()
    try:
        if arguments.what == "wheels":
            return wheels(arguments.into, arguments.python)
        return check(arguments)
    except EvobenchError as error:
        sys.stderr.write(f"gpu_check: {error}\n")
        return Exit.USAGE


def check(arguments: argparse.Namespace) -> int:
    """Go through the steps, print the table and write the folder."""
    watch = Stopwatch()
    load_catalogs([CATALOG])
    with tempfile.TemporaryDirectory(prefix="evobench-gpu-check-") as place:
        session = opened(QUICK if arguments.quick else WHOLE, arguments.device, Path(place))
        try:
            whole = arguments.seconds or (QUICK_SECONDS if arguments.quick else MINUTES_8)
            budget = Budget(whole - watch.seconds, [step.share for step in STEPS])
            found = list(_printed(session, budget))
            sys.stdout.write(f"\n{as_table(found)}\n{watch.seconds:.0f} s: {summary(found)}\n")
            into = arguments.into or (None if arguments.quick else REFERENCE)
            if into is not None:
                folder = into / slug(title(session.run.host))
                sys.stdout.write(f"{write(folder, found, session.store, session.run, watch.seconds)}\n")
        finally:
            session.close()
    return exit_code(found)


def _printed(session: Session, budget: Budget) -> Iterator[Line]:
    """The lines of all steps, each printed as soon as it is known."""
    for i, step in enumerate(STEPS):
        granted = budget.granted(i)
        for line in _lines(step, session, granted):
            sys.stdout.write(as_text(line) + "\n")
            sys.stdout.flush()
            yield line


def _lines(step: Step, session: Session, granted: float) -> Iterable[Line]:
    """A step's lines; what breaks one step is a line of it, and leaves the others their turn."""
    if granted < TOO_SHORT and step.name != "records":  # which takes no time
        return not_reached(step.name, ["all of it"])
    found: list[Line] = []
    try:
        found.extend(step.lines(session, granted))  # what came before a fault is kept
    except Exception as error:  # noqa: BLE001 - minutes of a GPU are not lost over one step's fault
        found.append(Line(step.name, "the rest of it", "fail", why=f"{type(error).__name__}: {error}"))
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.gpu_check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("check", "wheels"), default="check")
    parser.add_argument("--device", default="cuda", metavar="cuda|cpu", help="(default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="few and tiny cells: the script itself is tried")
    parser.add_argument(
        "--seconds", type=seconds_of, metavar="8m", help="of all steps together (with --quick: 4m)"
    )
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="where to write (check: docs/reference-runs)")
    parser.add_argument("--python", default="3.12", metavar="3.12", help="whose wheels (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

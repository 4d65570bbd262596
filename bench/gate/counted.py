"""Instructions instead of time: a process each of base, head and base's twin counts a few steps of a cell."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from bench.cell import Cell
from bench.errors import UsageError
from bench.execute.jobs import Count
from bench.execute.local.process import FORKS
from bench.execute.outcome import Outcome
from bench.gate.inside.counting import VGDB
from bench.gate.inside.instructions import Counter as HardwareCounter
from bench.gate.sides import SEEDED, Launch
from bench.gate.steps import ROLES, Servers, Trio, begun, contrasts

Counter = Literal["perf", "callgrind"]
STEPS = 5
"""Steps that each process counts, after the warm-up steps."""
LIMIT = 1800.0
"""Seconds after which a server or a step has hung: callgrind makes them fifty to a hundred times slower."""
_CALLGRIND = (
    *("valgrind", "--tool=callgrind", "--quiet"),
    *("--instr-atstart=no", "--collect-atstart=no"),  # what imports torch in 60 s so does it in 15
    *("--trace-children=yes", "--trace-children-skip=*callgrind_control,*/perl,*/vgdb"),  # so that forks hear vgdb
    "--dump-line=no",
)
_OF_TRAINING = ("torch._dynamo",)
"""Modules that the first step of an optimizer imports: a minute under callgrind in each process that lacks
them."""


def require(counter: Counter) -> None:
    """Make sure that instructions can be counted here, before anything is measured.

    Raises:
        UsageError: they cannot; the line says what to do.
    """
    if counter == "callgrind":
        if not FORKS:
            raise UsageError("--instructions callgrind works on Linux alone")
        if shutil.which("valgrind") is None:
            raise UsageError("--instructions callgrind needs valgrind: apt-get install valgrind")
        return
    try:
        HardwareCounter().close()
    except OSError as error:
        raise UsageError(
            f"this machine counts no instructions (perf_event_open: {error.strerror or error}): --instructions"
            " callgrind counts those of an emulated processor, which is slow"
        ) from error


@dataclass(frozen=True)
class InstructionCounting:
    """How the cells of a comparison are counted."""

    counter: Counter
    start: Callable[[Sequence[str], Launch], AbstractContextManager[Servers]]
    """Gives servers of base, head and twin, which import these modules beside torch before they fork."""

    @contextmanager
    def begun(self, cells: Iterable[Cell]) -> Iterator[Callable[[Cell], Trio]]:
        """Servers to count these cells with, started once for all: what counts a cell."""
        trains = any(getattr(cell.scenario, "mode", None) == "train" for cell in cells)
        with tempfile.TemporaryDirectory(prefix="evobench-callgrind-", ignore_cleanup_errors=True) as dumps:
            # vgdb's pipes lie there, too: they stay behind where a process is killed
            own = (f"--callgrind-out-file={dumps}/%p", f"--vgdb-prefix={dumps}/{VGDB}")
            prefix = (*_CALLGRIND, *own) if self.counter == "callgrind" else ()
            with self.start(_OF_TRAINING if trains else (), Launch(prefix, SEEDED, LIMIT)) as servers:
                yield lambda cell: self._count(servers, cell, Path(dumps))

    def _count(self, servers: Servers, cell: Cell, dumps: Path) -> Trio:
        """Count all three roles at once: one process does not change the count of another."""
        job = Count(cell, STEPS, self.counter, str(dumps))
        with begun(servers, ROLES, job) as workers:
            outcomes = {role: workers[role].finish(LIMIT) for role in ROLES}
        counts = {role: counts_of(outcome) for role, outcome in outcomes.items()}
        if not all(counts.values()):
            return Trio(outcomes)
        return Trio(outcomes, *contrasts({role: [math.log(count) for count in counts[role]] for role in ROLES}))


def counts_of(outcome: Outcome) -> Sequence[int]:
    """Instructions of each step, in order; empty where the process has failed."""
    found: Sequence[int] = outcome.details.get("counts", ())
    return found if outcome.status == "ok" and all(count > 0 for count in found) else ()


def as_record(outcome: Outcome) -> Outcome:
    """The outcome as it is kept: the cell's own figure, a time, was not measured."""
    if outcome.status != "ok":
        return outcome
    said = "its instructions were counted, its time was not measured"
    return replace(outcome, status="unsupported", reason=said, values=(), warmup=())

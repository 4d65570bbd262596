"""What a person sees while a run goes on: on stderr, redrawn only when something happens.

Nothing redraws by itself: a thread that does would take its time from the cell that is being measured. Without a
screen to draw on a line is printed now and then, by the driver between two events.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from types import TracebackType
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from bench.cell import Cell, Record
from bench.execute.frames import Frame
from bench.run.driving.noisy import Disturbed
from bench.text.plain import harmless, in_brief

_EVERY = 20.0
"""Seconds after which a line is due where there is no screen to draw on."""
_SHOWN = 8
"""Lanes that have a line of their own, at most: those that changed last."""
_BUSY_FROM = 2
"""Disturbed timings that tell of a busy machine, rather than of a moment."""
_ROOM = 64
"""Characters of a cell, and of what disturbed it, in a sentence that tells more."""
_SLOWER = 1.5
"""Times as long as on an idle machine, from which on their number is told."""


class Screen(Protocol):
    """What shows the latest progress in the place of the one before it."""

    def start(self) -> None:
        """Begin to show something."""

    def stop(self) -> None:
        """Take away what is shown."""

    def update(self, renderable: RenderableType, *, refresh: bool = False) -> None:
        """Show this instead, at once if `refresh` says so."""


class RunProgress:
    """Processes done, what each lane does, time left, failures."""

    def __init__(
        self,
        console: Console,
        processes: int,
        expected: float,
        done: int = 0,
        lanes: int = 1,
        clock: Callable[[], float] = time.monotonic,
        screen: Screen | None = None,
    ) -> None:
        """Begin at `done` of so many processes.

        Args:
            console: console to draw on.
            processes: number of processes in all.
            expected: wall seconds that those that are left will take.
            done: processes that have their record.
            lanes: number of cells that can run at once.
            clock: tells the seconds.
            screen: shows the progress; None: the console, if it is a terminal that can.
        """
        self._console = console
        self._draws = screen is not None or (console.is_terminal and not console.is_dumb_terminal)
        self._processes = processes
        self._done = done
        self._failed = 0
        self._lanes = lanes
        self._busy: dict[int, _Lane] = {}
        """Lanes with a job, in the order in which their jobs began."""
        self._changes = 0
        self._answers = ""
        """Number of comparisons that are answered, in words; empty where none is named."""
        self._disturbed = Disturbed()
        self._clock = clock
        self._expected, self._since = expected, clock()
        self._printed = self._since
        self._bar = Progress(
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[told]}"),
            auto_refresh=False,
            console=console,
        )
        self._task: TaskID = self._bar.add_task("", total=processes, completed=done, told="")
        self._live: Screen = screen or Live(self._bar, console=console, auto_refresh=False, transient=True)

    def __enter__(self) -> RunProgress:
        if self._draws:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
        for line in self._disturbed.lines():
            self.note(line)

    def begun(self, lane: int, what: str) -> None:
        """Say what a lane measures or makes from now on."""
        self._busy[lane] = _Lane(what, self._change())
        self._show()

    def inside(self, lane: int, frame: Frame) -> None:
        """Say how far a lane has come."""
        self._busy[lane] = _Lane(self._busy[lane].what, self._change(), _parts(frame))
        self._show()

    def ended(self, lane: int) -> None:
        """Say that a lane is free."""
        del self._busy[lane]
        self._show()

    @contextmanager
    def doing(self, what: str) -> Iterator[Callable[[str], None]]:
        """Say that this is done before the cells are measured; gives what tells how far it has come."""

        def at(told: str) -> None:
            self.begun(0, f"{what}, {told}")

        self.begun(0, what)
        try:
            yield at
        finally:
            self.ended(0)

    def done(self, record: Record) -> None:
        """Count a record; a failure is printed at once, and stays on the screen."""
        self._done += 1
        if not record.reused_from:
            self._disturbed.count(record)
        if record.status not in ("ok", "unsupported"):
            self._failed += 1
            self.note(in_brief(f"{record.status}: {record.cell}: {record.reason}"))
        self._show()

    def settled(self, record: Record) -> None:
        """Take note of the record of a disturbed timing that was measured again, which replaces its first."""
        self._disturbed.settle(record)
        self._show()

    def planned(self, more: int) -> None:
        """Say that so many more processes are planned."""
        self._processes += more
        self._bar.update(self._task, total=self._processes)

    def answered(self, told: str) -> None:
        """Say how many of the questions that the run asks have their answer."""
        self._answers = told

    def disturbed(self, cell: Cell, reasons: Sequence[str], waited: float = 0.0) -> None:
        """Take note of a timing that others disturbed; once that is not an accident, say what it means.

        Args:
            cell: the timing.
            reasons: what disturbed the cell, in words.
            waited: share of the time that its threads waited for a core.
        """
        self._disturbed.seen += 1
        if self._disturbed.seen == _BUSY_FROM:
            slower = 1 / (1 - min(waited, 0.99))
            longer = f"about {slower:.0f} times as long" if slower >= _SLOWER else "that it takes longer"
            self.note(
                f"this machine is busy: stop what else runs, or expect {longer} ({in_brief(str(cell), _ROOM)}:"
                f" {in_brief('; '.join(reasons), _ROOM)}). Counts and accuracies are not affected; disturbed"
                " timings are measured again at the end"
            )

    def expects(self, seconds: float) -> None:
        """Say how many wall seconds are left from now on."""
        self._expected, self._since = seconds, self._clock()

    def note(self, line: str) -> None:
        """Print a line above the progress."""
        self._console.print(harmless(line), markup=False, highlight=False, soft_wrap=True)

    def left(self) -> str:
        """Expected time left, as `m:ss`."""
        return clock_time(self._expected - (self._clock() - self._since))

    def due(self) -> float:
        """Seconds until `tick` has a line to print; infinity where a screen shows the progress."""
        return inf if self._draws else max(0.0, self._printed + _EVERY - self._clock())

    def tick(self) -> None:
        """Print how far the run has come, if such a line is due."""
        if self.due() > 0.0:
            return
        self._printed = self._clock()
        what, *others = [*map(str, self._busy.values())] or [""]
        more = f" + {len(others)} more" if others else ""
        now = f"; now {what}{more}" if what else ""
        answers = f", {self._answers}" if self._answers else ""
        self.note(
            f"{self._done}/{self._processes} processes{answers}, {self.left()} left, {self._failed} failed{now}"
        )

    def _change(self) -> int:
        self._changes += 1
        return self._changes

    def _show(self) -> None:
        if not self._draws:
            self.tick()
            return
        failed = f", {self._failed} failed" if self._failed else ""
        lanes = f", {len(self._busy)} of {self._lanes} lanes" if self._lanes > 1 else ""
        answers = f", {self._answers}" if self._answers else ""
        self._bar.update(self._task, completed=self._done, told=f"{self.left()} left{failed}{lanes}{answers}")
        lines = (Text(line, no_wrap=True, overflow="ellipsis") for line in self._lines())
        self._live.update(Group(self._bar, *lines), refresh=True)

    def _lines(self) -> Iterator[str]:
        """A line a lane: beside the bar, a terminal of 80 columns would cut off what tells cells apart."""
        fit = min(_SHOWN, max(1, self._console.height - 3))
        latest = sorted(self._busy.items(), key=lambda item: item[1].changed)[-fit:]
        for _, lane in sorted(latest):
            yield lane.line(self._console.width)
        if len(self._busy) > fit:
            yield f"+ {len(self._busy) - fit} more"


def clock_time(seconds: float) -> str:
    """`m:ss`."""
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    return f"{minutes}:{rest:02}"


@dataclass(frozen=True)
class _Lane:
    what: str
    changed: int
    """Greater than that of every lane that changed before: the order of changes."""
    inside: tuple[str, ...] = ()
    """How far the job has come, the most informative part first."""

    def __str__(self) -> str:
        return f"{self.what}{_bracketed(self.inside)}"

    def line(self, width: int) -> str:
        """The lane in `width` columns, of which the cell has two thirds if it needs them.

        A longer one loses its middle, since cells differ at the ends.
        """
        least = min(len(self.what), 2 * width // 3)
        parts = self.inside
        while len(parts) > 1 and least + len(_bracketed(parts)) > width:
            parts = parts[:-1]
        room = max(least, width - len(_bracketed(parts)))
        head = room // 3
        fits = len(self.what) <= room
        what = self.what if fits else f"{self.what[:head]}…{self.what[head + 1 - room :]}"
        return f"{what}{_bracketed(parts)}"


def _parts(frame: Frame) -> tuple[str, ...]:
    """Parts of a frame that tell a job's progress: `step 40/60`, `loss 0.512`."""
    told = {name: f"{value:.3g}" if isinstance(value, float) else value for name, value in frame.items()}
    whole = {name: f"/{told.pop(f'{name}s')}" for name in frame if f"{name}s" in told}
    return tuple(f"{name} {value}{whole.get(name, '')}" for name, value in told.items() if name != "event")


def _bracketed(parts: Sequence[str]) -> str:
    return f" ({', '.join(parts)})" if parts else ""

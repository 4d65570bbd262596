"""What a person sees while a run goes on: on stderr, redrawn only when something happens.

Nothing redraws by itself: a thread that does would take its time from the cell that is being measured.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from bench.cell import Record

_STEP = 0.05  # without a terminal, a line is printed for each such share of the run


class RunProgress:
    """Cells done, cell now, time left, failures."""

    def __init__(self, console: Console, cells: int, expected: float, done: int = 0, pace: float = 1.0) -> None:
        """Begin at `done` of `cells` processes.

        Args:
            console: where to draw.
            cells: processes in all.
            expected: declared seconds of those that are left.
            done: processes that have their record.
            pace: seconds that a declared second is likely to take here, before any is taken.
        """
        self._console = console
        self._cells = cells
        self._done = done
        self._left = expected
        self._failed = 0
        self._pace = _Pace(pace)
        self._printed = 0.0
        self._bar = Progress(
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[left]}{task.fields[failed]}"),
            auto_refresh=False,
            console=console,
        )
        self._task: TaskID = self._bar.add_task("", total=cells, completed=done, left="", failed="")
        self._live = Live(self._bar, console=console, auto_refresh=False, transient=True)

    def __enter__(self) -> RunProgress:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def now(self, what: str) -> None:
        """Say what is being measured or made."""
        self._draw(what)

    def inside(self, what: str, frame: dict[str, Any]) -> None:
        """Say how far a long cell has come."""
        parts = [f"{k} {v:.3g}" if isinstance(v, float) else f"{k} {v}" for k, v in frame.items() if k != "event"]
        self._draw(f"{what} ({', '.join(parts)})")

    def done(self, record: Record, expected: float) -> None:
        """Count a record; a failure is printed at once, and stays on the screen."""
        self._done += 1
        self._left -= expected
        if not record.reused_from:
            self._pace.add(expected, record.seconds)
        if record.status not in ("ok", "unsupported"):
            self._failed += 1
            self.note(f"{record.status}: {record.cell}: {record.reason}")
        if not self._console.is_terminal and self._done / self._cells >= self._printed + _STEP:
            self._printed = self._done / self._cells
            self.note(f"{self._done}/{self._cells} cells, {self.left()} left, {self._failed} failed")

    def note(self, line: str) -> None:
        """Print a line above the progress."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def left(self) -> str:
        """Expected time left, corrected by how this host has done so far, as `m:ss`."""
        return clock_time(self._left * self._pace.ratio)

    def _draw(self, what: str) -> None:
        if not self._console.is_terminal:
            return
        failed = f", {self._failed} failed" if self._failed else ""
        self._bar.update(self._task, completed=self._done, left=f"{self.left()} left", failed=failed)
        # on a line of its own: beside the bar, a terminal of 80 columns would cut off what tells cells apart
        self._live.update(Group(self._bar, Text(what, no_wrap=True, overflow="ellipsis")), refresh=True)


def clock_time(seconds: float) -> str:
    """`m:ss`."""
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    return f"{minutes}:{rest:02}"


class _Pace:
    """How the seconds taken compare with the seconds expected."""

    def __init__(self, ratio: float) -> None:
        self._before = ratio
        self._expected = 0.0
        self._taken = 0.0

    def add(self, expected: float, taken: float) -> None:
        self._expected += expected
        self._taken += taken

    @property
    def ratio(self) -> float:
        return self._taken / self._expected if self._expected > 1.0 else self._before

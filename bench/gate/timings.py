"""Wall time of a comparison, by activity and by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeVar, get_args

from bench.cell import Cell
from bench.clock import Stopwatch

Phase = Literal[
    "starting servers",
    "describing",
    "exact counts",
    "trainings",
    "processes up to their first step",
    "steps",
    "processes without steps",
    "ending",
    "profiles",
]
"""Activity that a comparison waits for; `ending` is the end of processes and servers, with keeping their
results."""
_T = TypeVar("_T")


@dataclass
class Timings:
    """Wall seconds of one comparison: whoever takes long adds them, nothing is decided by them."""

    now: Callable[[], float] = field(default_factory=lambda: _since_now())
    """Seconds since the comparison began."""
    spent: dict[tuple[Phase, str], float] = field(default_factory=dict)
    """Seconds by what was done and for which cell; the cell is empty where it was done for all."""

    @contextmanager
    def of(self, phase: Phase, cell: Cell | None = None) -> Iterator[None]:
        """Add what the context takes, however it ends."""
        begin = self.now()
        try:
            yield
        finally:
            self.add(phase, self.now() - begin, cell)

    def add(self, phase: Phase, seconds: float, cell: Cell | None = None) -> None:
        """Add seconds that something took."""
        key = phase, str(cell or "")
        self.spent[key] = self.spent.get(key, 0.0) + seconds

    @contextmanager
    def of_servers(self, renewed: AbstractContextManager[_T]) -> Iterator[_T]:
        """Enter what gives servers and leave it, and add what both take."""
        with ExitStack() as stack:
            with self.of("starting servers"):
                servers = stack.enter_context(renewed)
            try:
                yield servers
            finally:
                with self.of("ending"):
                    stack.close()

    def lines(self) -> tuple[str, ...]:
        """Lines for people: seconds and shares in all, then of each cell, the longest first."""
        whole = self.now()
        by_phase: dict[str, float] = {phase: self._sum(phase=phase) for phase in get_args(Phase)}
        by_phase["the rest"] = whole - sum(by_phase.values())
        cells = sorted({cell for _, cell in self.spent if cell}, key=lambda cell: -self._sum(cell=cell))
        return (
            f"where {whole:.1f} s went:",
            *(f"  {_words(seconds, whole)}  {phase}" for phase, seconds in by_phase.items() if seconds),
            *(f"  {_words(self._sum(cell=cell), whole)}  {cell}: {self._parts(cell)}" for cell in cells),
        )

    def _parts(self, cell: str) -> str:
        """Seconds of each activity for one cell, as text."""
        parts = [(phase, self.spent[phase, cell]) for phase in get_args(Phase) if (phase, cell) in self.spent]
        return ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in parts)

    def _sum(self, *, phase: str | None = None, cell: str | None = None) -> float:
        return sum(
            seconds
            for (done, of), seconds in self.spent.items()
            if (phase is None or done == phase) and (cell is None or of == cell)
        )


def _since_now() -> Callable[[], float]:
    watch = Stopwatch()
    return lambda: watch.seconds


def _words(seconds: float, whole: float) -> str:
    return f"{seconds:6.1f} s {100 * seconds / whole if whole else 0.0:3.0f} %"

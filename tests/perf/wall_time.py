"""How long a run takes in an empty folder, and how near its first word on that comes: `nox -s wall-time`.

Options: `--profile smoke`, and `--busy 2` for loops that keep as many cores busy meanwhile; the rest is passed on.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench.clock import Stopwatch

FIRST = 60.0
"""Seconds after which the time left is read."""
WITHIN, AT_LEAST = 0.25, 20.0
"""Share of the time left, and seconds, by which what is shown may be wrong."""
_LEFT = re.compile(r"^\d+/\d+ processes,.* (\d+):(\d\d) left,")
_ANSWERED = re.compile(r"^\d+ of \d+ comparisons? answered: ")


@dataclass(frozen=True)
class Said:
    """A line, and when it came."""

    at: float
    """Seconds since the run was started."""
    line: str

    @property
    def left(self) -> float | None:
        """Seconds that the line says are left; None where it says nothing of that."""
        found = _LEFT.match(self.line)
        return None if found is None else 60.0 * int(found[1]) + int(found[2])


@dataclass(frozen=True)
class Wall:
    """A run as it is seen from outside."""

    said: tuple[Said, ...]
    seconds: float
    """From start to exit."""
    code: int

    @property
    def first(self) -> tuple[float, float] | None:
        """Seconds left by the first line after a minute, and those that it then took; None of a shorter run."""
        found = (item for item in self.said if item.at >= FIRST and item.left is not None)
        shown = next(found, None)
        return None if shown is None or shown.left is None else (shown.left, self.seconds - shown.at)

    @property
    def is_right(self) -> bool:
        """Whether that was near enough."""
        if self.first is None:
            return True
        shown, took = self.first
        return abs(shown - took) <= max(AT_LEAST, WITHIN * took)

    def told(self) -> Iterator[str]:
        """What a person is to know of it."""
        yield f"wall time {self.seconds:.0f} s, exit code {self.code}"
        if self.first:
            shown, took = self.first
            word = "right" if self.is_right else f"WRONG by more than {WITHIN:.0%} and {AT_LEAST:.0f} s"
            yield f"after the first minute {shown:.0f} s were said to be left, and it took {took:.0f} s: {word}"
        yield from (item.line for item in self.said if _ANSWERED.match(item.line))


def watched(command: Sequence[str], folder: str) -> Wall:
    """Run a command in a folder, and note when it said what on stderr."""
    watch, said = Stopwatch(), list[Said]()
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=quiet, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            said.append(Said(watch.seconds, line.rstrip()))
            sys.stderr.write(f"{said[-1].at:6.1f}  {line}")
    return Wall(tuple(said), watch.seconds, running.returncode)


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep cores busy meanwhile."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def main(arguments: Iterable[str]) -> int:
    """Measure one run; returns 1 where its first word on the time left was wrong, or it failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--busy", type=int, default=0, metavar="N", help="loops that keep cores busy beside it")
    options, further = parser.parse_known_args(list(arguments))
    with tempfile.TemporaryDirectory() as folder, busy(options.busy):
        wall = watched([sys.executable, "-m", "evobench", "run", *further], folder)
    for line in wall.told():
        sys.stdout.write(f"{line}\n")
    return int(wall.code != 0 or not wall.is_right)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Counts the instructions of a few steps, by the processor's counter or by callgrind. It runs in any revision."""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Protocol

from bench.remote import Count, EvobenchError, Samples, Send, load

from .instructions import Counter
from .single import Single, taken

WARM = 3
"""Calls before the steps: a number, not a time, so that each process counts the same calls."""
VGDB = "vgdb"
"""Beginning of the names of the pipes through which callgrind is spoken to."""
_SUMMARY = "summary:"
"""Beginning of the line of callgrind's file that has the sum of all functions."""


class Counts(Protocol):
    """Counts instructions."""

    def of(self, call: Callable[[], object]) -> int:
        """Number of instructions of the call."""
        ...


class Retired:
    """Instructions that the processor has retired in this thread, outside the kernel."""

    def __init__(self) -> None:
        try:
            self._counter = Counter()
        except OSError as error:
            raise EvobenchError(f"instructions are not counted here: {error}") from error

    def of(self, call: Callable[[], object]) -> int:
        """Number of instructions of the call."""
        before = self._counter.read()
        call()
        return self._counter.read() - before


class Emulated:
    """Instructions that callgrind, under which this process runs, has seen in all its threads."""

    def __init__(self, dumps: Path) -> None:
        core = load("torch")._C
        if not getattr(core, "_valgrind_supported_platform", bool)():
            raise EvobenchError(
                "its torch was built without the requests to valgrind that switch callgrind on and off"
            )
        self._toggle: Callable[[], None] = core._valgrind_toggle
        self._dump: Callable[[], None] = core._valgrind_toggle_and_dump_stats
        self._dumps = dumps
        _instrument(dumps)

    def of(self, call: Callable[[], object]) -> int:
        """Number of instructions of the call."""
        self._toggle()
        call()
        self._dump()
        return sum(_total(file) for file in self._written())

    def _written(self) -> list[Path]:
        """The files of this process; each is read once."""
        return sorted(self._dumps.glob(f"{os.getpid()}.*"))


class Counting(Single):
    """Counts single calls instead of timing them."""

    def __init__(self, steps: int, counts: Callable[[], Counts], device: str, send: Send) -> None:
        super().__init__(0.0, device)
        self._steps = steps
        self._counts = counts
        self._send = send
        self.found: list[int] = []

    def take(self, call: Callable[[], object]) -> Samples:
        """Warm up and count; the seconds are those of the last warm-up, for the measure to go on with."""
        warmup = [self.once(call) for _ in range(WARM)]
        # when the collector would run depends on all that was there before
        gc.collect()
        gc.disable()
        counts = self._counts()
        for _ in range(self._steps):
            self.found.append(counts.of(call))
            self._send({"event": "progress", "counted": len(self.found)})
        gc.enable()
        return Samples((warmup[-1],), tuple(warmup[:-1]))


def count(job: Count, send: Send) -> Samples:
    """Count the steps of a cell; the samples have no seconds, since those of an emulated step would be wrong."""
    made: list[Counting] = []

    def clock() -> Counting:
        counts = Retired if job.counter == "perf" else partial(Emulated, Path(job.dumps))
        made.append(Counting(job.steps, counts, job.cell.scenario.device, send))
        return made[0]

    samples = taken(job, clock)
    found = made[0].found
    about = {"counter": job.counter, "vector": load("torch").backends.cpu.get_cpu_capability()}
    details = {**samples.details, **about, "counts": found, "instructions": median(found)}
    return replace(samples, values=(), warmup=(), details=details)


def _instrument(dumps: Path) -> None:
    """Have callgrind see from now on what this process runs: until now it was only emulated, which is faster.

    Raises:
        EvobenchError: it does not hear.
    """
    asked = ("callgrind_control", f"--vgdb-prefix={dumps / VGDB}", "-i", "on", str(os.getpid()))
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as control:
        while (
            control.poll() is None
        ):  # a process that sleeps would have to be woken by ptrace; the job has a limit
            pass
        assert control.stdout is not None
        said = " ".join(control.stdout.read().split())
    if not said.endswith("OK."):
        raise EvobenchError(f"callgrind does not begin to count: {said}")


def _total(file: Path) -> int:
    """The instructions that a file of callgrind's sums up; the file is gone afterwards.

    Raises:
        EvobenchError: it has no sum.
    """
    text = file.read_text(errors="replace")
    file.unlink()
    sums = [line.removeprefix(_SUMMARY) for line in text.splitlines() if line.startswith(_SUMMARY)]
    try:
        return sum(int(line.split()[0]) for line in sums[-1:] or [""])
    except (IndexError, ValueError):
        raise EvobenchError(f"callgrind wrote no sum of instructions into '{file.name}'") from None

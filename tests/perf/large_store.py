"""Processor time and memory of what reads a store of 226,000 records and five million samples, beside a base.

nox -s perf
nox -s perf -- --base main

Each verb runs in a process of its own; those of the two trees take turns, so that a machine that changes its speed
harms neither. What is left when the time of the same verb on a small store is taken off is told, too: that is
mostly imports.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.gate.base.checkout import Repository
from tests.perf.large_run import RUNS, run_id, write_large_store

LOADED = """
import sys, evobench
run = evobench.load(store=sys.argv[2])
run.records, {name: run.tables[name] for name in run.tables}, {name: run.figures[name] for name in run.figures}
"""
VERDICTS = (0, 1)
"""Exit codes of a verb that has done what it was asked."""
UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system tells the peak of a process."""


def verbs(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Arguments of Python for each verb, before its store."""
    named = {
        "show": ("show",),
        "report": ("report", "--output", str(folder / "report.html")),
        "history": ("history",),
        "compare": ("compare", run_id(0), run_id(1)),
        "export --parquet": ("export", "--parquet", str(folder / "parquet")),
        "export --csv": ("export", "--csv", str(folder / "csv")),
    }
    return {name: ("-m", "evobench", *words) for name, words in named.items()} | {"load": ("-c", LOADED)}


@dataclass(frozen=True)
class Side:
    """One revision of evobench, in a folder of its own."""

    name: str
    tree: Path


@dataclass(frozen=True)
class Taken:
    """Use of a process."""

    seconds: float
    """Processor time, in user and in kernel mode."""
    peak: float
    """Peak of the resident memory, in bytes."""


def main() -> int:
    """Print the table, a line for each verb."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", metavar="REVISION", help="revision to compare this tree with")
    parser.add_argument("--times", type=int, default=3, help="processes of each verb and tree (%(default)s)")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of the store (%(default)s)")
    arguments = parser.parse_args()
    here = Repository.around(Path.cwd())
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        sides = [Side("this tree", here.root)]
        if arguments.base:
            tree = here.worktree(here.revision(arguments.base), folder / "base")
            sides.insert(0, Side(arguments.base, stack.enter_context(tree)))
        large = write_large_store(folder / "large.sqlite", arguments.runs)
        small = write_large_store(folder / "small.sqlite", 2, architectures=24, batches=())
        say(f"{'':18}{'n':>3}  {'CPU s':>7}{'':18}{'beyond a small store':>22}  {'peak MB':>8}")
        for verb, words in verbs(folder).items():
            tell(verb, sides, list(pairs(sides, words, large, small, arguments.times)))
    return 0


def pairs(
    sides: list[Side], words: tuple[str, ...], large: Path, small: Path, times: int
) -> Iterator[dict[str, tuple[Taken, Taken]]]:
    """For each turn and side, what the verb takes of the large store and of the small one."""
    for turn in range(times):
        order = sides if turn % 2 == 0 else sides[::-1]
        yield {side.name: (taken(side, words, large), taken(side, words, small)) for side in order}


def taken(side: Side, words: tuple[str, ...], store: Path) -> Taken:
    """What one process takes."""
    command = [sys.executable, *words, "--store", str(store)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=side.tree, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status) not in VERDICTS:
            said.seek(0)
            raise SystemExit(f"{' '.join(words)}: {said.read().decode()}")
    return of(used)


def of(used: resource.struct_rusage) -> Taken:
    """What the system says that a process used."""
    return Taken(used.ru_utime + used.ru_stime, used.ru_maxrss * UNIT)


def tell(verb: str, sides: list[Side], turns: list[dict[str, tuple[Taken, Taken]]]) -> None:
    """A line for each side; the last one with its share of the first."""
    base = sides[0].name
    for side in sides:
        both = [turn[side.name] for turn in turns]
        seconds = [whole.seconds for whole, _ in both]
        share = median(turn[side.name][0].seconds / turn[base][0].seconds for turn in turns)
        net = median(whole.seconds - start.seconds for whole, start in both)
        before = median(turn[base][0].seconds - turn[base][1].seconds for turn in turns)
        peak = median(whole.peak for whole, _ in both) / 1e6
        whole = f"{median(seconds):7.2f} [{min(seconds):.2f}, {max(seconds):.2f}]"
        shares = [f"x{share:.2f}", f"x{net / before:.2f}"] if side.name != base else ["", ""]
        say(f"{verb:18}{len(turns):>3}  {whole:26}{shares[0]:6}{net:9.2f} {shares[1]:6}{peak:10.0f}  {side.name}")


def say(line: str) -> None:
    """One line of the answer."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

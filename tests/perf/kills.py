"""Runs that are killed at random moments: what is lost, changed, twice or left over, beside an undisturbed run.

nox -s kills
nox -s kills -- --kills 50 --seed 1

A run of cheap cells (`tests/catalogs/cheap.py`) in two lanes is killed by SIGKILL and resumed until it completes;
then the next one begins. Three kills of five are of the driver, the others of its server, a lane, a job's process,
or all of these at once. Moments are spread evenly over what an undisturbed run takes from its first lane on, those
of a quarter over its start.

What was in the store when the driver was killed must be there, byte by byte, when the run is complete. Only the
record of a timing that was disturbed is replaced, once, when it was measured again.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.clock import Stopwatch
from tests.perf.kills_trial import Rows, Trial

VICTIMS = ("driver",) * 6 + ("server", "lane", "job", "all")
PATIENCE = 900.0
"""Seconds after which a process that should have ended is stuck, however busy the machine is."""
SEGMENTS = 30
"""Times that a run may be resumed: one that takes more does not get on."""
_AT_START = 0.25
"""Share of the kills that come before the first lane."""
_POLL = 0.005


@dataclass
class Tally:
    """What was found, over all trials."""

    kills: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    """Records that there were at the moments of the kills."""
    settled: int = 0
    """Disturbed timings that were measured again after a kill."""
    records: int = 0
    trials: int = 0

    def table(self) -> Iterator[str]:
        """Lines of the result."""
        yield f"trials {self.trials}, kills {self.kills.total()}: " + ", ".join(
            f"{number} of the {victim}" for victim, number in sorted(self.kills.items())
        )
        yield f"records when killed {self.kept}, in the end {self.records}, settled after a kill {self.settled}"
        for name in FAULTS:
            yield f"{name:<44} {self.found[name]}"


FAULTS = (
    "lost: a record that was there is not",
    "changed: a record that was there differs",
    "twice: more records than are planned",
    "missing: a planned process without a record",
    "failed: a record that is not ok",
    "other: a count or an accuracy that differs",
    "left over: a process that outlives its run",
    "left over: a file that another run has not",
    "damaged: the store fails SQLite's checks",
    "stuck: a run that does not complete",
)
LOST, CHANGED, TWICE, MISSING, FAILED, OTHER, PROCESS, FILE, DAMAGED, STUCK = FAULTS


def main() -> int:
    """Print what kills cost; 1 where that is anything but time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="in all (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of moments and victims (%(default)s)")
    parser.add_argument("--folder", type=Path, help="where the stores lie (default: one that is removed)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tally = trials(arguments.folder or Path(folder), arguments.kills, random.Random(arguments.seed))
    say("\n".join(tally.table()))
    return 1 if tally.found.total() else 0


def say(line: str) -> None:
    """One line on stdout, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def trials(folder: Path, kills: int, chance: random.Random) -> Tally:
    """Kill runs until there are so many kills; each run is then completed and looked at."""
    calm, tally, watch = Trial(made(folder / "undisturbed")), Tally(), Stopwatch()
    driver = calm.start()
    wait_for(driver, "lane")
    start = watch.seconds
    if driver.wait(PATIENCE):
        raise SystemExit("the undisturbed run did not complete")
    lasts = watch.seconds - start
    say(f"an undisturbed run: {start:.1f} s to its first lane, then {lasts:.1f} s; {len(calm.rows())} records")
    while tally.kills.total() < kills:
        tally.trials += 1
        trial = Trial(made(folder / f"trial{tally.trials}"))
        if not any(segment(trial, kills, chance, tally, (start, lasts)) for _ in range(SEGMENTS)):
            tally.found[STUCK] += 1
        judge(trial, calm, tally)
        say(f"trial {tally.trials}: {tally.kills.total()} kills, faults: {dict(+tally.found) or 'none'}")
    return tally


def made(folder: Path) -> Path:
    """The folder, new."""
    folder.mkdir(parents=True)
    return folder


def segment(trial: Trial, kills: int, chance: random.Random, tally: Tally, lasts: tuple[float, float]) -> bool:
    """Begin the run, or go on with it, and kill it where kills are left; returns whether it has completed.

    Args:
        trial: the trial.
        kills: kills of all trials.
        chance: source of victims and moments.
        tally: receives what is found.
        lasts: seconds that an undisturbed run takes until its first lane, and from then on.
    """
    before, driver = trial.rows(), trial.start()
    if tally.kills.total() < kills:
        victim, is_early, share = chance.choice(VICTIMS), chance.random() < _AT_START, chance.random()
        if not is_early:
            wait_for(driver, "lane")
        wait(driver, share * lasts[not is_early])
        if kill(driver, victim):
            tally.kills[victim] += 1
    code = driver.wait(PATIENCE)
    tally.found[PROCESS] += trial.left_over()
    after = trial.rows()
    tally.kept += len(after) if code else 0
    compare(before, after, tally)
    return code == 0


def compare(before: Rows, after: Rows, tally: Tally) -> None:
    """Count the records that are gone, or not what they were."""
    for key, row in before.items():
        if key not in after:
            tally.found[LOST] += 1
        elif after[key] != row:
            is_settled = '"noisy"' in str(row) and '"attempts"' in str(after[key])
            tally.settled += is_settled
            tally.found[CHANGED] += not is_settled


def judge(trial: Trial, calm: Trial, tally: Tally) -> None:
    """Count what differs between a run that was killed and one that was not."""
    rows, planned = trial.rows(), trial.planned()
    tally.records += len(rows)
    tally.found[TWICE] += len(rows.keys() - planned)
    tally.found[MISSING] += len(planned - rows.keys())
    figures, expected = trial.figures(), calm.figures()
    tally.found[FAILED] += sum(status != "ok" for status, _ in figures.values())
    tally.found[OTHER] += sum(figures.get(key) != figure for key, figure in expected.items())
    tally.found[FILE] += len(trial.files() - calm.files())
    tally.found[DAMAGED] += not trial.is_sound()


def wait_for(driver: subprocess.Popen[bytes], victim: str) -> list[psutil.Process]:
    """The processes of that kind as soon as there is one; none where the run has ended before."""
    while driver.poll() is None:
        if found := processes_of(driver, victim):
            return found
        time.sleep(_POLL)
    return []


def wait(driver: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait so long, or until the run has ended."""
    with suppress(subprocess.TimeoutExpired):
        driver.wait(seconds)


def kill(driver: subprocess.Popen[bytes], victim: str) -> bool:
    """Kill the first of that kind as soon as there is one, or all processes; whether the run had not ended."""
    found = wait_for(driver, victim)
    for process in found if victim == "all" else found[:1]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    return bool(found)


def processes_of(driver: subprocess.Popen[bytes], victim: str) -> list[psutil.Process]:
    """The processes of a run of that kind: a lane is of its server's group, and a job's process of its own."""
    with suppress(psutil.NoSuchProcess):
        top = psutil.Process(driver.pid)
        if victim == "driver":
            return [top]
        if victim == "all":
            return [top, *top.children(recursive=True)]
        servers = [child for child in top.children() if "server.py" in " ".join(child.cmdline())]
        if victim == "server":
            return servers
        lanes = [lane for server in servers for lane in server.children() if os.getpgid(lane.pid) == server.pid]
        return lanes if victim == "lane" else [job for lane in lanes for job in lane.children()]
    return []


if __name__ == "__main__":
    sys.exit(main())

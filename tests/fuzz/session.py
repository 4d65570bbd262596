"""A session: inputs of all kinds by their numbers, in as many processes as there are cores, and what was found."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random

from tests.fuzz.base import Base
from tests.fuzz.kinds import KINDS
from tests.fuzz.oracle import REFUSED, SORTS, Finding, findings
from tests.fuzz.running import LIMIT, ended, said
from tests.fuzz.sandbox import Sandbox

LONG_KINDS = {"runs": 4.0}
"""Kinds whose inputs may take so many times the limit."""


@dataclass(frozen=True)
class Trial:
    """One input: its kind, its number and the seed make it again."""

    kind: str
    number: int
    seed: int


@dataclass(frozen=True)
class Tried:
    """How the trial of an input ended."""

    trial: Trial
    command: str
    code: int | None
    seconds: float
    findings: tuple[Finding, ...]
    told: str
    """Its stdout and stderr."""

    @property
    def is_refused(self) -> bool:
        """Whether the input was refused in so many words."""
        return self.code == REFUSED

    def repeat(self) -> str:
        """The session that repeats it."""
        trial = self.trial
        return f"nox -s fuzz -- --seed {trial.seed} --only {trial.kind.replace(' ', '-')} --input {trial.number}"


@dataclass(frozen=True)
class Session:
    """Where trials work, and what is done with them."""

    root: Path
    base: Base
    limit: float = LIMIT
    keep: Path | None = None
    """Folder into which the sandboxes of inputs with findings go; None keeps none."""

    def tried(self, trial: Trial) -> Tried:
        """Make an input, run it and judge it."""
        name = f"{trial.kind.replace(' ', '-')}-{trial.number}"
        box = Sandbox(self.root / name)
        box.make()
        random = Random(f"{trial.seed}/{trial.kind}/{trial.number}")
        attempt = KINDS[trial.kind][0](box, random, self.base)
        before = box.outside()
        done = ended(attempt, box, limit=self.limit * LONG_KINDS.get(trial.kind, 1.0))
        found = findings(attempt, done, before, box)
        if found and self.keep is not None:
            Sandbox(self.keep / name).remove()
            self.keep.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mv", str(box.root), str(self.keep / name)], check=True)  # also to another disk
        box.remove()
        variables = [f"{key}={value[:60]!r}" for key, value in attempt.environment.items()]
        line = " ".join([*variables, "evobench", said(attempt.words)])
        return Tried(trial, line, done.code, done.seconds, tuple(found), done.out + done.err)

    def all_tried(self, trials: Sequence[Trial], processes: int) -> Iterator[Tried]:
        """Try the inputs in several processes, and tell of them in their order."""
        with ProcessPoolExecutor(processes, get_context("fork")) as pool:
            yield from pool.map(self.tried, trials)


def trials(seed: int, count: int, only: Sequence[str] = ()) -> list[Trial]:
    """So many inputs of the kinds, shared out by their weights, each kind numbered from 0."""
    kinds = {name: weight for name, (_, weight) in KINDS.items() if not only or name in only}
    whole = sum(kinds.values())
    counts = {name: max(1, round(count * weight / whole)) for name, weight in kinds.items()}
    made = [Trial(name, number, seed) for name, most in counts.items() for number in range(most)]
    Random(seed).shuffle(made)  # so that long kinds are not all at the end
    return made


def table(found: Sequence[Tried]) -> Iterator[str]:
    """Rows of the table: a kind each, then all."""
    columns = (
        "inputs",
        "refused",
        "accepted",
        *(f"{sort}s" if sort in ("traceback", "hang", "lie") else sort for sort in SORTS),
    )
    yield f"{'kind':<16}" + "".join(f"{name:>11}" for name in columns)
    for kind in [*KINDS, "all"]:
        of_kind = [item for item in found if kind in ("all", item.trial.kind)]
        if of_kind:
            refused = sum(item.is_refused for item in of_kind)
            accepted = sum(item.code in (0, 1, 3, 4) for item in of_kind)
            sorts = [sum(any(one.sort == sort for one in item.findings) for item in of_kind) for sort in SORTS]
            yield f"{kind:<16}" + "".join(f"{number:>11}" for number in (len(of_kind), refused, accepted, *sorts))


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))

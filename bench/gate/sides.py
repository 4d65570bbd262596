"""The driver's end of a side: a server with its code, and what it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from bench.cell import Cell, Learning
from bench.declare.catalog import DATASETS
from bench.errors import NotComparable
from bench.execute.jobs import Count, Describe, Given, Job, Measure, Plan, Probe, Profile, Step
from bench.execute.limits import START
from bench.execute.local import engine
from bench.execute.local.engine import Worker
from bench.execute.local.process import BY_THE_DOOR, FORKS, NotStarted, Program
from bench.gate.inside import side as script
from bench.gate.inside.stepping import SLOW
from bench.gate.plans import BasePlan, PlannedCell
from bench.remote import PROTOCOL
from bench.run.runs import Wish


@dataclass(frozen=True)
class CodeSide:
    """Origin of one side's code."""

    name: str
    """Name in messages: a revision, an environment."""
    interpreter: Path
    paths: tuple[Path, ...]
    """Folders of its sources, first on the path."""
    folder: Path
    """Working folder of the side: relative names of data and weights begin here."""
    shelf: Path
    """Folder of the side's artifacts, apart from the other side's."""
    catalogs: tuple[str, ...] = ()
    moved: tuple[Path, Path] | None = None
    """The repository, and the worktree that has this side's version of its files."""

    def its_own(self, cell: Cell) -> Cell:
        """The cell with this side's version of the weights and images in the repository, where it has them."""
        where = cell.scenario
        if self.moved is None or not isinstance(where, Learning):
            return cell
        own = replace(where, weights=self._its_own(where.weights), target=self._its_own(where.target))
        return replace(cell, scenario=own)

    def elsewhere(self, text: str) -> str:
        """A text of this side in which its own files are those of the repository, as head calls them."""
        if self.moved is None:
            return text
        root, tree = (f"{path}{os.sep}" for path in self.moved)
        return text.replace(tree, root)

    def _its_own(self, name: str) -> str:
        assert self.moved is not None
        root, tree = (f"{path}{os.sep}" for path in self.moved)
        before, found, path = name.partition(root)
        return f"{before}{tree}{path}" if found and (Path(tree) / path).exists() else name


@dataclass(frozen=True)
class Description:
    """A side's description of the cells."""

    codes: Mapping[str, str]
    """Digest of the code that decides a cell's figure, by the cell's key."""
    missing: Mapping[str, str]
    """Reason why the side does not have a cell, by the cell's key."""
    python: str
    versions: Mapping[str, str]


CellJob = TypeVar("CellJob", Measure, Step, Profile, Count, Measure | Step | Profile | Count)
SEEDED = {"PYTHONHASHSEED": "0"}
"""Environment in which Python hashes alike in every process."""


@dataclass(frozen=True)
class Launch:
    """Special settings with which a server is started."""

    prefix: tuple[str, ...] = ()
    """Program with its options that runs the interpreter."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables beyond the driver's own."""
    seconds: float = START
    """Seconds that the server may take to start."""


class SideServer:
    """A server that has imported one side's code. Use it in a `with`."""

    def __init__(
        self,
        side: CodeSide,
        preload: Sequence[str] = SLOW,
        forks: bool = FORKS,
        digests: bool = True,
        launch: Launch | None = None,
    ) -> None:
        self.side, launch = side, launch or Launch()
        moved = map(str, side.moved or ())
        command = (
            *launch.prefix,
            str(side.interpreter),
            *BY_THE_DOOR,
            str(Path(script.__file__)),
            str(PROTOCOL),
            *moved,
        )
        preload = ("torch", "threadpoolctl", *preload) if forks else ()
        paths = tuple(map(str, side.paths))
        program = Program(
            command,
            paths,
            side.catalogs,
            preload,
            side.folder,
            forks,
            digests,
            environment=launch.environment,
            start=launch.seconds,
        )
        self.engine = engine.Server(program)
        with self._comparable():
            self.engine.start()

    def __enter__(self) -> SideServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it and what it runs."""
        self.engine.close()

    def await_ready(self) -> None:
        """Wait until it stands.

        Raises:
            NotComparable: the side's code does not start, or speaks another protocol; the message says which.
        """
        with self._comparable():
            self.engine.await_ready()

    def describe(self, cells: Sequence[Cell]) -> Description:
        """The side's description of these cells.

        Raises:
            NotComparable: it cannot tell.
        """
        wanted = {cell.key: self.side.its_own(cell).to_dict() for cell in cells}
        return Description(**self._told(Describe(wanted, self._given)))

    def plan(self, wish: Wish) -> BasePlan:
        """Cells that the side's own declarations plan of what is asked.

        Raises:
            NotComparable: the side's plan fails; the message says why.
        """
        told = self._told(Plan(wish.given(), self._given), "cannot plan what is asked")
        return BasePlan(
            tuple(PlannedCell.of(row, self.side.elsewhere) for row in told["cells"]),
            told["files"],
            tuple(told["unknown"]),
            told["refused"],
        )

    def probe(self) -> dict[str, Any]:
        """Facts about this machine that the side's torch sees (`bench.machine.host.probe_accelerator`).

        Raises:
            NotComparable: it cannot look.
        """
        return self._told(Probe(self._given))

    def begin(self, job: Measure | Step | Profile | Count) -> Worker:
        """A fresh process at this job, with the side's own files and artifacts.

        Raises:
            NotComparable: the side does not start.
        """
        return self._begin(self.own(job))

    def own(self, job: CellJob) -> CellJob:
        """The job with the side's own files and artifacts."""
        return replace(job, cell=self.side.its_own(job.cell), given=self._given)

    @property
    def _given(self) -> Given:
        """Data on the user's own files, which each side reads itself: they may differ."""
        return Given(self.side.shelf, data={**DATASETS.handed(), "own": {}})

    def _begin(self, job: Job) -> Worker:
        with self._comparable():
            return self.engine.begin(job)

    def _told(self, job: Job, fault: str = "does not start") -> dict[str, Any]:
        outcome = self._begin(job).finish(START)
        if outcome.status != "ok":
            raise NotComparable(f"{self.side.name} {fault}: {outcome.reason}")
        return {name: value for name, value in outcome.details.items() if name != "imported"}

    @contextmanager
    def _comparable(self) -> Iterator[None]:
        """Say of a side that does not start that it cannot be compared."""
        try:
            yield
        except NotStarted as error:
            if "protocol" not in error.frame:
                raise NotComparable(f"{self.side.name} does not start: {error}") from error
            number = error.frame["protocol"]
            spoken = "no protocol" if number is None else f"protocol {number}"
            raise NotComparable(
                f"{self.side.name} speaks {spoken} of the gate's line, this evobench {PROTOCOL}: measure each with"
                " its own evobench, then evobench compare"
            ) from error

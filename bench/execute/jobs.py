"""Jobs that a process can be given: plain data that is sent and read as JSON."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from bench.cell import Cell, Learning
from bench.declare.artifact import Artifact

_TRAINERS = {"svm": ("sklearn.svm",), "logistic": ("sklearn.linear_model",)}
"""Large module that trains each head on features."""


@dataclass(frozen=True)
class Given:
    """Data that the jobs of a run have in common."""

    shelf: Path = Path(os.devnull)
    """Folder of artifacts; there is none unless it is given."""
    memory_limit: int | None = None
    """Bytes that a job on the CPU may allocate beyond what its process holds when it begins."""
    data: dict[str, Any] = field(default_factory=dict)
    """Facts from `DATASETS.handed()` that the process need not look for itself."""
    weights: Mapping[str, str] = field(default_factory=dict)
    """Digests from `known_digests()`, which the process need not compute."""
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    """Preprocessing from `known_preprocessing()`, which the process need not look for."""


@dataclass(frozen=True)
class _Job:
    def to_dict(self) -> dict[str, Any]:
        """The job as plain data; `read_job` reads it back."""
        values = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        return {"job": type(self).__name__, "imports": self.imports, **values}

    @property
    def imports(self) -> tuple[str, ...]:
        """Large modules that few jobs use: a server imports them before it forks the first of these."""
        return ()


@dataclass(frozen=True)
class Measure(_Job):
    """Measure a cell."""

    cell: Cell
    allowance: float
    """Seconds that it may sample for."""
    given: Given = Given()
    makes: bool = False
    """Whether the job makes the artifacts that the cell needs: the driver does not know what another revision
    needs."""
    gpu: str = ""
    """Device that it is to see alone, and so calls `cuda`; empty: it sees all."""

    @property
    def imports(self) -> tuple[str, ...]:
        """Modules that train a head by themselves."""
        scenario = self.cell.scenario
        head = scenario.mode.rpartition("+")[2] if isinstance(scenario, Learning) else ""
        return _TRAINERS.get(head, ())


@dataclass(frozen=True)
class Make(_Job):
    """Make an artifact; those that it needs are there."""

    artifact: Artifact
    threads: int
    given: Given = Given()
    gpu: str = ""
    """GPU, as in `Measure`."""


@dataclass(frozen=True)
class Probe(_Job):
    """Look at the accelerator."""

    given: Given = Given()


@dataclass(frozen=True)
class Rate(_Job):
    """Measure what the host does a second, for forecasts."""

    threads: int
    """All threads that jobs are given."""
    gpu: str = ""
    """Device that is measured beside the CPU; empty: none."""
    given: Given = Given()


@dataclass(frozen=True)
class Inspect(_Job):
    """Look into weights before anything is made of them: whether they fit, and how they see pictures."""

    weights: tuple[tuple[str, str], ...]
    """Architectures, each with what scenarios call the weights that it is to have."""
    given: Given = Given()
    evaluated: tuple[tuple[str, str, str, str], ...] = ()
    """Architecture, weights, data set and class map of each evaluation, whose classes must be known."""


@dataclass(frozen=True)
class Fetch(_Job):
    """Download a data set or the weights that an architecture's library ships, or tell where these are kept."""

    what: Literal["dataset", "weights", "kept weights"]
    name: str
    """Name of the data set or of the architecture."""
    given: Given = Given()


@dataclass(frozen=True)
class Check(_Job):
    """Judge claims, one after the other."""

    claims: tuple[Mapping[str, Any], ...]
    """Entries of a ledger."""
    threads: int
    imagenet: str = ""
    """Folder of ImageNet's validation images; empty: none."""
    given: Given = Given()


@dataclass(frozen=True)
class Step(_Job):
    """Take a step of a cell whenever the driver says so."""

    cell: Cell
    cpus: tuple[int, ...] = ()
    """Cores that it is pinned to; empty: any."""
    given: Given = Given()


@dataclass(frozen=True)
class Profile(_Job):
    """Tell where a cell's figure comes from: beside the figures, and no part of them."""

    cell: Cell
    what: Literal["time", "memory"]
    """`time`: of steps, taken whenever the driver says so, each again with a profiler; `memory`: of tensors."""
    cpus: tuple[int, ...] = ()
    """Cores that it is pinned to; empty: any."""
    given: Given = Given()


@dataclass(frozen=True)
class Count(_Job):
    """Count the instructions of a few steps of a cell."""

    cell: Cell
    steps: int
    counter: Literal["perf", "callgrind"]
    dumps: str = ""
    """Folder that callgrind writes into."""
    given: Given = Given()


@dataclass(frozen=True)
class Describe(_Job):
    """Tell which of these cells there are, and the digest of what decides the figure of each."""

    cells: Mapping[str, dict[str, Any]]
    """Plain data of each cell by a key of the driver's: another revision may not be able to read every cell."""
    given: Given = Given()


@dataclass(frozen=True)
class Plan(_Job):
    """Tell which cells are planned, by the declarations here, of what the driver was asked for."""

    wish: Mapping[str, Any]
    """`bench.run.runs.Wish.given()`: as plain data, since another revision may not know each of its fields."""
    given: Given = Given()


Job = Measure | Make | Probe | Rate | Inspect | Fetch | Check | Step | Profile | Count | Describe | Plan
KINDS: dict[str, type[Job]] = {kind.__name__: kind for kind in get_args(Job)}
_READERS: dict[str, Callable[[Any], Any]] = {
    "cell": Cell.from_dict,
    "artifact": Artifact.from_dict,
    "given": lambda given: Given(**{**given, "shelf": Path(given["shelf"])}),
    "claims": tuple,
    "weights": lambda pairs: tuple(map(tuple, pairs)),
    "evaluated": lambda rows: tuple(map(tuple, rows)),
    "cpus": tuple,
}
"""Readers of the fields that are not plain data themselves."""


def read_job(data: Mapping[str, Any]) -> Job:
    """Inverse of a job's `to_dict`; what else is among the data is left alone."""
    kind = KINDS[data["job"]]
    return kind(**{f.name: _READERS.get(f.name, _as_it_is)(data[f.name]) for f in fields(kind) if f.name in data})


@dataclass(frozen=True)
class Orders:
    """First message to a server."""

    parent: int
    """Process with which it ends."""
    catalogs: tuple[str, ...]
    preload: tuple[str, ...]
    """Modules that it imports before it forks."""
    forks: bool
    """Whether each job gets a process of its own; else the server does a single job itself."""
    digests: bool
    """Whether digests of code will be asked for, so that the server reads all sources before its first job."""


def _plain(value: Any) -> Any:
    if isinstance(value, Cell | Artifact):
        return value.to_dict()
    return {**asdict(value), "shelf": str(value.shelf)} if isinstance(value, Given) else value


def _as_it_is(value: Any) -> Any:
    return value

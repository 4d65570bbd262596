"""Plain data of the store's rows, and how the store keeps floats."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.cell import Cell, Picture, Status, quantile
from bench.declare.declarations import Due
from bench.declare.nature import Nature

AUDIT = "audit"
"""Profile of a run that judges claims and measures no cells."""
COUNTS = "counts"
"""Kind of the declaration of a run of cells that judges claims, too: those whose checks count."""
STUDY = "study"
"""Under which a run's settings keep the file that said what is measured: its `file`, and its `text`."""
REGRESS = "regress"
"""Profile of the runs of a comparison step by step, whose processes cannot be caught up with later."""


def is_resumable(profile: str, state: str) -> bool:
    """Whether a run of that profile and state can be resumed; an audit or a comparison cannot."""
    return state != "complete" and profile not in (AUDIT, REGRESS)


@dataclass(frozen=True)
class RunRow:
    """One execution of suites, on one host or on several."""

    id: str
    started: str
    profile: str
    command: str
    host: dict[str, Any]
    """Fingerprint of the host that its timings were planned for, which measured all that names no other."""
    host_key: str
    settings: dict[str, Any]
    finished: str = ""
    state: str = "running"
    """`running` (or killed), `complete`, `budget` (it ended before all cells were tried) or `interrupted`."""
    further_hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Fingerprints of the others that took part, by host key."""

    @property
    def hosts(self) -> dict[str, dict[str, Any]]:
        """Fingerprints of all its hosts by host key, its own first."""
        return {self.host_key: self.host, **self.further_hosts}


@dataclass(frozen=True)
class Declaration:
    """A declaration as it was when the run began."""

    kind: str
    name: str
    content: dict[str, Any]


@dataclass(frozen=True)
class CellRow:
    """A planned cell of a run."""

    cell: Cell
    suites: tuple[str, ...]
    sampling: float = 0.0
    """Seconds of sampling as in `Planned`; so are the fields below."""
    replicates: int = 1
    due: Due = "then"
    open: bool = False


@dataclass(frozen=True)
class RecordRow:
    """A record without its raw samples, with their summary instead."""

    run: str
    cell_key: str
    replicate: int
    status: Status
    reason: str
    unit: str
    provenance: str
    n: int
    median: float | None
    mean: float | None
    p5: float | None
    p95: float | None
    lowest: float | None
    highest: float | None
    details: dict[str, Any]
    started: str
    seconds: float
    reused_from: str
    host: str = ""
    """Key of the host that measured it."""


def by_cell(records: Iterable[RecordRow]) -> dict[str, list[RecordRow]]:
    """Records of each cell that has any, by the cell's key, in their order."""
    found: dict[str, list[RecordRow]] = {}
    for row in records:
        found.setdefault(row.cell_key, []).append(row)
    return found


@dataclass(frozen=True)
class PictureRow:
    """A picture with the record that it belongs to."""

    cell_key: str
    replicate: int
    ordinal: int
    """Place among the pictures of the record, from 0."""
    picture: Picture


@dataclass(frozen=True)
class Timing:
    """Duration of one attempt at a cell."""

    cell: Cell
    seconds: float
    """Wall time of the attempt."""
    sampling: float
    """Seconds that it was allowed to sample for."""
    median: float | None
    """Median of the samples, in the measure's unit."""


@dataclass(frozen=True)
class RecordEvidence:
    """One record with the first of its raw samples."""

    cell_key: str
    replicate: int
    samples: tuple[float, ...]
    """Samples in the measure's unit, in the order in which they were taken."""
    warmup: int
    """Number of samples that were taken before these and do not count."""
    details: dict[str, Any]
    code: str
    """Digest of the code that decided the figure."""


@dataclass(frozen=True)
class Tally:
    """The cells of a run by what became of them; those that are left have no record."""

    run: str
    suites: tuple[str, ...]
    planned: int
    good: int
    failed: int
    """Number of cells that were tried without a figure, for any reason but that it does not apply."""
    unsupported: int


@dataclass(frozen=True)
class Median:
    """Figure that a run found for a cell."""

    run: str
    cell: Cell
    unit: str
    nature: Nature
    value: float
    processes: int
    code: str = ""
    """Digest of the code that decided it; empty where its processes had several."""
    reused_from: str = ""
    """The run that measured it, where this one took it over."""
    spread: float | None = None
    """Half of what lies between the 5th and the 95th percentile of the samples, over their median: the mean of its
    processes; None where they have too few samples."""
    host: str = ""
    """Key of the host that measured it."""


@dataclass(frozen=True)
class Baseline:
    """A run under a name that later ones are compared with."""

    name: str
    run: str
    saved: str
    """Time at which it was given the name, ISO 8601."""


@dataclass(frozen=True)
class ArtifactRow:
    """Outcome of an artifact in a run."""

    key: str
    description: str
    status: str
    """`made`, `kept` (it lay there already) or `failed`."""
    reason: str
    seconds: float
    details: dict[str, Any]


@dataclass(frozen=True)
class Summary:
    """Summary of raw samples in the columns beside them; all None where there are none."""

    n: int
    median: float | None = None
    mean: float | None = None
    p5: float | None = None
    p95: float | None = None
    lowest: float | None = None
    highest: float | None = None

    @classmethod
    def of(cls, samples: Iterable[float]) -> Summary:
        """Summarise raw samples, in their unit."""
        ordered = sorted(samples)
        n = len(ordered)
        if not n:
            return cls(0)
        low, high = quantile(ordered, 0.05), quantile(ordered, 0.95)
        return cls(n, median(ordered), sum(ordered) / n, low, high, ordered[0], ordered[-1])


def pack(samples: tuple[float, ...]) -> bytes:
    """Samples as little-endian doubles: exact, and the same file on every machine."""
    return struct.pack(f"<{len(samples)}d", *samples)


def unpack(blob: bytes) -> tuple[float, ...]:
    """Inverse of `pack`."""
    return struct.unpack(f"<{len(blob) // 8}d", blob)

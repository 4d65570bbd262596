"""What a store has of one run, read whole: tables are made of it when the store may be closed already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bench.store.database import ArtifactRow, CellRow, Declaration, RecordRow, Run, Store
from bench.store.rows import AUDIT, COUNTS, PictureRow
from reports.hosts import short_names

_KINDS = ("architecture", "measure", "suite", "dataset", "comparison", "sweep", "quadrant", "design")
_KINDS_OF_AUDITS = ("claim", "slide", "left_out", COUNTS)


@dataclass(frozen=True)
class Audit:
    """What an audit judged, or a run of cells that judged the claims whose checks count."""

    run: Run
    declared: Mapping[str, Sequence[Declaration]]
    """By kind: `claim`, `slide`, `left_out`, `counts`."""
    verdicts: Mapping[str, dict[str, Any]]
    """By claim."""


@dataclass(frozen=True)
class Rows:
    """One run, as the store has it; without more than the run, one that planned nothing."""

    run: Run
    cells: Sequence[CellRow] = ()
    records: Mapping[str, list[RecordRow]] = field(default_factory=dict)
    """By key of their cell, in the order of the plan."""
    declared: Mapping[str, Sequence[Declaration]] = field(default_factory=dict)
    """By kind."""
    artifacts: Sequence[ArtifactRow] = ()
    pictures: Sequence[PictureRow] = ()
    audit: Audit | None = None
    """This run, if it is an audit; else the newest of the same store of all claims; else what this run judged of
    the claims that count; else the newest audit of some claims."""
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Names of the hosts of its records by host key, those of figures that it took over among them."""

    def contents(self, kind: str) -> list[dict[str, Any]]:
        """What is declared of a kind."""
        return [item.content for item in self.declared.get(kind, ())]

    @cached_property
    def lineage(self) -> dict[str, dict[str, Any]]:
        """The architectures by name; earlier versions wrote the year 0 where no source says it."""
        return {item["name"]: {**item, "year": item.get("year") or None} for item in self.contents("architecture")}

    @cached_property
    def measures(self) -> dict[str, dict[str, Any]]:
        """The measures by name."""
        return {item["name"]: item for item in self.contents("measure")}


def read_rows(store: Store, name: str) -> Rows:
    """Read run `name` (an id, a unique beginning of one, or `latest`).

    Raises:
        StoreError: the store cannot be read or holds no run.
        UnknownName: no run is named so.
    """
    run = store.run(name)
    records: dict[str, list[RecordRow]] = {}
    for row in store.records(run.id):
        records.setdefault(row.cell_key, []).append(row)
    origins = {run.id, *(row.reused_from for rows in records.values() for row in rows)}
    earlier = [other for other in store.runs() if other.id in origins]
    return Rows(
        run=run,
        cells=store.cells(run.id),
        records=records,
        declared={kind: store.declarations(run.id, kind) for kind in _KINDS},
        artifacts=store.artifacts(run.id),
        pictures=store.shown.pictures(run.id),
        audit=_audit(store, run),
        hosts=short_names({key: host for other in (*earlier, run) for key, host in other.hosts.items()}),
    )


def _audit(store: Store, run: Run) -> Audit | None:
    audits = [other for other in store.runs() if other.profile == AUDIT]
    whole = [other for other in audits if not other.settings.get("narrowed")]
    own = [run] if run.profile == AUDIT or store.declarations(run.id, COUNTS) else []
    audit = run if run.profile == AUDIT else next(reversed(whole or own or audits), None)
    if audit is None:
        return None
    declared = {kind: store.declarations(audit.id, kind) for kind in _KINDS_OF_AUDITS}
    return Audit(audit, declared, store.verdicts(audit.id))

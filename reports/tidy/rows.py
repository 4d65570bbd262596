"""Rows of one run, read whole: tables are made of them when the store may be closed already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bench.audit.errata import ErrataRow
from bench.audit.lessons import Said, with_lessons
from bench.compare.lessons.verdict import Taught, lessons_of, newest_lessons
from bench.declare.lessons.chapter import KIND as CHAPTER
from bench.store.database import ArtifactRow, CellRow, Declaration, RecordRow, RunRow, Store
from bench.store.rows import AUDIT, COUNTS, PictureRow, by_cell
from reports.hosts import short_names
from reports.uncollected import uncollected

_KINDS = (
    "architecture",
    "measure",
    "suite",
    "dataset",
    "comparison",
    "sweep",
    "quadrant",
    "design",
    "milestone",
    CHAPTER,
)
_KINDS_OF_AUDITS = ("claim", "slide", "left_out", COUNTS)


@dataclass(frozen=True)
class Audit:
    """Verdicts of an audit, or of a run of cells that judged the claims whose checks count."""

    run: RunRow
    declared: Mapping[str, Sequence[Declaration]]
    """Declarations by kind: `claim`, `slide`, `left_out`, `counts`."""
    verdicts: Mapping[str, dict[str, Any]]
    """Verdicts by claim."""


@dataclass(frozen=True)
class Lessons:
    """The lessons that a run has tested."""

    run: RunRow
    taught: tuple[Taught, ...]
    """Lessons in the order of their declaration."""
    measures: Mapping[str, Mapping[str, Any]]
    """The measures of that run by name, as plain data."""

    @property
    def said(self) -> Mapping[str, Said]:
        """Verdicts of lessons on claims, by the lessons' names."""
        return {item.study.name: Said(item.verdict, item.study.title, self.run.id) for item in self.taught}


@dataclass(frozen=True)
class Rows:
    """One run, as the store has it; without more than the run, one that planned nothing."""

    run: RunRow
    cells: Sequence[CellRow] = ()
    records: Mapping[str, list[RecordRow]] = field(default_factory=dict)
    """Records by key of their cell, in the order of the plan."""
    declared: Mapping[str, Sequence[Declaration]] = field(default_factory=dict)
    """Declarations by kind."""
    artifacts: Sequence[ArtifactRow] = ()
    pictures: Sequence[PictureRow] = ()
    audit: Audit | None = None
    """This run, if it is an audit; else the newest audit of all claims in the same store; else what this run
    judged of the claims that count; else the newest audit of some claims."""
    lessons: Lessons | None = None
    """Lessons of this run or, where it has none, of the newest run of the same store that has some."""
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Names of the hosts of its records by host key, those of figures that it took over among them."""

    def contents(self, kind: str) -> list[dict[str, Any]]:
        """Contents of the declarations of a kind."""
        return [item.content for item in self.declared.get(kind, ())]

    @property
    def claims(self) -> list[ErrataRow]:
        """The claims with their verdicts, and with what the lessons say of them now."""
        if self.audit is None:
            return []
        verdicts, told = self.audit.verdicts, self.lessons.said if self.lessons else {}
        entries = [item.content for item in self.audit.declared["claim"]]
        return with_lessons((ErrataRow.of(entry, verdicts.get(entry["id"], {})) for entry in entries), told)

    @cached_property
    def lineage(self) -> dict[str, dict[str, Any]]:
        """The architectures by name; earlier versions wrote the year 0 where no source says it."""
        return {item["name"]: {**item, "year": item.get("year") or None} for item in self.contents("architecture")}

    @cached_property
    def measures(self) -> dict[str, dict[str, Any]]:
        """The measures by name."""
        return {item["name"]: item for item in self.contents("measure")}


@uncollected()
def read_rows(store: Store, name: str) -> Rows:
    """Read run `name` (an id, a unique beginning of one, or `latest`).

    Raises:
        StoreError: the store cannot be read or holds no run.
        UnknownName: no run is named so.
    """
    run = store.run(name)
    records = by_cell(store.records(run.id))
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
        lessons=_lessons(store, run),
        hosts=short_names({key: host for other in (*earlier, run) for key, host in other.hosts.items()}),
    )


def _audit(store: Store, run: RunRow) -> Audit | None:
    audits = [other for other in store.runs() if other.profile == AUDIT]
    whole = [other for other in audits if not other.settings.get("narrowed")]
    own = [run] if run.profile == AUDIT or store.declarations(run.id, COUNTS) else []
    audit = run if run.profile == AUDIT else next(reversed(whole or own or audits), None)
    if audit is None:
        return None
    declared = {kind: store.declarations(audit.id, kind) for kind in _KINDS_OF_AUDITS}
    return Audit(audit, declared, store.verdicts(audit.id))


def _lessons(store: Store, run: RunRow) -> Lessons | None:
    found, whose = lessons_of(store, run.id), run
    if not found:
        newest = newest_lessons(store)
        if not newest:
            return None
        found, whose = lessons_of(store, newest), store.run(newest)
    measures = {item.name: item.content for item in store.declarations(whose.id, "measure")}
    return Lessons(whose, found, measures)

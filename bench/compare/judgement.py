"""A judgement: base against head, one verdict a cell, and which of them are red. Every output is made from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from bench.cell import Cell, scenario_to_dict
from bench.compare.verdict import VERDICTS, Comparison, Verdict
from bench.declare.nature import Nature, nature_of
from bench.errors import Exit
from bench.store.database import RecordRow, RunRow, Store
from bench.store.outcome import alike

FAIL_ON: frozenset[Verdict] = frozenset({"regression"})
"""Verdicts that are red, unless others are asked for."""
GATE_FAILS_ON: frozenset[Verdict] = FAIL_ON | {"dropped", "undecided"}
"""Verdicts that are red for a gate, which measures until it knows: a cell that it cannot decide or no longer
watches is not green."""


@dataclass(frozen=True)
class Judgement:
    """Judgement on base and head, ready to be printed."""

    base: str
    """Name of the base: a revision, a baseline's name, a run."""
    head: str
    found: tuple[Comparison, ...]
    """One comparison for each cell, the gravest first."""
    fail_on: frozenset[Verdict] = FAIL_ON
    """Verdicts that make it fail."""
    notes: tuple[str, ...] = ()
    """Notes that a reader must know: a dirty tree, ignored files, cells that were not run and why."""
    samples: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Raw samples of head by the key of the cell, in the measure's unit, in order."""
    host: Mapping[str, object] = field(default_factory=dict)
    """Fingerprint of the machine and software of head."""
    started: str = ""
    """Time at which the head was measured, ISO 8601."""
    conditions: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Architecture, measure and scenario of the cells by their key, as plain data."""
    failures: Mapping[str, str] = field(default_factory=dict)
    """Status and reason, by the key of the cell, of what head was to measure and could not."""
    accepted: Mapping[str, str] = field(default_factory=dict)
    """Reason why a change is accepted, by the key of the cell: its verdict stands, but does not make the judgement
    fail."""
    ended: Exit = Exit.OK
    """Exit code where nothing makes the judgement fail: 0, incomplete, or not comparable."""
    key: str = ""
    """Key of the job that gave the judgement; empty where there is one job."""
    jobs: Mapping[str, frozenset[Verdict]] = field(default_factory=dict)
    """Verdicts that make each of several jobs fail, by the job's key."""

    def fails(self, item: Comparison) -> bool:
        """Whether a cell makes the judgement fail."""
        return item.key not in self.accepted and item.verdict in self.jobs.get(item.job, self.fail_on)

    @property
    def failing(self) -> tuple[Comparison, ...]:
        """The cells that make it fail."""
        return tuple(filter(self.fails, self.found))

    @property
    def counts(self) -> dict[Verdict, int]:
        """Number of cells with each verdict, the gravest first; verdicts without a cell are left out."""
        count = Counter(item.verdict for item in self.found)
        return {verdict: count[verdict] for verdict in VERDICTS if count[verdict]}

    @property
    def exit_code(self) -> Exit:
        """1 where a cell makes it fail, else what it ended with."""
        return Exit.REGRESSION if self.failing else self.ended

    @property
    def worst_first(self) -> tuple[Comparison, ...]:
        """All cells: those that fail, then accepted ones, each by verdict and by how much worse they became."""
        order = {verdict: place for place, verdict in enumerate(self.counts)}

        def place(item: Comparison) -> tuple[bool, bool, int, float]:
            return not self.fails(item), item.key not in self.accepted, order[item.verdict], -item.worsening

        return tuple(sorted(self.found, key=place))


@dataclass(frozen=True)
class RunEvidence:
    """Evidence of a run on its cells, by the cell's key."""

    run: RunRow
    samples: Mapping[str, tuple[float, ...]]
    conditions: Mapping[str, Mapping[str, object]]
    names: Mapping[str, str]
    failures: Mapping[str, str]

    @classmethod
    def of(cls, store: Store, name: str, keys: Iterable[str] | None = None) -> RunEvidence:
        """Read it from the store: of all cells of the run, or of those with the keys."""
        run = store.run(name)
        wanted = None if keys is None else set(keys)
        cells = [row.cell for row in store.cells(run.id) if wanted is None or row.cell.key in wanted]
        good: dict[str, list[RecordRow]] = {cell.key: [] for cell in cells}
        bad: dict[str, str] = {}
        for row in store.records(run.id):
            if row.cell_key not in good:
                continue
            if row.status == "ok":
                good[row.cell_key].append(row)
            elif row.status != "unsupported":
                bad.setdefault(row.cell_key, f"{row.status}: {row.reason}")
        declared = {item.name: item.content for item in store.declarations(run.id, "measure")}
        taken = {(item.cell_key, item.replicate): item.samples for item in store.shown.samples(run.id)}
        samples: dict[str, tuple[float, ...]] = {}
        conditions: dict[str, dict[str, object]] = {}
        for cell in cells:
            rows = alike(_nature(cell, declared, good[cell.key]), good[cell.key])
            if rows:
                of_cell = (taken.get((cell.key, row.replicate), ()) for row in rows)
                samples[cell.key] = tuple(chain.from_iterable(of_cell))
            conditions[cell.key] = {
                "architecture": cell.architecture,
                "measure": cell.measure,
                **scenario_to_dict(cell.scenario),
                **({"host": rows[0].host} if rows and len(run.hosts) > 1 else {}),
            }
        failures = {key: reason for key, reason in bad.items() if key not in samples}
        return cls(run, samples, conditions, {cell.key: str(cell) for cell in cells}, failures)


def _nature(cell: Cell, declared: Mapping[str, Mapping[str, Any]], rows: Sequence[RecordRow]) -> Nature:
    told = {"name": cell.measure, "unit": rows[0].unit if rows else "", "kind": cell.scenario.kind}
    return nature_of(declared.get(cell.measure, told))


def judgement_of(
    store: Store,
    base: str,
    head: str,
    found: tuple[Comparison, ...],
    fail_on: frozenset[Verdict] = FAIL_ON,
    notes: Iterable[str] = (),
    names: tuple[str, str] | None = None,
) -> Judgement:
    """Judgement on what was found, with the evidence of the head.

    Args:
        store: the store that holds both runs.
        base: run that was compared with: id, its beginning, or latest.
        head: run that was judged.
        found: one a cell, the gravest first.
        fail_on: verdicts that make it fail.
        notes: remarks for the reader.
        names: names of base and head, where they are known by more than their runs.

    Raises:
        UnknownName: the store has no such run.
    """
    evidence = RunEvidence.of(store, head, [item.key for item in found])
    base_name, head_name = names or (store.run(base).id, evidence.run.id)
    return Judgement(
        base_name,
        head_name,
        found,
        fail_on,
        tuple(notes),
        samples=evidence.samples,
        host=evidence.run.host,
        started=evidence.run.started,
        conditions=evidence.conditions,
        failures=evidence.failures,
    )

"""Measurements of a comparison, kept in the store as three runs: base, base's twin, head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench.cell import Cell, Record
from bench.declare.catalog import MEASURES
from bench.declare.nature import Nature
from bench.execute.outcome import Outcome
from bench.gate.sides import Description
from bench.gate.steps import Role
from bench.machine.host import host_key
from bench.run.plan import PlanStep
from bench.run.runs import new_id, utc_now
from bench.run.snapshot import cell_rows, declarations
from bench.store.database import RunRow, Store
from bench.store.rows import REGRESS

_ORDER: tuple[Role, ...] = ("base", "twin", "head")
"""Head is begun last, so that the newest run is what one works on."""


@dataclass(frozen=True)
class GateEvidence:
    """The runs that records go to. Every record is committed when it is made."""

    store: Store
    runs: Mapping[Role, RunRow]
    codes: Mapping[Role, Mapping[str, str]]

    @classmethod
    def begin(
        cls,
        store: Store,
        command: str,
        steps: Sequence[PlanStep],
        hosts: Mapping[Role, Mapping[str, Any]],
        described: Mapping[Role, Description],
        base: str,
        key: str = "",
    ) -> GateEvidence:
        """Begin the runs.

        Args:
            store: store that keeps the evidence.
            command: command that was typed.
            steps: steps that are compared.
            hosts: the fingerprint of each side.
            described: description that each side gave of itself.
            base: name of base.
            key: key of this job among several.
        """
        ids = {role: new_id() for role in _ORDER}
        while len({*ids.values()}) < len(ids):  # four digits are seldom alike, and not never
            ids = {role: new_id() for role in _ORDER}
        runs: dict[Role, RunRow] = {}
        for role in _ORDER:
            made = {"role": role, "runs": dict(ids), "base": base, **({"key": key} if key else {})}
            settings: dict[str, Any] = {REGRESS: made}
            host = dict(hosts[role])
            runs[role] = RunRow(ids[role], utc_now(), REGRESS, command, host, host_key(host), settings)
            kept = [_once(step) for step in steps if role != "twin" or _is_paired(step)]
            store.begin_run(runs[role], declarations(kept), cell_rows(kept))
        return cls(store, runs, {role: described[role].codes for role in _ORDER})

    def keep(self, role: Role, cell: Cell, replicate: int, outcome: Outcome) -> None:
        """Commit what became of one process."""
        measure = MEASURES.get(cell.measure)
        self.store.add_record(
            self.runs[role].id,
            Record(
                cell=cell,
                replicate=replicate,
                status=outcome.status,
                unit=measure.unit,
                provenance=measure.provenance,
                values=outcome.values,
                warmup=outcome.warmup,
                reason=outcome.reason,
                details=outcome.details,
                images=outcome.images,
                code=self.codes[role].get(cell.key, ""),
                started=utc_now(),
                seconds=sum(outcome.values) if measure.nature is Nature.TIME else 0.0,
            ),
        )

    def end(self, state: str) -> None:
        """Say of all how they ended: `complete`, `budget` or `interrupted`."""
        for role in _ORDER:
            self.store.end_run(self.runs[role].id, state, utc_now())


def _once(step: PlanStep) -> PlanStep:
    """The step, of which a single process is planned: how many there will be is not known."""
    return replace(step, planned=replace(step.planned, replicates=1))


def _is_paired(step: PlanStep) -> bool:
    """Whether a twin of the base is measured too."""
    return MEASURES.get(step.planned.cell.measure).repeats == "never"

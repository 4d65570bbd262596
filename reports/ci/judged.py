"""A judgement from the store: what was found, with the evidence that the run of head has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.cell import scenario_to_dict
from bench.store.database import Run, Store
from reports.ci.judgement import FAIL_ON, Judgement

if TYPE_CHECKING:
    from reports.comparing.comparison import Comparison, Verdict


@dataclass(frozen=True)
class Evidence:
    """What a run has of its cells, each by the cell's key."""

    run: Run
    samples: Mapping[str, tuple[float, ...]]
    conditions: Mapping[str, Mapping[str, object]]
    names: Mapping[str, str]
    failures: Mapping[str, str]

    @classmethod
    def of(cls, store: Store, name: str, keys: Iterable[str] | None = None) -> Evidence:
        """Read it from the store: of all cells of the run, or of those with the keys."""
        run = store.run(name)
        wanted = None if keys is None else set(keys)
        cells = [row.cell for row in store.cells(run.id) if wanted is None or row.cell.key in wanted]
        known = {cell.key for cell in cells}
        samples: dict[str, tuple[float, ...]] = {}
        bad: dict[str, str] = {}
        for row in store.records(run.id):
            if row.cell_key not in known:
                continue
            if row.status == "ok":
                taken = store.samples(run.id, row.cell_key, row.replicate)
                samples[row.cell_key] = samples.get(row.cell_key, ()) + taken
            elif row.status != "unsupported":
                bad.setdefault(row.cell_key, f"{row.status}: {row.reason}")
        conditions = {
            cell.key: {
                "architecture": cell.architecture,
                "measure": cell.measure,
                **scenario_to_dict(cell.scenario),
            }
            for cell in cells
        }
        failures = {key: reason for key, reason in bad.items() if key not in samples}
        return cls(run, samples, conditions, {cell.key: str(cell) for cell in cells}, failures)


def judgement_of(
    store: Store,
    base: str,
    head: str,
    found: tuple[Comparison, ...],
    fail_on: frozenset[Verdict] = FAIL_ON,
    notes: Iterable[str] = (),
    names: tuple[str, str] | None = None,
) -> Judgement:
    """What was found, with the evidence of head.

    Args:
        store: that has both runs.
        base: run that was compared with: id, its beginning, or latest.
        head: run that was judged.
        found: one a cell, the gravest first.
        fail_on: verdicts that make it fail.
        notes: what a reader must know.
        names: what to call base and head, where they are known by more than their runs.

    Raises:
        UnknownName: the store has no such run.
    """
    evidence = Evidence.of(store, head, [item.key for item in found])
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

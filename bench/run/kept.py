"""Kept records that may stand for new ones: the same cell, made by the same code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bench.cell import Cell, Learning, Record, digest
from bench.declare.catalog import ARCHITECTURES, MEASURES
from bench.declare.loading.code import code_digest
from bench.learning.artifacts import places_of
from bench.learning.weights.files import weights_digest
from bench.learning.weights.preprocessing import preprocessing_for
from bench.learning.weights.shipped import kept_digest
from bench.machine.determinism import NOT_DETERMINISTIC
from bench.machine.host import PROBED, fingerprint
from bench.run.plan import PlanStep
from bench.store.database import Store


def kept_record(store: Store, cell: Cell, host_key: str) -> Record | None:
    """The record that may stand for the cell on this host, if its measure repeats and the code is the same.

    One that says of itself that it would not repeat to the last bit stands for nothing but itself.
    """
    repeats = MEASURES.get(cell.measure).repeats
    if repeats == "never":
        return None
    kept = store.past.reusable(cell, cell_code(cell), host_key if repeats == "host" else None)
    return None if kept is None or kept.details.get(NOT_DETERMINISTIC) else kept


def all_kept(store: Store, steps: Iterable[PlanStep]) -> bool:
    """Whether kept records can stand for every step, on any host, so that nothing has to be measured."""
    cells = [step.planned.cell for step in steps]
    return all(
        MEASURES.get(cell.measure).repeats == "anywhere" and store.past.reusable(cell, cell_code(cell), None)
        for cell in cells
    )


def known_host(store: Store, cells: Iterable[Cell]) -> dict[str, Any] | None:
    """The newest run's fingerprint, where all that can be seen without loading torch is as it was then.

    Of a run on a GPU where the cells are to be measured on one, else of a run on none.
    """
    on_gpu = any(cell.scenario.device.startswith("cuda") for cell in cells)
    for host in (host for run in reversed(store.runs()) for host in run.hosts.values()):
        seen = {name: host.get(name) for name in PROBED}
        now = fingerprint(seen)
        same = all(now[name] == host.get(name) for name in now if name != "git")
        if same and on_gpu == bool(host.get("gpus")):
            return now
    return None


def cell_code(cell: Cell) -> str:
    """Digest of all that takes part: how it is measured, what it names, versions, artifacts, file of weights."""
    item = MEASURES.get(cell.measure)
    made = [artifact.key for artifact in item.artifacts(cell)]
    if not isinstance(cell.scenario, Learning):
        return digest([code_digest(item.place, ARCHITECTURES.get(cell.architecture).place), made])
    code = code_digest(item.place, *places_of(cell.architecture, cell.scenario))
    how = preprocessing_for(cell.architecture, cell.scenario.weights, cell.scenario.target)
    kept = kept_digest(ARCHITECTURES.get(cell.architecture), cell.scenario.weights)
    return digest([code, made, weights_digest(cell.scenario.weights), how.key, *filter(None, [kept])])

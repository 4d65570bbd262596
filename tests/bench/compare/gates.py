"""Two runs of a gate that was never run: the steps, what was decided of them, and what is kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from bench.cell import Cell, Cost, Record
from bench.compare.gate.decided import keep
from bench.compare.gate.told import GateResult
from bench.compare.verdict import Comparison
from bench.declare.catalog import MEASURES, load_catalogs
from bench.declare.declarations import Planned
from bench.gate.session import SessionOutcomes
from bench.gate.watch import Watched, WatchedChoice
from bench.run.plan import PlanStep
from bench.run.runs import utc_now
from bench.run.snapshot import cell_rows
from bench.statistics.sequential import SequentialRule
from bench.store.database import Declaration, RunRow, Store
from bench.store.rows import REGRESS

CELL = Cell("resnet18", "latency", Cost(mode="infer", resolution=224))
PAIRS = (1.19, 1.20, 1.21, 1.20, 1.05, 1.18, 1.21, 1.19, 1.20)
"""Logarithms of head over base within each pair; the fifth one was disturbed."""
TWINS = (0.002, -0.001, 0.001, -0.002, 0.0015, -0.0005, 0.0005, -0.0015, 0.001)
DRIFT = 0.1
"""By which the logarithm of a step grows from pair to pair: the machine becomes slower meanwhile."""


@dataclass(frozen=True)
class Gate:
    """What a gate told, and where its evidence lies."""

    store: Path
    told: tuple[Comparison, ...]


def compared(path: Path, hosts: tuple[str, str] = ("a", "a")) -> Gate:
    """A gate on one cell, of which the ratio of the medians is another than that of the pairs."""
    load_catalogs()
    measure = MEASURES.get(CELL.measure)
    step = PlanStep(Planned(CELL, 1.0), ("gate",))
    ids = {"base": "20260101-000000-base", "twin": "20260101-000000-twin", "head": "20260101-000000-head"}
    with Store.create(path) as store:
        for role, host in (("base", hosts[0]), ("head", hosts[1])):
            settings = {REGRESS: {"role": role, "runs": ids}}
            run = RunRow(ids[role], utc_now(), REGRESS, "", {"cpu": "X"}, host, settings)
            content = {"name": measure.name, "unit": measure.unit, "better": measure.better}
            store.begin_run(run, [Declaration("measure", measure.name, content)], cell_rows([step]))
            for number, pair in enumerate(PAIRS):
                seconds = 0.01 * math.exp(DRIFT * number + (pair if role == "head" else 0.0))
                values = (seconds, seconds)
                store.add_record(
                    run.id, Record(cell=CELL, replicate=number, status="ok", unit=measure.unit, values=values)
                )
        found = SessionOutcomes(decisions={CELL.key: SequentialRule(1).decide(PAIRS, TWINS)})
        told = GateResult(
            store, ids["base"], ids["head"], found, WatchedChoice((Watched(step, "steps"),)), SequentialRule(1)
        ).verdicts()
        keep(store, ids["head"], told)
    return Gate(path, told)

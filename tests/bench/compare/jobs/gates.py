"""Gates of several jobs that were never run: a count in base and in head, with what was told of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.cell import Cell, Cost, Record
from bench.compare.gate.decided import keep
from bench.compare.jobs.kept import keep_judgement
from bench.compare.judgement import GATE_FAILS_ON, Judgement
from bench.compare.verdict import Comparison, Verdict
from bench.declare.declarations import Planned
from bench.declare.nature import Nature
from bench.errors import Exit
from bench.run.plan import PlanStep
from bench.run.snapshot import cell_rows
from bench.store.database import RunRow, Store
from bench.store.rows import REGRESS

CELL = Cell("lenet5", "parameters", Cost(mode="infer", resolution=32))
FOUND = Comparison(
    cell=str(CELL),
    measure="parameters",
    unit="1",
    nature=Nature.COUNT,
    base=431.0,
    head=431.0,
    ratio=1.0,
    verdict="fine",
    note="exact",
    key=CELL.key,
    better="lower",
)
TOLD = Judgement("main (fbea7598c0)", "the working tree", (), GATE_FAILS_ON, ("head is 0123456789",))


def gate(
    path: Path,
    key: str,
    *,
    verdict: Verdict = "fine",
    head: float = 431.0,
    told: Judgement = TOLD,
    number: int = 0,
    git: str = "0123456789ab",
    cut_off: bool = False,
) -> None:
    """Keep a gate in the store at `path`.

    Args:
        path: of the store, which is made.
        key: of the job.
        verdict: on its only cell.
        head: the count of head; that of base is 431.
        told: what was told beside the verdict.
        number: a later gate has a greater one.
        git: the commit that was checked out.
        cut_off: whether it ended before it told anything.
    """
    ids = {role: f"2026010{number + 1}-000000-{key}-{role}" for role in ("base", "twin", "head")}
    host = {"git": git, "python": key, "cpu": "X"}
    with Store.create(path) as store:
        for role, value in (("base", 431.0), ("head", head)):
            made = {"role": role, "runs": ids, **({"key": key} if key else {})}
            started = f"2026-01-0{number + 1}T00:00:0{int(role == 'head')}+00:00"
            run = RunRow(ids[role], started, REGRESS, "", host, f"host {key}", {REGRESS: made})
            store.begin_run(run, (), cell_rows([PlanStep(Planned(CELL, 1.0), ("gate",))]))
            store.add_record(run.id, Record(cell=CELL, replicate=0, status="ok", unit="1", values=(value,)))
        if cut_off:
            return
        found = replace(FOUND, verdict=verdict, head=head, ratio=head / 431.0)
        keep(store, ids["head"], [found])
        keep_judgement(store, ids["head"], told)
        for role in ("base", "head"):
            store.end_run(ids[role], "complete", "2026-01-09T00:00:00+00:00")


def told(ended: Exit = Exit.OK, **fields: object) -> Judgement:
    """What a gate told, with some of it changed."""
    return replace(TOLD, ended=ended, **fields)  # type: ignore[arg-type]

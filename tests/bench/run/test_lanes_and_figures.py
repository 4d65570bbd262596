"""What is learned does not depend on how much else is learned at the same time. Real processes do it."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bench.cell import Cell, Learning
from bench.declare.artifact import Shelf
from bench.declare.catalog import load_catalogs
from bench.declare.declarations import Planned
from bench.execute.executor import Host
from bench.execute.local.executor import LocalExecutor
from bench.run.driver import Desk, Pace, drive
from bench.run.plan import PlanStep
from bench.run.progress import RunProgress
from bench.store.database import CellRow, RunRow, Store

LANES = 4


class Crowded(LocalExecutor):
    """Takes this machine for one with a core a lane, so that all of them run at once."""

    def hosts(self) -> tuple[Host, ...]:
        return tuple(replace(host, threads=LANES) for host in super().hosts())


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    load_catalogs()
    local = Crowded(lanes=LANES)
    yield local
    local.close()


def trained(mode: str, seed: int) -> PlanStep:
    scenario = Learning(
        weights="random",
        target="uci-digits",
        mode=mode,
        augmentation="none",
        resolution=28,
        shots=5,
        steps=8,
        batch=16,
        lr=0.01,
        seed=seed,
    )
    return PlanStep(Planned(Cell("lecture_cnn", "top1", scenario), 1.0), ("trial",))


def figures(folder: Path, executor: LocalExecutor, lanes: int) -> list[tuple[object, ...]]:
    """Status, answers and losses of each training, with a shelf of its own."""
    steps = [trained(mode, seed) for mode in ("scratch", "features+softmax") for seed in range(2)]
    with Store.create(folder / "runs.sqlite") as store:
        rows = [CellRow(s.planned.cell, s.suites, s.planned.sampling, s.planned.replicates) for s in steps]
        store.begin_run(RunRow("r1", "2026-01-01", "default", "evobench run", {}, "here", {}), [], rows)
        progress = RunProgress(Console(file=io.StringIO()), len(steps), 1.0)
        desk = Desk(store, "r1", "here", Shelf(folder / "shelf"), executor, progress)
        drive(desk, steps, Pace(lanes=lanes))
        found = store.records("r1")
        return [(row.status, store.samples("r1", row.cell_key, 0), losses(row.details)) for row in found]


def losses(details: dict[str, Any]) -> list[float]:
    return [point["loss"] for point in details.get("curve", ()) if "loss" in point]


def test_one_lane_and_four_give_the_same_accuracy_to_the_last_bit(tmp_path: Path, executor: LocalExecutor) -> None:
    alone, together = (figures(tmp_path / str(lanes), executor, lanes) for lanes in (1, LANES))
    assert ({"ok"}, alone) == ({status for status, *_ in together}, together)
    assert all(curve for *_, curve in alone[:2])

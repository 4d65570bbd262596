"""Stores of many runs, one a day."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.cell import Cell, Cost, Record
from bench.store.database import CellRow, Declaration, RunRow, Store

LATENCY = Cell("small", "latency", Cost(mode="infer", resolution=32))
OTHER = Cell("other", "latency", Cost(mode="infer", resolution=32))
COUNT = Cell("small", "parameters", Cost(mode="infer", resolution=32))
HOST = {"cpu": "X", "cores": 2, "git": "aaaa", "versions": {"torch": "2.12.0"}, "flags": {"governor": "powersave"}}


@dataclass(frozen=True)
class Day:
    """One run with its figures."""

    figures: dict[Cell, float]
    spreads: dict[Cell, float] = field(default_factory=dict)
    """Of a cell's samples, whose median is its figure, half of what lies between p5 and p95 over the median."""
    host: dict[str, Any] = field(default_factory=lambda: HOST)
    host_key: str = "host-a"
    made_on: str = ""
    """Key of the host that its records name."""
    profile: str = "default"
    code: str = "c0de"
    reused_from: str = ""


def write(path: Path, runs: list[Day]) -> Path:
    measures = [("latency", "s", "lower"), ("parameters", "1", "lower"), ("top1", "1", "higher")]
    with Store.create(path) as store:
        for i, day in enumerate(runs):
            run = RunRow(
                f"run-{i:02d}",
                f"2026-01-{1 + i:02d}T00:00:00+00:00",
                day.profile,
                "evobench run",
                day.host,
                day.host_key,
                {},
            )
            declared = [Declaration("measure", n, {"name": n, "unit": u, "better": b}) for n, u, b in measures]
            store.begin_run(run, declared, [CellRow(cell, ("s",), 1.0, 1) for cell in day.figures])
            for cell, value in day.figures.items():
                record = Record(
                    cell=cell,
                    replicate=0,
                    status="ok",
                    unit="s" if cell.measure == "latency" else "1",
                    values=_samples(value, day.spreads.get(cell)),
                    code=day.code,
                    reused_from=day.reused_from,
                    host=day.made_on,
                )
                store.add_record(run.id, record)
            store.end_run(run.id, "complete", run.started)
    return path


def _samples(value: float, spread: float | None) -> tuple[float, ...]:
    """Of that median and spread: 21, evenly apart; one where no spread is given."""
    if spread is None:
        return (value,)
    return tuple(value * (1 + spread * step / 9) for step in range(-10, 11))


def noise(seed: int, n: int, at: int = 99, factor: float = 1.0) -> list[float]:
    draw = random.Random(seed)
    return [0.02 * math.exp(draw.gauss(0, 0.01)) * (factor if i >= at else 1.0) for i in range(n)]


def restless(at: int, factor: float, n: int = 20, usual: float = 0.02) -> list[Day]:
    """Runs of one cell whose level stays, and whose spread is another from run `at` on."""
    levels, apart = noise(1, n), noise(3, n, at, factor)
    return [Day({LATENCY: levels[i]}, {LATENCY: apart[i] * usual / 0.02}) for i in range(n)]


def days(n: int = 20, at: int = 12, factor: float = 1.08, **after: Any) -> list[Day]:
    """Runs of two cells, of which one is slower from run `at` on; `after` is what changes there, too."""
    slow, steady = noise(1, n, at, factor), noise(2, n)
    runs = [Day({LATENCY: slow[i], OTHER: steady[i]}) for i in range(n)]
    return [replace(day, **after) if i >= at else day for i, day in enumerate(runs)]

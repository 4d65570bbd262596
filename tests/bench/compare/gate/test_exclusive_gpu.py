"""A GPU that takes one process at a time cannot be compared on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bench.compare.gate.in_turn import Demand, compare_in_turn
from bench.compare.judgement import GATE_FAILS_ON
from bench.declare.declarations import Planned
from bench.errors import NotComparable
from bench.gate.base.opening import OpenedSides
from bench.gate.sides import CodeSide
from bench.gate.steps import Servers
from bench.run.plan import PlanStep
from bench.run.runs import Wish
from bench.store.database import Store
from tests.bench.compare.gate.test_in_turn import Describing
from tests.bench.gate.fakes import TIMED, declarations


@dataclass
class OnGpu(Describing):
    """A side on a machine whose only GPU takes one process at a time."""

    def probe(self) -> dict[str, Any]:
        """What it sees."""
        limits = {"name": "A GPU", "memory": 1 << 30, "power_limit": None, "compute_mode": "exclusive"}
        return {"gpus": ["A GPU"], "devices": {"cuda:0": limits}}


def test_a_gpu_for_one_process_at_a_time_is_refused_before_three_are_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [OnGpu(code="old"), OnGpu(code="new"), OnGpu(code="old")]

    @contextmanager
    def fresh(*_: object, **__: object) -> Iterator[Servers]:
        yield Servers(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("bench.compare.gate.in_turn.fresh", fresh)
    cell = replace(TIMED, scenario=replace(TIMED.scenario, device="cuda"))
    base, working = (CodeSide(name, tmp_path, (), tmp_path, tmp_path) for name in ("main", "the working tree"))
    demand = Demand(tmp_path / "s.sqlite", False, 0.03, math.inf, GATE_FAILS_ON)
    with declarations(), pytest.raises(NotComparable, match=r"^cuda takes one process .*nvidia-smi -c 0"):
        steps = [PlanStep(Planned(cell, 1.0), ("suite",))]
        compare_in_turn(demand, Wish(), steps, OpenedSides(base, working, None, False, ()), lambda _: None)
    assert [] == [job for server in given for job in server.jobs]
    with Store.open(tmp_path / "s.sqlite") as store:
        assert () == tuple(store.runs())

"""What is measured once on each side: as many at once as may be, and each side of each cell once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bench.cell import Cell
from bench.execute.executor import Ended, Event
from bench.execute.jobs import Job, Measure
from bench.execute.outcome import Outcome
from bench.gate.at_once import AtOnce
from tests.answering import Answering
from tests.bench.driving import declarations, step

OK = Outcome("ok", values=(1.0,))
OOM = Outcome("oom", "too little")


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("bench.gate.at_once.available_cpus", lambda: 4)
    with declarations():
        yield


class Noting(Answering):
    """Notes what is begun and how much runs then; the first that was begun ends first."""

    def __init__(self, answer: Callable[[str, int], Outcome] = lambda *_: OK) -> None:
        super().__init__()
        self.begun: list[tuple[str, str]] = []
        self.beside: list[int] = []
        self._outcome = answer
        self._at_work: dict[int, Outcome] = {}

    def begin(self, job: Job, host: str) -> int:
        """Note it."""
        assert isinstance(job, Measure)
        handle = next(self._numbers)
        self.begun.append((host, job.cell.measure))
        self.beside.append(len(self._at_work))
        self._at_work[handle] = self._outcome(host, len(self._at_work))
        return handle

    def next_event(self, timeout: float | None) -> Event:
        """The first ends."""
        handle = min(self._at_work)
        return Ended(handle, self._at_work.pop(handle))


def both(
    executor: Noting, *cells: Cell, lanes: int = 4, goes_on: Callable[[], bool] = lambda: True
) -> dict[str, Any]:
    """What became of the cells, by key."""
    at_once = AtOnce(executor, lanes, math.inf, lambda *_: None)
    return {cell.key: outcomes for cell, outcomes in at_once.both(cells, goes_on)}


def cells(number: int, measure: str = "driver_count") -> list[Cell]:
    return [step(measure, resolution=32 + i).planned.cell for i in range(number)]


def test_each_side_of_each_cell_is_measured_once() -> None:
    executor, some = Noting(), cells(5)
    assert {cell.key: (OK, OK) for cell in some} == both(executor, *some)
    assert sorted(["base", "head"] * 5) == sorted(host for host, _ in executor.begun)


@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_as_many_run_at_once_as_there_are_lanes(lanes: int) -> None:
    executor = Noting()
    both(executor, *cells(5), lanes=lanes)
    assert lanes == max(executor.beside) + 1


def test_never_more_threads_run_at_once_than_there_are_cores() -> None:
    executor = Noting()
    wide = [replace(cell, scenario=replace(cell.scenario, threads=2)) for cell in cells(5)]
    both(executor, *wide, lanes=16)
    assert 2 == max(executor.beside) + 1


def test_what_is_on_a_gpu_is_alone() -> None:
    executor = Noting()
    on_gpu = [replace(cell, scenario=replace(cell.scenario, device="cuda")) for cell in cells(3)]
    both(executor, *on_gpu)
    assert 1 == max(executor.beside) + 1


def test_what_two_cells_need_is_made_by_the_first_of_a_side() -> None:
    executor = Noting()
    both(executor, *cells(2, "driver_shared"))
    assert [("base", 0), ("head", 1), ("base", 1), ("head", 1)] == [
        (host, beside) for (host, _), beside in zip(executor.begun, executor.beside, strict=True)
    ]


def test_one_that_finds_too_little_memory_beside_others_gets_all_of_it() -> None:
    executor = Noting(lambda host, beside: OOM if host == "head" and beside else OK)
    (cell,) = cells(1)
    assert {cell.key: (OK, OK)} == both(executor, cell)
    assert [0, 1, 0] == executor.beside


def test_one_that_finds_too_little_memory_alone_is_out_of_memory() -> None:
    executor = Noting(lambda host, _: OOM if host == "head" else OK)
    (cell,) = cells(1)
    assert {cell.key: (OK, OOM)} == both(executor, cell)


def test_where_time_is_over_what_was_begun_is_ended_on_both_sides() -> None:
    executor = Noting()
    some = cells(5)
    found = both(executor, *some, lanes=1, goes_on=lambda: len(executor.begun) < 3)
    assert [cell.key for cell in some[:2]] == list(found)


def test_what_became_of_a_side_is_kept_before_the_other_has_ended() -> None:
    kept: list[str] = []
    at_once = AtOnce(Noting(), 1, math.inf, lambda role, *_: kept.append(role))
    next(iter(at_once.both(cells(2), lambda: True)))
    assert ["base", "head"] == kept

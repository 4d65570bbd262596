"""A job's process has the threads of its cell, in every pool of threads that it finds or loads."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.cell import Cell, Cost
from bench.execute.jobs import Measure
from bench.execute.local.executor import LocalExecutor
from bench.execute.outcome import Outcome
from bench.execute.underway import finish

CATALOG = str(Path(__file__).parents[2] / "catalogs" / "tiny.py")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    local = LocalExecutor([CATALOG])
    yield local
    local.close()


def outcome(executor: LocalExecutor, measure: str, threads: int = 1) -> Outcome:
    cell = Cell("tiny", measure, Cost(mode="infer", resolution=16, threads=threads))
    return finish(executor, Measure(cell, 0.01), 60)


@pytest.mark.parametrize("threads", [1, 2])
def test_every_pool_of_threads_is_freed_of_the_server_s_restriction(executor: LocalExecutor, threads: int) -> None:
    assert {float(threads)} == set(outcome(executor, "pools", threads=threads).values)


def test_one_thread_is_one_thread(executor: LocalExecutor) -> None:
    assert 1 == outcome(executor, "pools").details["started"]


def test_two_threads_are_really_two(executor: LocalExecutor) -> None:
    assert 2 <= outcome(executor, "pools", threads=2).details["started"]


def test_what_is_loaded_later_finds_the_cell_s_threads_too(executor: LocalExecutor) -> None:
    assert "2" == outcome(executor, "pools", threads=2).details["variable"]

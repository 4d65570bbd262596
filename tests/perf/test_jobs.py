"""How long a job takes that does nothing: a process forked from the server, its answer, its end."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.cell import Cell, Cost
from bench.execute.jobs import Given, Measure, Probe
from bench.execute.local.executor import LocalExecutor
from bench.execute.outcome import Outcome
from bench.execute.underway import finish

CATALOG = "tests.perf.stepping"


@pytest.fixture(scope="module")
def warm() -> Iterator[LocalExecutor]:
    """An executor whose server stands."""
    executor = LocalExecutor([CATALOG])
    finish(executor, Probe(), 60.0)
    yield executor
    executor.close()


def test_a_job_that_does_nothing(benchmark: BenchmarkFixture, warm: LocalExecutor, tmp_path: Path) -> None:
    sides = itertools.count(224)

    def job() -> Outcome:
        cell = Cell("resnet18", "nothing", Cost(mode="infer", resolution=next(sides)))
        return finish(warm, Measure(cell, 1.0, Given(tmp_path)), 60.0)

    assert "ok" == benchmark(job).status

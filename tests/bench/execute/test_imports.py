"""What few jobs import is imported by the server, once, before it forks the first of these."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Learning
from bench.execute.jobs import Measure
from bench.execute.local.executor import LocalExecutor
from bench.execute.underway import finish

CATALOG = str(Path(__file__).parents[2] / "catalogs" / "tiny.py")
PLAIN = Measure(Cell("tiny", "pools", Cost(mode="infer", resolution=16, threads=1)), 0.01)
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    local = LocalExecutor([CATALOG])
    yield local
    local.close()


def vector_machine(threads: int) -> Measure:
    """A job that names the library of support vector machines among its imports."""
    scenario = Learning(
        weights="random",
        target="digits",
        mode="features+svm",
        augmentation="none",
        resolution=16,
        shots=None,
        steps=1,
        batch=1,
        lr=0.1,
        threads=threads,
    )
    return Measure(Cell("tiny", "pools", scenario), 0.01)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_pools_of_what_few_jobs_import_have_their_threads_too(executor: LocalExecutor, threads: int) -> None:
    found = finish(executor, vector_machine(threads), 60)
    assert {float(threads)} == set(found.values)
    assert "sklearn.svm" in found.details["loaded"]


def test_what_few_jobs_import_is_there_for_all_that_follow(executor: LocalExecutor) -> None:
    finish(executor, vector_machine(1), 60)
    assert "sklearn.svm" in finish(executor, PLAIN, 60).details["loaded"]


def test_what_few_jobs_import_is_not_there_before() -> None:
    fresh = LocalExecutor([CATALOG])
    try:
        assert "sklearn.svm" not in finish(fresh, PLAIN, 60).details["loaded"]
    finally:
        fresh.close()

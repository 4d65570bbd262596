"""A run that is cut off where nobody expects it, and models that leave a mess."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.cell import Cell, Cost
from bench.execute.jobs import Measure
from bench.execute.local.executor import LocalExecutor
from bench.execute.outcome import Outcome
from bench.execute.underway import finish
from bench.store.database import Store
from tests.processes import PATIENCE

CATALOG = str(Path(__file__).parents[3] / "catalogs" / "tiny.py")
MESSY = str(Path(__file__).parents[3] / "catalogs" / "messy.py")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    local = LocalExecutor([MESSY])
    yield local
    local.close()


def submit(executor: LocalExecutor, architecture: str) -> Outcome:
    cell = Cell(architecture, "born", Cost(mode="infer", resolution=16, threads=1))
    return finish(executor, Measure(cell, 0.01), 60)


def run(store: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evobench", "run", "--store", str(store), *options], capture_output=True, text=True
    )


def test_what_a_model_forks_ends_with_its_job(executor: LocalExecutor) -> None:
    child = int(submit(executor, "leaving_a_child").values[0])
    gone, _ = psutil.wait_procs([psutil.Process(child)] if psutil.pid_exists(child) else [], timeout=PATIENCE)
    assert all(process.pid == child for process in gone)
    assert not psutil.pid_exists(child)


def test_a_process_that_leaves_the_group_of_its_job_ends_with_it(executor: LocalExecutor) -> None:
    assert not psutil.pid_exists(int(submit(executor, "outliving").values[0]))


def test_what_a_fork_of_an_earlier_job_says_is_not_taken_for_a_later_result(executor: LocalExecutor) -> None:
    submit(executor, "escaping")
    assert (2.0,) == submit(executor, "waiting").values


def test_a_server_that_died_between_two_jobs_costs_one_at_most() -> None:
    before = set(psutil.Process().children())
    executor = LocalExecutor([MESSY])
    submit(executor, "waiting")
    (server,) = set(psutil.Process().children()) - before
    server.kill()
    statuses = [submit(executor, "waiting").status for _ in range(2)]
    executor.close()
    assert statuses in (["failed", "ok"], ["ok", "ok"])  # its death may have been noticed before


def test_a_run_that_was_killed_while_its_report_was_written_is_not_measured_again(tmp_path: Path) -> None:
    store = tmp_path / "runs.sqlite"
    options = ["--catalog", CATALOG, "--suite", "trial", "--measure", "nap", "--arch", "tiny", "--threads", "1"]
    run(store, *options)
    with Store.open(store) as kept:
        name = kept.run("latest").id
    (tmp_path / name / "report.html").unlink()
    resumed = run(store, *options, "--resume")
    with Store.open(store) as kept:
        names = [found.id for found in kept.runs()]
    assert (0, [name]) == (resumed.returncode, names), resumed.stderr
    assert (tmp_path / name / "report.html").is_file()


def test_a_run_whose_progress_nobody_reads_any_more_is_interrupted(tmp_path: Path) -> None:
    store = tmp_path / "runs.sqlite"
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "evobench", "run", "--store", str(store)]
    options = ["--catalog", CATALOG, "--suite", "trial", "--threads", "1"]
    code = subprocess.run([*command, *options], stderr=writer).returncode
    os.close(writer)
    with Store.open(store) as kept:
        state = kept.run("latest").state
    assert (130, "interrupted") == (code, state)


def test_what_utf_8_cannot_hold_is_kept_as_escapes(tmp_path: Path) -> None:
    store = tmp_path / "runs.sqlite"
    done = run(store, "--catalog", MESSY, "--suite", "messy", "--threads", "1")
    with Store.open(store) as kept:
        (record,) = kept.records(kept.run("latest").id)
    assert (3, True) == (done.returncode, "\\udcff" in record.reason), done.stderr

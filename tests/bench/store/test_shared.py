"""Several runs that write into one store at once."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from bench.store.database import RunRow, Store
from tests.processes import PATIENCE

RUN = RunRow("one", "2026-01-02T03:04:05Z", "smoke", "evobench run", {}, "host1", {})

WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from bench.cell import Cell, Cost, Record
from bench.store.database import CellRow, RunRow, Store

name, count = sys.argv[2], int(sys.argv[3])
cells = [Cell("a", "m", Cost(mode="infer", resolution=i)) for i in range(1, count + 1)]
print("ready", flush=True)
sys.stdin.readline()
with Store.create(Path(sys.argv[1])) as store:
    store.begin_run(RunRow(name, "t", "smoke", "", {}, "h", {}), [], [CellRow(c, ("s",), 1.0, 1) for c in cells])
    for cell in cells:
        store.add_record(name, Record(cell=cell, replicate=0, status="ok", unit="s", values=(1.0,)))
"""


def test_two_runs_write_at_once_into_a_store_that_neither_found(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    root = Path(__file__).parents[3]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name, "20"],
            cwd=root,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for name in ("one", "two")
    ]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    for writer in writers:  # both have imported everything: now they start together
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert ["", ""] == [writer.communicate(timeout=PATIENCE)[1] for writer in writers]
    with Store.open(path) as store:
        assert [20, 20] == [len(store.records(name)) for name in ("one", "two")]


@pytest.mark.parametrize("attempt", range(10))
def test_runs_that_start_at_the_same_moment_make_one_store(tmp_path: Path, attempt: int) -> None:
    path, together = tmp_path / "store.sqlite", Barrier(6)

    def start(number: int) -> None:
        together.wait()
        with Store.create(path) as store:
            store.begin_run(replace(RUN, id=str(number)), [], [])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(start, range(6)))
    with Store.open(path) as store:
        assert {"0", "1", "2", "3", "4", "5"} == {run.id for run in store.runs()}

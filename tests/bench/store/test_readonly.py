"""Stores in a folder in which nothing can be written: they can be read all the same."""

import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Record
from bench.store.database import CellRow, RunRow, Store

ROOT = Path(__file__).parents[3]
CELL = Cell("lenet5", "parameters", Cost(mode="infer", resolution=32))
OBEYING = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""Before a command: the superuser can write anywhere, unless it gives that up."""
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or bool(OBEYING and not shutil.which("setpriv")), reason="no way to be refused here"
)


def obeying(*command: str) -> subprocess.CompletedProcess[str]:
    """A command that may write where permissions let it, and nowhere else."""
    return subprocess.run([*OBEYING, *command], cwd=ROOT, capture_output=True, text=True)


def evobench(*words: str) -> subprocess.CompletedProcess[str]:
    return obeying(sys.executable, "-m", "evobench", *words)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "evobench.sqlite"
    with Store.create(path) as made:
        made.begin_run(
            RunRow("one", "2026-01-02T03:04:05Z", "smoke", "", {}, "h", {}), [], [CellRow(CELL, ("s",), 1.0, 1)]
        )
        made.add_record("one", Record(cell=CELL, replicate=0, status="ok", unit="1", values=(61706.0,)))
    return path


@pytest.fixture
def locked(store: Path) -> Iterator[Path]:
    """The store, once nothing in its folder can be changed."""
    store.chmod(0o444)
    store.parent.chmod(0o555)
    yield store
    store.parent.chmod(0o755)


def leave_a_log(store: Path) -> None:
    """Write a baseline as one who is killed before the log is folded in, and whose shared file is gone."""
    script = (
        "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('PRAGMA wal_autocheckpoint = 0');"
        "db.execute(\"INSERT INTO baseline VALUES ('in_the_log', 'one', '2026-01-02T03:04:05Z')\");"
        "db.commit(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(store)], check=True)
    store.with_name("evobench.sqlite-shm").unlink()


READ = "import sys; from pathlib import Path; from bench.store.database import Store\n"
READ += "with Store.open(Path(sys.argv[1])) as store: print(store.runs()[0].id, store.records('one')[0].median)"


def test_a_store_is_read_where_nothing_can_be_written(locked: Path) -> None:
    done = obeying(sys.executable, "-c", READ, str(locked))
    assert (0, "one 61706.0\n") == (done.returncode, done.stdout), done.stderr
    assert [locked] == list(locked.parent.iterdir())


def test_a_store_of_an_older_schema_is_to_be_copied_where_it_can_be_brought_up_to_date(
    store: Path, request: pytest.FixtureRequest
) -> None:
    with closing(sqlite3.connect(store)) as db:
        db.execute("DROP TABLE host")
        db.execute("ALTER TABLE cell DROP COLUMN open")
        db.execute("ALTER TABLE cell DROP COLUMN due")
        db.execute("ALTER TABLE cell RENAME COLUMN sampling TO expected")
        db.execute("ALTER TABLE record DROP COLUMN host")
        db.execute("DROP TABLE images")
        db.execute("DROP TABLE baseline")
        db.execute("DROP TABLE verdict")
        db.execute("DROP TABLE picture")
        db.execute("ALTER TABLE run DROP COLUMN content_version")
        db.execute("PRAGMA user_version = 1")
    request.getfixturevalue("locked")
    done = evobench("show", "--store", str(store))
    assert (2, 1) == (done.returncode, done.stderr.count("\n")), done.stderr
    assert "has schema 1 and must be brought up to 8, but cannot be written: open a copy of it" in done.stderr


def test_entries_in_a_log_beside_it_are_read(store: Path, request: pytest.FixtureRequest) -> None:
    leave_a_log(store)
    request.getfixturevalue("locked")
    done = evobench("baseline", "list", "--format", "csv", "--store", str(store))
    assert (0, True) == (done.returncode, "in_the_log" in done.stdout), done.stderr
    assert {"evobench.sqlite", "evobench.sqlite-wal"} == {path.name for path in store.parent.iterdir()}


def test_entries_in_a_log_beside_what_a_link_leads_to_are_read(
    store: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    leave_a_log(store)
    request.getfixturevalue("locked")
    (tmp_path / "link").symlink_to(store)
    read = f"{READ}\nwith Store.open(sys.argv[1]) as store: print(store.baselines.all()[0].name)"
    done = obeying(sys.executable, "-c", read, str(tmp_path / "link"))
    assert (0, True) == (done.returncode, done.stdout.endswith("in_the_log\n")), done.stderr


def test_entries_in_a_log_are_read_where_no_file_may_have_a_byte(store: Path) -> None:
    leave_a_log(store)
    words = shlex.join(
        [sys.executable, "-m", "evobench", "baseline", "list", "--format", "csv", "--store", str(store)]
    )
    done = subprocess.run(["sh", "-c", f"ulimit -f 0; {words}"], cwd=ROOT, capture_output=True, text=True)
    assert (0, True) == (done.returncode, "in_the_log" in done.stdout), done.stderr


def test_a_store_that_a_journal_beside_it_must_mend_is_not_read_unmended(
    store: Path, request: pytest.FixtureRequest
) -> None:
    store.with_name("evobench.sqlite-journal").write_bytes(b"older")
    request.getfixturevalue("locked")
    done = evobench("show", "--store", str(store))
    assert (2, 1) == (done.returncode, done.stderr.count("\n")), done.stderr
    assert "lie in 'evobench.sqlite-journal'" in done.stderr


def test_a_run_is_refused_with_one_line_where_nothing_can_be_written(locked: Path) -> None:
    done = evobench("run", "--suite", "counts", "--arch", "lenet5", "--store", str(locked))
    assert (2, 1) == (done.returncode, done.stderr.count("\n")), done.stderr


def test_the_layers_of_a_network_are_shown_beside_a_store_that_cannot_be_written(locked: Path) -> None:
    done = evobench("show-model", "lenet5", "--format", "csv", "--store", str(locked))
    assert (0, "") == (done.returncode, done.stderr)
    assert [locked] == list(locked.parent.iterdir())

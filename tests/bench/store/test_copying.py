"""A store travels whole: as a copy in one file, and as far as can be where its file is copied alone."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Record
from bench.errors import StoreError, UsageError
from bench.store.copying import copy_store
from bench.store.database import CellRow, RunRow, Store

ROOT = Path(__file__).parents[3]
RUN = RunRow("one", "2026-01-02T03:04:05Z", "smoke", "", {}, "h", {})
CELL = Cell("lenet5", "parameters", Cost(mode="infer", resolution=32))
RECORD = Record(cell=CELL, replicate=0, status="ok", unit="1", values=(61706.0,))


def begin(store: Store) -> None:
    store.begin_run(RUN, [], [CellRow(CELL, ("s",), 1.0, 3)])


def journal_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute("PRAGMA journal_mode").fetchone()[0])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with a run and its record."""
    path = tmp_path / "evobench.sqlite"
    with Store.create(path) as store:
        begin(store)
        store.add_record(RUN.id, RECORD)
    return path


def copy(path: Path, to: Path) -> None:
    with Store.open(path) as store:
        copy_store(store, to)


class TestACopy:
    def test_has_what_lies_in_the_log(self, path: Path, tmp_path: Path) -> None:
        with Store.open(path) as writer:
            writer.connection.db.execute("PRAGMA wal_autocheckpoint = 0")
            writer.add_record(RUN.id, replace(RECORD, replicate=1))
            copy(path, tmp_path / "new" / "copy.sqlite")
        with Store.open(tmp_path / "new" / "copy.sqlite") as store:
            assert [0, 1] == [row.replicate for row in store.records(RUN.id)]

    def test_leaves_out_what_another_process_has_not_committed(self, path: Path, tmp_path: Path) -> None:
        with closing(sqlite3.connect(path)) as writer:
            writer.execute("UPDATE run SET state = 'half'")
            copy(path, tmp_path / "copy.sqlite")
        with Store.open(tmp_path / "copy.sqlite") as store:
            assert "running" == store.run(RUN.id).state

    def test_says_that_no_log_belongs_to_it(self, path: Path, tmp_path: Path) -> None:
        copy(path, tmp_path / "copy.sqlite")
        assert ("wal", "delete") == (journal_of(path), journal_of(tmp_path / "copy.sqlite"))

    def test_takes_the_place_of_an_earlier_one(self, path: Path, tmp_path: Path) -> None:
        copy(path, tmp_path / "copy.sqlite")
        with Store.open(path) as store:
            store.add_record(RUN.id, replace(RECORD, replicate=1))
        copy(path, tmp_path / "copy.sqlite")
        with Store.open(tmp_path / "copy.sqlite") as store:
            assert 2 == len(store.records(RUN.id))

    def test_takes_the_place_of_an_empty_file(self, path: Path, tmp_path: Path) -> None:
        (tmp_path / "copy.sqlite").touch()
        copy(path, tmp_path / "copy.sqlite")
        with Store.open(tmp_path / "copy.sqlite") as store:
            assert 1 == len(store.records(RUN.id))


def _more_records(path: Path) -> None:
    shutil.copy(path.with_name("evobench.sqlite"), path)
    with Store.open(path) as store:
        store.add_record(RUN.id, replace(RECORD, replicate=1))


def _text(path: Path) -> None:
    path.write_text("run,architecture,latency\n" * 100)


def _in_a_file(path: Path) -> None:
    path.parent.write_text("")


class TestACopyIsRefused:
    @pytest.mark.parametrize(
        ("make", "name", "error", "words"),
        [
            (lambda path: None, "evobench.sqlite", UsageError, "is the store itself"),
            (lambda path: None, ".", UsageError, "is a folder: name a file in it"),
            (_more_records, "copy.sqlite", UsageError, "holds what is not in '.*' and would be lost"),
            (_text, "copy.sqlite", StoreError, "file is not a database"),
            (_in_a_file, "file/copy.sqlite", StoreError, "cannot be written: "),
        ],
        ids=["onto itself", "onto a folder", "over other records", "over other files", "where no file can be"],
    )
    def test_and_leaves_what_is_there(
        self,
        path: Path,
        tmp_path: Path,
        make: Callable[[Path], None],
        name: str,
        error: type[Exception],
        words: str,
    ) -> None:
        make(tmp_path / name)
        before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
        with pytest.raises(error, match=words):
            copy(path, tmp_path / name)
        assert before == {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def test_beside_the_log_of_another_store(self, path: Path, tmp_path: Path) -> None:
        (tmp_path / "copy.sqlite-wal").write_bytes(b"entries")
        with pytest.raises(UsageError, match=r"copy\.sqlite-wal' is the log of another store: name another file"):
            copy(path, tmp_path / "copy.sqlite")


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.bench.store.test_copying import RECORD, RUN, begin
from bench.store.database import Store

store = Store.create(Path(sys.argv[1]))
begin(store)
store.add_record(RUN.id, RECORD)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_the_file_of_a_run_that_was_killed_has_its_records_without_the_log(tmp_path: Path) -> None:
    path, alone = tmp_path / "evobench.sqlite", tmp_path / "alone.sqlite"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT)
    assert -signal.SIGKILL == done.returncode
    shutil.copy(path, alone)
    with Store.open(alone) as store:
        assert [("running", 61706.0)] == [(store.run(RUN.id).state, row.median) for row in store.records(RUN.id)]


class TestTheLogOfAStoreThatWasWritten:
    def log(self, path: Path) -> int:
        return path.with_name("evobench.sqlite-wal").stat().st_size

    def test_is_folded_in_though_another_process_has_it_open(self, path: Path) -> None:
        with Store.open(path) as reader, Store.open(path) as store:
            store.add_record(RUN.id, replace(RECORD, replicate=1))
            assert self.log(path)
            store.close()
            assert 0 == self.log(path)
            assert 2 == len(reader.records(RUN.id))

    def test_stays_where_another_process_is_reading(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as reader, Store.open(path) as store:
            reader.execute("BEGIN")
            assert (1,) == reader.execute("SELECT count(*) FROM record").fetchone()
            store.add_record(RUN.id, replace(RECORD, replicate=1))
            store.close()
            assert self.log(path)
            assert (1,) == reader.execute("SELECT count(*) FROM record").fetchone()
        with Store.open(path) as store:
            assert 2 == len(store.records(RUN.id))


class TestACopyWithoutItsLog:
    @pytest.fixture
    def alone(self, tmp_path: Path) -> Path:
        """The file of a store whose tables are in the log alone."""
        with closing(sqlite3.connect(tmp_path / "evobench.sqlite")) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("CREATE TABLE run (id TEXT)")
            (tmp_path / "copy").mkdir()
            shutil.copy(tmp_path / "evobench.sqlite", tmp_path / "copy")
        return tmp_path / "copy" / "evobench.sqlite"

    def test_that_holds_nothing_is_told_as_such(self, alone: Path) -> None:
        before = alone.read_bytes()
        with pytest.raises(StoreError) as caught:
            Store.open(alone)
        assert (
            f"'{alone}' holds nothing: it was copied without its log, 'evobench.sqlite-wal'; copy both files, or"
            " use evobench export --sqlite"
        ) == str(caught.value)
        assert (before, [alone]) == (alone.read_bytes(), list(alone.parent.iterdir()))

    def test_is_not_said_of_a_database_that_has_none(self, tmp_path: Path) -> None:
        path = tmp_path / "empty.sqlite"
        with closing(sqlite3.connect(path)) as db:
            db.execute("VACUUM")
        with pytest.raises(StoreError, match="is empty: no evobench store"):
            Store.open(path)

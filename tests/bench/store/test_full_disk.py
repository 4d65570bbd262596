"""No space left: one line, what was kept stays, and a store can be read all the same."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Record
from bench.errors import StoreError
from bench.store.database import CellRow, RunRow, Store
from bench.store.merging import import_store
from bench.store.past import named_beside
from tests.bench.small_disk import SmallDisk

RUN = RunRow("20260102-030405-aaaa", "2026-01-02T03:04:05Z", "smoke", "evobench run", {}, "x", {})
CELL = Cell("resnet18", "latency", Cost(mode="infer", resolution=224))


def begin(path: Path) -> None:
    with Store.create(path) as store:
        store.begin_run(RUN, [], [CellRow(CELL, ("s",), 1.0, 100)])


def record(replicate: int, samples: int = 1000) -> Record:
    return Record(cell=CELL, replicate=replicate, status="ok", unit="s", values=tuple(map(float, range(samples))))


def measure_until_full(path: Path) -> int:
    """Add records until there is no room; how many there was room for."""
    with Store.open(path) as store:
        for replicate in range(100):
            try:
                store.add_record(RUN.id, record(replicate))
            except StoreError as error:
                assert f"no space is left on the disk of store '{path}', which keeps" in str(error)
                return replicate
    raise AssertionError("there was room for all")


def kept(path: Path) -> int:
    with Store.open(path) as store:
        return len(store.records(RUN.id))


def test_a_record_for_which_there_is_no_room_is_one_line_and_the_others_stay(tmp_path: Path) -> None:
    begin(tmp_path / "runs.sqlite")
    with Store.open(tmp_path / "runs.sqlite") as store:
        store.add_record(RUN.id, record(0))
        pages = store.connection.rows("PRAGMA page_count")[0][0]
        store.connection.db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(
            StoreError, match=r"^no space is left on the disk of store '.*', which keeps what it has"
        ):
            store.add_record(RUN.id, record(1))
        store.connection.db.execute("PRAGMA max_page_count = 100000")
        store.add_record(RUN.id, record(1))
        assert [0, 1] == [row.replicate for row in store.records(RUN.id)]


class TestOnAFullDisk:
    @pytest.fixture
    def full(self, small_disk: SmallDisk) -> tuple[Path, int]:
        """A store, and how many records there was room for."""
        path = small_disk.folder / "runs.sqlite"
        begin(path)
        small_disk.fill(spare=100_000)
        number = measure_until_full(path)
        small_disk.fill()
        return path, number

    def test_every_record_that_was_kept_can_be_read(self, full: tuple[Path, int]) -> None:
        path, number = full
        assert (True, number) == (number > 0, kept(path))

    def test_it_can_be_read_without_the_file_that_readers_share(
        self, full: tuple[Path, int], small_disk: SmallDisk
    ) -> None:
        path, number = full
        path.with_name("runs.sqlite-shm").unlink(missing_ok=True)
        small_disk.fill()
        assert (True, number) == (path.with_name("runs.sqlite-wal").exists(), kept(path))

    def test_what_its_runs_name_can_be_read(self, full: tuple[Path, int]) -> None:
        assert named_beside(full[0]).unfinished

    def test_measuring_goes_on_when_some_is_free(self, full: tuple[Path, int], small_disk: SmallDisk) -> None:
        path, number = full
        small_disk.free()
        with Store.open(path) as store:
            store.add_record(RUN.id, record(number))
        assert number + 1 == kept(path)

    def test_an_import_brings_nothing_and_says_so(self, full: tuple[Path, int], tmp_path: Path) -> None:
        other = tmp_path / "other.sqlite"
        with Store.create(other) as store:
            store.begin_run(
                RunRow(**{**vars(RUN), "id": "20260102-030405-bbbb"}), [], [CellRow(CELL, ("s",), 1.0, 1)]
            )
            store.add_record("20260102-030405-bbbb", record(0, 100_000))
        with (
            Store.open(full[0]) as store,
            pytest.raises(StoreError, match=r"^no space is left on the disk of store"),
        ):
            import_store(store, other)
        with Store.open(full[0]) as store:
            assert [RUN.id] == [run.id for run in store.runs()]


def test_an_import_without_room_for_its_copy_says_where_that_is(small_disk: SmallDisk, tmp_path: Path) -> None:
    other, into = tmp_path / "other.sqlite", tmp_path / "into.sqlite"
    begin(other)
    with Store.open(other) as store:
        for replicate in range(40):
            store.add_record(RUN.id, record(replicate, 10_000))
    small_disk.fill()
    command = [sys.executable, "-m", "evobench", "import", str(other), "--store", str(into)]
    where = {**os.environ, "SQLITE_TMPDIR": str(small_disk.folder)}  # which SQLite reads when it is loaded
    done = subprocess.run(command, capture_output=True, text=True, env=where)
    words = f"evobench: no space is left for a copy of store '{other}' among temporary files: "
    assert (2, True, 1) == (done.returncode, done.stderr.startswith(words), done.stderr.count("\n"))
    assert not into.exists()


def test_an_error_of_the_disk_that_is_not_full_is_told_as_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(sqlite3.OperationalError):
        sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC

    begin(tmp_path / "runs.sqlite")
    with (
        Store.open(tmp_path / "runs.sqlite") as store,
        pytest.raises(StoreError, match=r"cannot be written: disk I/O error$"),
        store.connection.transaction(),
    ):
        raise Failing("disk I/O error")

"""Stores whose pages were written by hand, or whose tables have no end: reading them ends, with one line."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import Cell, Cost
from bench.errors import StoreError
from bench.store.checked import trees
from bench.store.database import CellRow, Declaration, RunRow, Store
from bench.store.merging import import_store
from tests.fuzz.pages import chain_pages, name_in_journal, repeat_pages, repeat_rows, repeat_schema

RUN = RunRow("2026-a1", "2026-01-02T03:04:05Z", "smoke", "x" * 9000, {"cpu": "X"}, "host1", {})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with two runs, whose commands do not fit into a page."""
    with Store.create(tmp_path / "store.sqlite") as store:
        store.begin_run(RUN, [], [])
        store.begin_run(replace(RUN, id="2026-a2"), [], [])
        return store.path


@pytest.mark.parametrize("name", ["run", "record", "cell", "sqlite_autoindex_run_1"])
def test_a_store_that_refers_to_a_page_twice_is_refused(path: Path, name: str) -> None:
    repeat_pages(path, name)
    with pytest.raises(StoreError, match=r"^store '.*' is damaged: .*[Pp]age \d+"):
        Store.open(path)


@pytest.mark.parametrize("door", [Store.open, Store.create])
def test_a_store_that_refers_to_a_long_value_twice_is_refused(path: Path, door: Callable[[Path], Store]) -> None:
    repeat_rows(path, "run")
    with pytest.raises(StoreError, match=r"^store '.*' is damaged: .*[Pp]age \d+"):
        door(path)


def test_a_store_that_refers_to_a_page_twice_is_not_imported(path: Path, tmp_path: Path) -> None:
    repeat_pages(path, "record")
    with Store.create(tmp_path / "own.sqlite") as own:
        with pytest.raises(StoreError, match=r"^store '.*' is damaged: .*[Pp]age \d+"):
            import_store(own, path)
        assert () == own.runs()


def test_a_schema_without_end_is_refused(path: Path) -> None:
    repeat_schema(path)
    with pytest.raises(StoreError, match=r" is damaged: its schema does not end$"):
        Store.open(path)


def test_a_tree_of_many_levels_does_not_end_the_process(path: Path) -> None:
    chain_pages(path, "baseline", 40_000)
    read = "import sys; from bench.store.database import Store; Store.open(sys.argv[1]).baselines.all()"
    ended = subprocess.run([sys.executable, "-c", read, path], capture_output=True, text=True, check=False)
    assert "StoreError" in ended.stderr.splitlines()[-1]


def test_a_journal_that_names_another_file_is_refused_and_the_file_stays(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "thesis.tex"
    other.write_text("all of it")
    name_in_journal(path, other)
    with pytest.raises(StoreError, match=r" is damaged: its journal names another file, which would be removed$"):
        Store.open(path)
    assert "all of it" == other.read_text()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
@pytest.mark.parametrize("ending", ["wal", "journal", "shm"])
def test_a_pipe_beside_a_store_is_refused_and_not_waited_for(path: Path, ending: str) -> None:
    beside = path.with_name(f"{path.name}-{ending}")
    beside.unlink(missing_ok=True)
    os.mkfifo(beside)
    with pytest.raises(StoreError, match=rf"'{beside.name}' beside it is not a regular file$"):
        Store.open(path)


def test_a_query_that_takes_more_steps_than_a_store_of_its_size_is_ended(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "_STEPS", trees._SLICE)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with Store.open(path) as store:
        with pytest.raises(StoreError, match=r" is damaged: a query takes more steps than "):
            store.connection.rows(endless)
        assert ["2026-a1", "2026-a2"] == [run.id for run in store.runs()]


def test_a_query_with_more_rows_than_a_store_of_its_size_is_ended(path: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    with Store.open(path) as store, pytest.raises(StoreError, match=r" is damaged: a query has more rows than "):
        store.connection.rows(endless)


def test_what_is_written_has_no_limit_of_steps(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "_STEPS", 0)
    monkeypatch.setattr(trees, "_STEPS_A_BYTE", 0)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000) SELECT i FROM n"
    with Store.open(path) as store, store.connection.transaction() as db:
        db.execute(f"INSERT INTO baseline SELECT i, '2026-a1', '' FROM ({numbers})")
    with closing(sqlite3.connect(path)) as db:
        assert (50_000,) == db.execute("SELECT count(*) FROM baseline").fetchone()


def test_a_wrong_row_that_nobody_reads_refuses_no_store(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET sql = replace(sql, 'seconds REAL NOT NULL', 'seconds REAL')")
        db.execute("UPDATE sqlite_master SET sql = replace(sql, ') STRICT', ')')")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO artifact VALUES ('2026-a1', 'k', '', 'made', '', NULL, '{}')")
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET sql = replace(sql, 'seconds REAL', 'seconds REAL NOT NULL')")
    with Store.open(path) as store:
        assert ["2026-a1", "2026-a2"] == [run.id for run in store.runs()]


@pytest.mark.parametrize(
    ("table", "column"), [("run", "host_key"), ("cell", "content"), ("declaration", "content")]
)
def test_a_long_text_that_is_told_with_each_record_is_refused(path: Path, table: str, column: str) -> None:
    with Store.open(path) as store:
        cell = Cell("resnet18", "latency", Cost(mode="infer", resolution=224))
        store.begin_run(
            replace(RUN, id="b"), [Declaration("measure", "latency", {"unit": "s"})], [CellRow(cell, ("zoo",))]
        )
        with store.connection.transaction() as db:
            db.execute(f"UPDATE {table} SET {column} = {column} || hex(zeroblob(10001))")
        for query in (store.past.modules, store.shown.courses):
            with pytest.raises(StoreError, match=f"table {table}, column {column}, row .* at most 20000"):
                query()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("CREATE INDEX i ON run(hex(zeroblob(99)))", "it computes its index 'i'"),
        ("ALTER TABLE run ADD COLUMN more TEXT DEFAULT (hex(1))", "table run computes its column 'more'"),
        ("ALTER TABLE run ADD COLUMN more TEXT CHECK (hex(zeroblob(99)))", "table run computes a check"),
    ],
)
def test_a_store_that_computes_what_is_written_is_refused(path: Path, change: str, why: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("DELETE FROM run")  # for SQLite adds such a column to an empty table only
        db.execute(change)
        db.commit()
    with pytest.raises(StoreError, match=f"is damaged: {why}"):
        Store.create(path)

"""Stores that other hands have changed: one line says that they are damaged."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.errors import StoreError
from bench.store.database import RunRow, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with a run."""
    with Store.create(tmp_path / "store.sqlite") as store:
        run = RunRow("2026-a1", "2026-01-02T03:04:05Z", "smoke", "evobench run", {"cpu": "X"}, "host1", {})
        store.begin_run(run, [], [])
        yield store


def test_a_store_with_damaged_content_says_so(store: Store) -> None:
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute("UPDATE run SET host = substr(host, 2)")
    with pytest.raises(StoreError, match=r"table run, column host, row 2026-a1: .* is not JSON"):
        store.runs()


def test_a_host_that_is_no_object_is_damage(store: Store) -> None:
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute("UPDATE run SET host = '[1]'")
    with pytest.raises(StoreError, match=r"table run, column host, row 2026-a1: \[1\] is not an object"):
        store.runs()


def test_a_baseline_whose_run_is_gone_is_damage(store: Store) -> None:
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute("INSERT INTO baseline (name, run, saved) VALUES ('good', 'gone', '')")
    with pytest.raises(StoreError, match="baseline 'good' is of a run that is gone"):
        store.baselines.all()


def test_a_schema_below_the_first_is_damage(store: Store) -> None:
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute("PRAGMA user_version = -1")
    with pytest.raises(StoreError, match="no schema has the number -1"):
        Store.open(store.path)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            "ALTER TABLE baseline RENAME TO b; CREATE VIEW baseline AS WITH RECURSIVE n(i) AS"
            " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT '' AS name, '' AS run, '' AS saved FROM n",
            "it holds the view 'baseline'",
        ),
        ("CREATE TRIGGER t AFTER UPDATE ON run BEGIN DELETE FROM record; END", "it holds the trigger 't'"),
        ("CREATE VIRTUAL TABLE words USING fts5(t)", "it holds the table 'words', and a store holds tables alone"),
        ("ALTER TABLE run RENAME COLUMN state TO other", "table run has no column state"),
        ("DROP TABLE images", "table images has no column run"),
        (
            "ALTER TABLE cell ADD COLUMN more TEXT AS (zeroblob(9))",
            "table cell computes its column 'more'",
        ),
    ],
)
def test_a_store_whose_tables_are_not_those_of_a_store_is_not_read(store: Store, change: str, why: str) -> None:
    with closing(sqlite3.connect(store.path)) as db:
        db.executescript(change)
    with pytest.raises(StoreError, match=f"is damaged: {why}"):
        Store.open(store.path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipe can have a name here")
def test_what_is_not_a_regular_file_is_not_taken_for_a_store(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(StoreError, match=f"^'{path}' is not a regular file"):
            Store.create(path)


def test_a_link_that_leads_to_itself_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "s.sqlite").symlink_to("s.sqlite")
    with pytest.raises(StoreError, match=r"cannot be opened: unable to open database file$"):
        Store.create(tmp_path / "s.sqlite")

"""Stores brought together: every run whole, once and under its id, or nothing."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Picture, Record
from bench.errors import StoreError, UsageError
from bench.store.database import SCHEMA_VERSION, ArtifactRow, Baseline, CellRow, Declaration, RunRow, Store
from bench.store.merging import Imported, import_store

ROOT = Path(__file__).parents[3]
RUN = RunRow(
    "20260102-030405-aaaa", "2026-01-02T03:04:05Z", "smoke", "evobench run", {"cpu": "X"}, "x", {"threads": 2}
)
CELL = Cell("resnet18", "latency", Cost(mode="infer", resolution=224))
PICTURE = Picture("filters", "Filters", "Sixteen of them.", b"\x89PNG\r\n\x1a\nrest")
RECORD = Record(
    cell=CELL,
    replicate=0,
    status="ok",
    unit="s",
    values=(0.3, 0.1, 0.2),
    warmup=(0.9,),
    code="c0de",
    pictures=(PICTURE,),
    images=("a", "b", "c"),
)
VERDICT = {"verdict": "reproduced", "found": 28938}
NOTHING = Imported((), (), (), (), (), ())


def begin(path: Path, run: RunRow = RUN) -> None:
    """Write a run that has no record yet."""
    with Store.create(path) as store:
        store.begin_run(run, [Declaration("suite", "evolution", {"title": "E"})], [CellRow(CELL, ("s",), 1.5, 2)])


def measure(path: Path, run: RunRow = RUN, *, replicate: int = 0, state: str = "complete") -> None:
    """Go on with a run by one record, and end it."""
    with Store.open(path) as store:
        store.add_record(run.id, replace(RECORD, replicate=replicate))
        store.add_artifact(run.id, ArtifactRow("k", "weights", "made", "", 1.0, {}))
        store.add_verdict(run.id, f"claim {replicate}", VERDICT)
        store.end_run(run.id, state, f"2026-01-02T04:00:0{replicate}Z")


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of every table."""
    with closing(sqlite3.connect(path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(db.execute(f"SELECT * FROM {name}")) for name in tables}


def bring(into: Path, other: Path) -> Imported:
    with Store.create(into) as store:
        return import_store(store, other)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The store of another machine, with a run that ended and has a name."""
    path = tmp_path / "other" / "evobench.sqlite"
    begin(path)
    measure(path)
    with Store.open(path) as store:
        store.baselines.save(Baseline("main", RUN.id, "2026-01-03T00:00:00+00:00"))
    return path


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """A store with a run of its own."""
    path = tmp_path / "own.sqlite"
    begin(path, replace(RUN, id="20260101-000000-0001", started="2026-01-01T00:00:00Z", host_key="y"))
    return path


def test_all_that_a_store_has_of_its_runs_comes_along(tmp_path: Path, other: Path) -> None:
    found = bring(tmp_path / "new.sqlite", other)
    assert replace(NOTHING, added=(RUN.id,), baselines=("main",)) == found
    assert content(other) == content(tmp_path / "new.sqlite")


def test_the_runs_that_were_there_stay(into: Path, other: Path) -> None:
    before = content(into)
    bring(into, other)
    after = content(into)
    assert {} == {table: rows for table, rows in before.items() if not set(rows) <= set(after[table])}
    assert ["20260101-000000-0001", RUN.id] == [row[0] for row in after["run"]]


def runs_of(days: str) -> list[RunRow]:
    """A run for each digit, on that day of a month."""
    return [replace(RUN, id=f"2026010{day}-030405-aaaa", started=f"2026-01-0{day}T03:04:05Z") for day in days]


@pytest.mark.parametrize(
    ("here", "there", "together"),
    [("24", "135", "12345"), ("5", "123", "1235"), ("1", "23", "123"), ("31", "2", "231"), ("2", "31", "231")],
    ids=["among", "before", "behind", "this clock was set back", "that clock was set back"],
)
def test_runs_keep_the_order_of_their_store_and_are_put_among_others_by_their_start(
    tmp_path: Path, here: str, there: str, together: str
) -> None:
    for path, days in (("into", here), ("other", there)):
        for run in runs_of(days):
            begin(tmp_path / path, run)
    bring(tmp_path / "into", tmp_path / "other")
    with Store.open(tmp_path / "into") as store:
        assert together == "".join(run.id[7] for run in store.runs())
        store.begin_run(replace(RUN, id="20250101-030405-aaaa", started="2025-01-01T03:04:05Z"), [], [])
        assert "20250101-030405-aaaa" == store.run("latest").id


def test_a_run_that_is_imported_twice_is_there_once(into: Path, other: Path) -> None:
    bring(into, other)
    before = content(into)
    assert replace(NOTHING, known=(RUN.id,)) == bring(into, other)
    assert before == content(into)


def test_a_store_is_not_changed_by_being_imported(into: Path, other: Path) -> None:
    before = other.read_bytes()
    bring(into, other)
    assert (before, [other]) == (other.read_bytes(), list(other.parent.iterdir()))


def test_records_that_still_lie_in_the_log_come_along(tmp_path: Path, other: Path) -> None:
    with Store.open(other) as store:
        store.connection.db.execute("PRAGMA wal_autocheckpoint = 0")
        store.add_record(RUN.id, replace(RECORD, replicate=1))
        bring(tmp_path / "new.sqlite", other)
    assert content(other) == content(tmp_path / "new.sqlite")


class TestARunThatWentOn:
    def test_is_completed_by_the_later_copy(self, tmp_path: Path, into: Path) -> None:
        other = tmp_path / "other.sqlite"
        begin(other)
        measure(other, state="interrupted")
        bring(into, other)
        measure(other, replicate=1)
        assert replace(NOTHING, grown=(RUN.id,)) == bring(into, other)
        with Store.open(into) as store, Store.open(other) as whole:
            assert whole.run(RUN.id) == store.run(RUN.id)
            assert whole.records(RUN.id) == store.records(RUN.id)
            assert whole.verdicts(RUN.id) == store.verdicts(RUN.id)

    def test_that_only_ended_since_has_its_end(self, tmp_path: Path, into: Path) -> None:
        other = tmp_path / "other.sqlite"
        begin(other)
        bring(into, other)
        with Store.open(other) as store:
            store.end_run(RUN.id, "complete", "2026-01-02T05:00:00Z")
        assert (RUN.id,) == bring(into, other).grown
        with Store.open(into) as store:
            assert "complete" == store.run(RUN.id).state

    def test_is_left_alone_by_an_earlier_copy(self, tmp_path: Path, into: Path, other: Path) -> None:
        early = tmp_path / "early.sqlite"
        shutil.copy(other, early)
        measure(other, replicate=1)
        bring(into, other)
        before = content(into)
        assert (RUN.id,) == bring(into, early).known
        assert before == content(into)

    def test_on_a_further_host_has_that_host_and_its_records(self, tmp_path: Path, into: Path) -> None:
        other = tmp_path / "other.sqlite"
        begin(other)
        measure(other)
        bring(into, other)
        with Store.open(other) as store:
            store.add_host(RUN.id, "y", {"cpu": "Y"})
            store.add_record(RUN.id, replace(RECORD, replicate=1, host="y"))
        assert (RUN.id,) == bring(into, other).grown
        with Store.open(into) as store:
            assert {"x": {"cpu": "X"}, "y": {"cpu": "Y"}} == store.run(RUN.id).hosts
            assert ["x", "y"] == [row.host for row in store.records(RUN.id)]

    def test_and_has_not_ended_is_told(self, tmp_path: Path, into: Path) -> None:
        begin(tmp_path / "other.sqlite")
        found = bring(into, tmp_path / "other.sqlite")
        assert ((RUN.id,), (RUN.id,)) == (found.added, found.unfinished)


class TestWhatCannotBeImported:
    def refused(self, into: Path, other: Path, error: type[Exception], words: str) -> None:
        before = content(into)
        with pytest.raises(error, match=words):
            bring(into, other)
        assert before == content(into)

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE run SET host_key = 'z'",
            "UPDATE cell SET sampling = 2.5",
            "UPDATE record SET samples = zeroblob(8)",
            "UPDATE verdict SET content = '{}'",
            "UPDATE images SET paths = x'00'",
            "UPDATE record SET host = 'z'",
        ],
    )
    def test_is_a_run_whose_id_stands_for_another(self, into: Path, other: Path, change: str) -> None:
        bring(into, other)
        with closing(sqlite3.connect(other)) as db, db:
            db.execute(change)
        self.refused(into, other, StoreError, f"^run {RUN.id} of '.*' is not the run of that id in '.*own.sqlite'")

    def test_is_a_clash_after_a_run_that_would_be_new(self, into: Path, other: Path) -> None:
        with Store.open(other) as store:
            store.begin_run(replace(RUN, id="20260101-000000-0001"), [], [])
        self.refused(into, other, StoreError, "^run 20260101-000000-0001 of ")

    def test_is_a_newer_schema(self, into: Path, other: Path) -> None:
        with closing(sqlite3.connect(other)) as db:
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        self.refused(into, other, StoreError, "was written by a newer evobench")

    def test_is_the_store_itself(self, into: Path) -> None:
        self.refused(into, into, UsageError, "is the store that is imported into")

    def test_is_a_file_that_is_not_there(self, into: Path, tmp_path: Path) -> None:
        self.refused(into, tmp_path / "gone.sqlite", StoreError, "^there is no store '.*gone.sqlite'$")

    def test_is_another_database(self, into: Path, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "mine.sqlite")) as db:
            db.execute("CREATE TABLE t (a)")
        self.refused(into, tmp_path / "mine.sqlite", StoreError, "is a database, but no evobench store")


def test_a_store_of_an_older_schema_is_read_and_stays_what_it_is(tmp_path: Path, other: Path) -> None:
    with closing(sqlite3.connect(other)) as db:
        db.execute("DROP TABLE host")
        db.execute("ALTER TABLE cell DROP COLUMN open")
        db.execute("ALTER TABLE cell DROP COLUMN due")
        db.execute("ALTER TABLE cell RENAME COLUMN sampling TO expected")
        db.execute("ALTER TABLE record DROP COLUMN host")
        db.execute("DROP TABLE images")
        db.execute("DROP TABLE baseline")
        db.execute("ALTER TABLE run DROP COLUMN content_version")
        db.execute("PRAGMA user_version = 3")
    before = other.read_bytes()
    assert (RUN.id,) == bring(tmp_path / "new.sqlite", other).added
    assert before == other.read_bytes()
    with Store.open(tmp_path / "new.sqlite") as store:
        assert RECORD.values == store.samples(RUN.id, CELL.key, 0)


def test_a_store_whose_columns_stand_in_another_order_has_the_same_runs(into: Path, other: Path) -> None:
    bring(into, other)
    with closing(sqlite3.connect(other)) as db, db:
        db.execute("CREATE TABLE swapped (content TEXT, claim TEXT, run TEXT, PRIMARY KEY (run, claim))")
        db.execute("INSERT INTO swapped SELECT content, claim, run FROM verdict")
        db.execute("DROP TABLE verdict")
        db.execute("ALTER TABLE swapped RENAME TO verdict")
    assert replace(NOTHING, known=(RUN.id,)) == bring(into, other)


def test_a_name_that_is_taken_stays_with_its_run_and_is_told(into: Path, other: Path) -> None:
    mine = Baseline("main", "20260101-000000-0001", "2026-01-02T00:00:00+00:00")
    with Store.open(into) as store:
        store.baselines.save(mine)
    found = bring(into, other)
    assert ((), [("main", RUN.id)]) == (found.baselines, [(item.name, item.run) for item in found.taken])
    with Store.open(into) as store:
        assert (mine,) == store.baselines.all()


KILLED = """
import os, signal, sys
from pathlib import Path
from bench.store import merging
from bench.store.database import Store

merging._baselines = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with Store.open(Path(sys.argv[1])) as store:
    merging.import_store(store, Path(sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_an_import_that_is_killed_leaves_the_store_as_it_was(into: Path, other: Path) -> None:
    before = content(into)
    done = subprocess.run([sys.executable, "-c", KILLED, str(into), str(other)], cwd=ROOT)
    assert (-signal.SIGKILL, before) == (done.returncode, content(into))

"""Stores of other schemas: older ones are brought up to date, newer ones are left alone."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from bench.cell import Cell, Cost, Picture, Record
from bench.cli.main import main
from bench.errors import StoreError
from bench.store import schema
from bench.store.database import SCHEMA_VERSION, Baseline, CellRow, Declaration, RunRow, Store
from tests.bench.store.listing import images

RUN = RunRow("2026-a1", "2026-01-02T03:04:05Z", "smoke", "evobench run", {"cpu": "X"}, "host1", {"threads": 2})
CELL = Cell("resnet18", "latency", Cost(mode="infer", resolution=224))
RECORD = Record(cell=CELL, replicate=0, status="ok", unit="s", values=(0.3, 0.1, 0.2), warmup=(0.9,), code="c0de")
PICTURE = Picture("filters", "Filters", "Sixteen of them.", b"\x89PNG\r\n\x1a\nrest")
VERDICT = {"verdict": "reproduced", "found": 28938}
DOORS = pytest.mark.parametrize("door", [Store.open, Store.create], ids=["open", "create"])
JOURNALS = pytest.mark.parametrize("journal", ["wal", "delete"])
EIGHTH = (
    "ALTER TABLE cell DROP COLUMN open",
    "ALTER TABLE cell DROP COLUMN due",
    "ALTER TABLE cell RENAME COLUMN sampling TO expected",
)
"""Leads from the eighth schema to the seventh."""
SEVENTH = (*EIGHTH, "DROP TABLE host", "ALTER TABLE record DROP COLUMN host")
"""Leads on to the sixth."""
LATER = (*SEVENTH, "DROP TABLE images", "ALTER TABLE run DROP COLUMN content_version")
"""Leads on to the fifth, and to the fourth."""
Door = Callable[[Path], Store]


def alter(path: Path, *statements: str) -> None:
    """Change the file behind the store's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def schema_of(path: Path) -> tuple[int, list[str]]:
    """Version and statements of the schema; which types SQLite keeps out is left out."""
    with closing(sqlite3.connect(path)) as db:
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        statements = db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return version, sorted(sql.removesuffix(" STRICT") for (sql,) in statements)


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A store as the first schema left it, which knew no verdicts, with a run and its record."""
    path = tmp_path / "store.sqlite"
    with Store.create(path) as store:
        store.begin_run(RUN, [Declaration("suite", "evolution", {"title": "E"})], [CellRow(CELL, ("s",), 1.5, 1)])
        store.add_record(RUN.id, RECORD)
        store.end_run(RUN.id, "complete", "2026-01-02T04:00:00Z")
    alter(path, *LATER, "DROP TABLE baseline", "DROP TABLE picture", "DROP TABLE verdict")
    alter(path, "PRAGMA user_version = 1")
    return path


@pytest.fixture
def second(first: Path) -> Path:
    """The same as the second schema left it, which knew no pictures, with a verdict."""
    with Store.open(first) as store:
        store.add_verdict(RUN.id, "lecture-cnn-parameters", VERDICT)
    alter(first, *LATER, "DROP TABLE baseline", "DROP TABLE picture", "PRAGMA user_version = 2")
    return first


@pytest.fixture
def third(second: Path) -> Path:
    """The same as the third schema left it, which knew no baselines, with a picture."""
    with Store.open(second) as store:
        store.add_record(RUN.id, replace(RECORD, replicate=1, pictures=(PICTURE,)))
    alter(second, *LATER, "DROP TABLE baseline", "PRAGMA user_version = 3")
    return second


@pytest.fixture
def fifth(tmp_path: Path) -> Path:
    """A store as the fifth schema left it, which knew no lists of images."""
    path = tmp_path / "store.sqlite"
    with Store.create(path) as store:
        store.begin_run(RUN, [], [CellRow(CELL, ("s",), 1.5, 2)])
        store.add_record(RUN.id, RECORD)
    alter(path, *SEVENTH, "DROP TABLE images", "PRAGMA user_version = 5")
    return path


@pytest.fixture
def sixth(tmp_path: Path) -> Path:
    """A store as the sixth schema left it, in which a run had one host."""
    path = tmp_path / "store.sqlite"
    with Store.create(path) as store:
        store.begin_run(RUN, [], [CellRow(CELL, ("s",), 1.5, 2)])
        store.add_record(RUN.id, RECORD)
    alter(path, *SEVENTH, "PRAGMA user_version = 6")
    return path


@DOORS
def test_a_store_of_the_first_schema_keeps_its_runs_with_their_records(first: Path, door: Door) -> None:
    with door(first) as store:
        assert [(RUN.id, "complete")] == [(run.id, run.state) for run in store.runs()]
        assert [("E",)] == [tuple(d.content.values()) for d in store.declarations(RUN.id, "suite")]
        assert [(CELL.key, "ok", 0.2)] == [(row.cell_key, row.status, row.median) for row in store.records(RUN.id)]
        assert RECORD.values == store.samples(RUN.id, CELL.key, 0)


def test_a_store_of_the_first_schema_has_no_verdicts_and_takes_some(first: Path) -> None:
    with Store.open(first) as store:
        assert {} == store.verdicts(RUN.id)
        store.add_verdict(RUN.id, "lecture-cnn-parameters", VERDICT)
    with Store.open(first) as again:
        assert {"lecture-cnn-parameters": VERDICT} == again.verdicts(RUN.id)


def test_a_verdict_belongs_to_a_run_of_the_migrated_store(first: Path) -> None:
    with Store.open(first) as store, pytest.raises(StoreError, match="FOREIGN KEY constraint failed"):
        store.add_verdict("another", "lecture-cnn-parameters", VERDICT)


def test_a_migrated_store_has_the_schema_of_a_new_one(tmp_path: Path, first: Path) -> None:
    Store.create(tmp_path / "new.sqlite").close()
    Store.open(first).close()
    assert schema_of(tmp_path / "new.sqlite") == schema_of(first)
    assert SCHEMA_VERSION == schema_of(first)[0]


@DOORS
def test_a_store_of_the_second_schema_keeps_records_and_verdicts(second: Path, door: Door) -> None:
    with door(second) as store:
        assert [(CELL.key, "ok", 0.2)] == [(row.cell_key, row.status, row.median) for row in store.records(RUN.id)]
        assert {"lecture-cnn-parameters": VERDICT} == store.verdicts(RUN.id)


def test_a_store_of_the_second_schema_has_no_pictures_and_takes_some(second: Path) -> None:
    with Store.open(second) as store:
        assert () == store.shown.pictures(RUN.id)
        store.add_record(RUN.id, replace(RECORD, replicate=1, pictures=(PICTURE,)))
    with Store.open(second) as again:
        assert [PICTURE] == [row.picture for row in again.shown.pictures(RUN.id)]


@DOORS
def test_a_store_of_the_third_schema_keeps_records_verdicts_and_pictures(third: Path, door: Door) -> None:
    with door(third) as store:
        assert [0.2, 0.2] == [row.median for row in store.records(RUN.id)]
        assert {"lecture-cnn-parameters": VERDICT} == store.verdicts(RUN.id)
        assert [PICTURE] == [row.picture for row in store.shown.pictures(RUN.id)]


def test_a_store_of_the_third_schema_has_no_baselines_and_takes_some(third: Path) -> None:
    item = Baseline("main", RUN.id, "2026-01-03T00:00:00+00:00")
    with Store.open(third) as store:
        assert () == store.baselines.all()
        store.baselines.save(item)
    with Store.open(third) as again:
        assert (item,) == again.baselines.all()


def test_a_store_of_the_fifth_schema_has_no_lists_of_images_and_takes_some(fifth: Path) -> None:
    with Store.open(fifth) as store:
        assert () == images(store, RUN.id, CELL.key)
        store.add_record(RUN.id, replace(RECORD, replicate=1, images=("a", "b", "c")))
    with Store.open(fifth) as again:
        assert [(), ("a", "b", "c")] == [images(again, RUN.id, CELL.key, i) for i in range(2)]


@DOORS
def test_a_store_of_the_sixth_schema_has_one_host_a_run_and_takes_another(sixth: Path, door: Door) -> None:
    with door(sixth) as store:
        assert {"host1": {"cpu": "X"}} == store.run(RUN.id).hosts
        store.add_host(RUN.id, "host2", {"cpu": "Y"})
        store.add_record(RUN.id, replace(RECORD, replicate=1, host="host2"))
    with Store.open(sixth) as again:
        assert {"host1": {"cpu": "X"}, "host2": {"cpu": "Y"}} == again.run(RUN.id).hosts
        assert ["host1", "host2"] == [row.host for row in again.records(RUN.id)]


@pytest.mark.parametrize("older", ["second", "third", "fifth", "sixth"])
def test_a_store_that_is_migrated_from_a_later_schema_has_that_of_a_new_one(
    tmp_path: Path, older: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(older)
    Store.create(tmp_path / "new.sqlite").close()
    Store.open(path).close()
    assert schema_of(tmp_path / "new.sqlite") == schema_of(path)


@JOURNALS
def test_a_migration_leaves_the_journal_that_the_store_had(first: Path, journal: str) -> None:
    alter(first, f"PRAGMA journal_mode = {journal}")
    Store.open(first).close()
    with closing(sqlite3.connect(first)) as db:
        assert (journal,) == db.execute("PRAGMA journal_mode").fetchone()


def test_those_that_open_an_old_store_at_once_migrate_it_once(first: Path) -> None:
    together = Barrier(6)

    def note(number: int) -> None:
        together.wait()
        with Store.open(first) as store:
            store.add_verdict(RUN.id, f"claim {number}", VERDICT)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(note, range(6)))
    with Store.open(first) as store:
        assert {f"claim {number}" for number in range(6)} == set(store.verdicts(RUN.id))


@DOORS
@JOURNALS
def test_a_failed_migration_leaves_the_file_as_it_was(first: Path, door: Door, journal: str) -> None:
    alter(first, "CREATE TABLE verdict (mine TEXT)", f"PRAGMA journal_mode = {journal}")
    before = first.read_bytes()
    with pytest.raises(StoreError, match=r"cannot be opened: table verdict already exists$"):
        door(first)
    assert before == first.read_bytes()
    assert [first] == list(first.parent.iterdir())


def test_a_migration_that_fails_half_way_leaves_nothing_of_it(
    first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(schema.MIGRATIONS, 1, "CREATE TABLE verdict (run TEXT); CREATE TABLE run (id TEXT)")
    before = first.read_bytes()
    with pytest.raises(StoreError, match=r"table run already exists$"):
        Store.open(first)
    assert before == first.read_bytes()


@pytest.mark.parametrize(
    "verb", [["show"], ["report"], ["run", "--resume"], ["audit"], ["history"], ["baseline", "save", "main"]]
)
def test_a_store_of_a_newer_schema_is_refused_with_one_line_and_unchanged(
    first: Path, capsys: pytest.CaptureFixture[str], verb: list[str]
) -> None:
    alter(first, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = first.read_bytes()
    code = main([*verb, "--store", str(first)])
    said = capsys.readouterr().err
    assert (2, 1, True) == (code, said.count("\n"), "update evobench" in said), said
    assert (before, [first]) == (first.read_bytes(), list(first.parent.iterdir()))

"""What is kept as JSON has a version: a newer one is told as such, the same and an older one are read."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Record
from bench.cli.main import main
from bench.errors import StoreError
from bench.store import database, opening
from bench.store.database import CONTENT_VERSION, CellRow, Declaration, RunRow, Store

RUN = RunRow("2026-a1", "2026-01-02T03:04:05Z", "smoke", "evobench run", {"cpu": "X"}, "host1", {"threads": 2})
CELL = Cell("resnet18", "latency", Cost(mode="infer", resolution=224))
RECORD = Record(cell=CELL, replicate=0, status="ok", unit="s", values=(0.3, 0.1, 0.2), warmup=(), code="c0de")
DOORS = pytest.mark.parametrize("door", [Store.open, Store.create], ids=["open", "create"])
NEWER = f"was written by a newer evobench (content {CONTENT_VERSION + 1}, this one reads up to {CONTENT_VERSION})"
Door = Callable[[Path], Store]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with a run and its record, as this version writes it."""
    path = tmp_path / "store.sqlite"
    with Store.create(path) as store:
        store.begin_run(RUN, [Declaration("suite", "cost", {"title": "C"})], [CellRow(CELL, ("cost",), 1.5, 1)])
        store.add_record(RUN.id, RECORD)
    return path


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        version: int = db.execute("SELECT content_version FROM run").fetchone()[0]
    return version


def alter(path: Path, statement: str) -> None:
    """Change the file as another evobench would."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement)


def let_be_newer(path: Path) -> None:
    alter(path, f"UPDATE run SET content_version = {CONTENT_VERSION + 1}")


def be_the_next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (opening, database):
        monkeypatch.setattr(module, "CONTENT_VERSION", CONTENT_VERSION + 1)


@DOORS
def test_a_newer_content_is_told_as_such(path: Path, door: Door) -> None:
    let_be_newer(path)
    with pytest.raises(StoreError) as caught:
        door(path)
    assert f"store '{path}' {NEWER}: update evobench" == str(caught.value)


@pytest.mark.parametrize(
    "verb", [["show"], ["report"], ["run", "--resume"], ["history"], ["baseline", "save", "main"]]
)
def test_a_newer_content_is_one_line_and_leaves_the_store_as_it_is(
    path: Path, capsys: pytest.CaptureFixture[str], verb: list[str]
) -> None:
    let_be_newer(path)
    before = path.read_bytes()
    assert 2 == main([*verb, "--store", str(path)])
    said = capsys.readouterr().err
    assert [True] == [NEWER in line for line in said.splitlines()], said
    assert (before, [path]) == (path.read_bytes(), list(path.parent.iterdir()))


def test_a_newer_content_that_comes_while_the_store_is_open_is_not_told_as_damage(path: Path) -> None:
    with Store.open(path) as store:
        alter(path, "UPDATE cell SET content = json_set(content, '$.scenario.later', 1)")
        with pytest.raises(StoreError, match=r"is damaged: table cell, column content, .* 1 is not known"):
            store.cells(RUN.id)
        let_be_newer(path)
        with pytest.raises(StoreError, match="was written by a newer evobench"):
            store.cells(RUN.id)


@DOORS
def test_the_same_content_is_read(path: Path, door: Door) -> None:
    assert CONTENT_VERSION == version_of(path)
    with door(path) as store:
        assert (RUN,) == store.runs()
        assert [CELL] == [row.cell for row in store.cells(RUN.id)]
        assert [RECORD.values] == [item.samples for item in store.shown.evidence(RUN.id, 3)]


@DOORS
def test_an_older_content_is_read_and_stays_what_it_is(
    path: Path, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_the_next_version(monkeypatch)
    with door(path) as store:
        assert (RUN,) == store.runs()
        assert [{"title": "C"}] == [item.content for item in store.declarations(RUN.id, "suite")]
    assert CONTENT_VERSION == version_of(path)


def test_a_store_from_before_the_version_has_the_first(path: Path) -> None:
    alter(path, "DROP TABLE host")
    alter(path, "ALTER TABLE cell DROP COLUMN open")
    alter(path, "ALTER TABLE cell DROP COLUMN due")
    alter(path, "ALTER TABLE cell RENAME COLUMN sampling TO expected")
    alter(path, "ALTER TABLE record DROP COLUMN host")
    alter(path, "DROP TABLE images")
    alter(path, "ALTER TABLE run DROP COLUMN content_version")
    alter(path, "PRAGMA user_version = 4")
    with Store.open(path) as store:
        assert (RUN,) == store.runs()
    assert 1 == version_of(path)


def test_a_run_that_is_gone_on_with_is_of_the_version_that_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_the_next_version(monkeypatch)
    with Store.open(path) as store:
        store.resume_run(RUN.id)
    assert CONTENT_VERSION + 1 == version_of(path)

"""Stores with values that no column may hold: one line names table, column and row, whoever reads."""

from __future__ import annotations

import contextlib
import io
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import evobench
from bench.cell import Cell, Cost, Picture, Record
from bench.cli.main import main
from bench.errors import StoreError
from bench.store.checked.columns import TABLES
from bench.store.database import ArtifactRow, Baseline, CellRow, Declaration, RunRow, Store
from bench.store.schema import HAS_STRICT, plain_json

RUN, EARLIER, AUDIT = "20260102-030405-bbbb", "20260101-030405-aaaa", "20260103-030405-cccc"
CELL = Cell("resnet18", "latency", Cost(mode="infer", resolution=224))
MEASURE = {"name": "latency", "unit": "s", "better": "lower", "kind": "cost", "nature": "time", "details": []}
PICTURE = Picture("filters", "Filters", "Sixteen of them.", b"\x89PNG\r\n\x1a\nrest")
VALUES = (
    "x",
    "",
    None,
    b"\0\xff",
    1.5,
    -1,
    float("inf"),
    1 << 62,
    "[]",
    "null",
    '{"a":',
    "\x1b]0;x",
    "2026-99-99",
)
SHOWS = {"declaration": "content", "record": "seconds", "cell": "content", "run": "host", "picture": "png"}
"""A column of each table, whose damage a reading must not overlook."""


def begun(store: Store, name: str, profile: str = "default") -> None:
    run = RunRow(name, "2026-01-02T03:04:05Z", profile, "evobench run", {"cpu": "X"}, "h", {"threads": [2]})
    store.begin_run(run, [Declaration("measure", "latency", MEASURE)], [CellRow(CELL, ("evolution",), 1.0, 2)])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a row in every table, into which SQLite lets any value."""
    path = tmp_path_factory.mktemp("whole") / "store.sqlite"
    with Store.create(path) as store:
        for name in (EARLIER, RUN):
            begun(store, name)
            for i in range(2):
                images = ("a.png", "b.png", "c.png") if i else ()
                store.add_record(
                    name,
                    Record(
                        cell=CELL,
                        replicate=i,
                        status="ok",
                        unit="s",
                        values=(0.3, 0.1, 0.2),
                        warmup=(0.9,),
                        pictures=(PICTURE,),
                        images=images,
                        seconds=1.5,
                    ),
                )
            store.end_run(name, "complete", "2026-01-02T03:09:05Z")
        begun(store, AUDIT, "audit")
        store.add_verdict(AUDIT, "claim", {"verdict": "reproduced"})
        store.add_host(RUN, "h2", {"cpu": "Y"})
        store.baselines.save(Baseline("main", EARLIER, "2026-01-02T03:04:05Z"))
        store.add_artifact(RUN, ArtifactRow("k", "dataset x", "made", "", 1.5, {"images": 10}))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA writable_schema = ON")
        loose = "replace(replace(sql, ' NOT NULL', ''), ') STRICT', ')')"
        db.execute(f"UPDATE sqlite_master SET sql = {loose} WHERE type = 'table'")
    return path


@pytest.fixture
def put(whole: Path, tmp_path: Path) -> Callable[[str, str, object], Path]:
    """Writes a value into a column of a table; returns the changed copy of the store."""

    def changed(table: str, column: str, value: object) -> Path:
        path = tmp_path / "store.sqlite"
        shutil.copy(whole, path)
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("PRAGMA synchronous = OFF")
            last = f"WHERE rowid = (SELECT max(rowid) FROM {table})"
            db.execute(f"UPDATE {table} SET {column} = ? {last}", (value,))
        return path

    return changed


def read_all(path: Path) -> None:
    """Ask a store all that anybody asks it."""
    with Store.open(path) as store:
        store.baselines.all()
        store.shown.tallies()
        store.shown.courses()
        store.past.timings("h")
        store.past.figures("latency")
        for run in store.runs():
            store.cells(run.id)
            store.records(run.id)
            store.verdicts(run.id)
            store.artifacts(run.id)
            store.declarations(run.id, "measure")
            store.shown.evidence(run.id, 10)
            store.shown.pictures(run.id)
            store.past.attempted(run.id)
            store.past.of_arms(run.id, {CELL})


def columns() -> Iterator[tuple[str, str]]:
    return ((table, column) for table, names in TABLES.items() for column in names)


@pytest.mark.parametrize(("table", "column"), list(columns()))
def test_a_wrong_value_is_told_in_one_line_that_names_the_store_or_is_let_be(
    put: Callable[[str, str, object], Path], table: str, column: str
) -> None:
    for value in VALUES:
        path = put(table, column, value)
        try:
            read_all(path)
        except StoreError as error:
            line = str(error)
            assert (1, True) == (len(line.splitlines()), line.isprintable()), line
            assert str(path) in line


@pytest.mark.parametrize(
    ("table", "column", "value", "said"),
    [
        ("record", "seconds", "x", "'x' is not a finite number of 0 or more"),
        ("record", "median", "x", "'x' is not a number or null"),
        ("record", "seconds", float("inf"), "inf is not a finite number of 0 or more"),
        ("record", "n", -1, "-1 is not a number of samples"),
        ("record", "n", 1 << 62, "is not a number of samples"),
        ("record", "status", "good", "'good' is not ok or failed or oom or timeout or unsupported"),
        ("record", "samples", b"123", "b'123' is not a list of doubles"),
        ("record", "details", '{"n_train": "x"}', "'n_train': 'x' is not a whole number of 0 or more"),
        ("record", "details", '{"curve": [{"step": "x"}]}', "'curve[0].step': 'x' is not a finite number"),
        ("record", "reason", b"\x1b", r"b'\x1b' is not text"),
        ("run", "finished", "later", "'later' is not a moment in ISO 8601"),
        ("run", "host", '{"cores": 1e999}', "'cores': inf is not a finite number"),
        ("run", "settings", "[1]", "[1] is not an object"),
        ("run", "state", "done", "'done' is not running or complete or budget or interrupted"),
        ("cell", "due", "soon", "'soon' is not first or then or last"),
        ("cell", "replicates", 1 << 62, "is not a whole number of 0 to 10000"),
        (
            "record",
            "details",
            '{"recalls": [["cat", 0, 0]]}',
            "'recalls[0][2]': 0 is not a whole number of 1 or more",
        ),
        (
            "record",
            "details",
            '{"recalls": [["cat", 3, 2]]}',
            "is not a class with as many right answers as images at",
        ),
        ("record", "details", '{"forward": 0}', "'forward': 0 is not a number above 0"),
        ("record", "started", "soon", "'soon' is not a moment in ISO 8601"),
        ("run", "started", "0001-01-01T00:00:00+23:59", "is not a moment in ISO 8601 of the years 1900 to 2199"),
        ("run", "settings", '{"study": {"text": "x"}}', "is not an object with 'file'"),
        (
            "declaration",
            "content",
            '{"name": "l", "unit": "s", "better": "Lower"}',
            "not lower or higher or neither",
        ),
        ("picture", "png", b"GIF89a", "b'GIF89a' is not a PNG file"),
        ("verdict", "content", "[]", "[] is not an object"),
        ("baseline", "saved", "yesterday", "'yesterday' is not a moment in ISO 8601"),
        ("artifact", "details", '{"images": "many"}', "'images': 'many' is not a whole number of 0 or more"),
        ("host", "fingerprint", "1", "1 is not an object"),
        ("images", "paths", b"plain", "not a compressed list: "),
        ("declaration", "content", '{"name": "latency"}', "is not an object with 'unit'"),
    ],
)
def test_the_line_names_table_column_and_row_and_shows_the_value(
    put: Callable[[str, str, object], Path], table: str, column: str, value: object, said: str
) -> None:
    with pytest.raises(StoreError) as caught:
        read_all(put(table, column, value))
    line = str(caught.value)
    assert (True, True) == (f"is damaged: table {table}, column {column}, row " in line, said in line), line


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (r"a\ud800", r"a\ud800"),
        (r"a\uDFFFb", r"a\udfffb"),
        (r"\\\udce9", r"\\\udce9".replace(r"\\", "\\")),
        (r"\\ud800", r"\ud800"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud83d\ud83d\ude00", "\\ud83d\U0001f600"),
    ],
)
def test_half_a_character_is_read_as_its_escape_and_a_whole_one_as_itself(words: str, kept: str) -> None:
    assert {"name": kept} == plain_json(f'{{"name": "{words}"}}')


def test_half_a_character_in_a_name_is_shown_as_its_escape(put: Callable[[str, str, object], Path]) -> None:
    path = put("run", "host", '{"cpu": "\\ud800"}')
    assert "\\ud800" in evobench.runs(path)["host"].iloc[-1]


def test_a_cell_whose_content_is_that_of_another_key_is_damage(put: Callable[[str, str, object], Path]) -> None:
    scenario = '{"kind": "cost", "mode": "infer", "resolution": 8}'
    other = f'{{"architecture": "x", "measure": "latency", "scenario": {scenario}}}'
    with pytest.raises(StoreError, match=r"table cell, column content, row .* not that of its key"):
        read_all(put("cell", "content", other))


@pytest.mark.parametrize(("table", "other"), [("record", "cell"), ("picture", "record")])
def test_a_row_that_belongs_to_none_is_damage(
    put: Callable[[str, str, object], Path], table: str, other: str
) -> None:
    with pytest.raises(StoreError, match=f"table {table}, column cell, row .* is of a {other} that is gone"):
        read_all(put(table, "cell", "gone"))


@pytest.mark.parametrize("verb", [["show"], ["history"], ["compare", EARLIER, RUN]])
@pytest.mark.parametrize(("table", "column"), SHOWS.items())
def test_a_verb_ends_with_2_or_does_not_read_what_is_wrong(
    put: Callable[[str, str, object], Path], table: str, column: str, verb: list[str]
) -> None:
    path, said = put(table, column, b"x"), io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = main([*verb, "--store", str(path)])
    assert code in (0, 2), said.getvalue()
    assert code == 0 or f"table {table}, column {column}" in said.getvalue()


@pytest.mark.parametrize("column", ["median", "mean", "p95"])
def test_a_figure_that_is_infinite_is_read(put: Callable[[str, str, object], Path], column: str) -> None:
    assert RUN == evobench.load(RUN, put("record", column, float("inf"))).id
    run = evobench.load(EARLIER, put("record", column, float("inf")))
    assert 1 == len(run.records)


def test_the_library_raises_the_same_error(put: Callable[[str, str, object], Path]) -> None:
    with pytest.raises(StoreError, match="table record, column median"):
        evobench.load(RUN, put("record", "median", "x"))


@pytest.mark.skipif(not HAS_STRICT, reason="this SQLite keeps no types out")
def test_a_new_store_takes_no_wrong_type(tmp_path: Path) -> None:
    with Store.create(tmp_path / "store.sqlite") as store:
        begun(store, RUN)
        with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in REAL column"):
            store.connection.db.execute("UPDATE cell SET sampling = 'x'")

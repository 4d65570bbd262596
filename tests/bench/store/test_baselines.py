"""Baselines: names of runs in the store, and the verb that saves, lists and removes them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Record
from bench.cli.main import main
from bench.errors import StoreError, UnknownName, UsageError
from bench.store.database import Baseline, CellRow, RunRow, Store
from bench.store.rows import AUDIT, REGRESS

CELL = Cell("resnet18", "latency", Cost(mode="infer", resolution=224))


def _begin(store: Store, name: str, day: int, state: str = "complete", profile: str = "default") -> RunRow:
    run = RunRow(name, f"2026-01-{day:02d}T00:00:00+00:00", profile, "evobench run", {"cpu": "X"}, "host1", {})
    store.begin_run(run, [], [CellRow(CELL, ("evolution",), 1.0, 1)])
    store.add_record(name, Record(cell=CELL, replicate=0, status="ok", unit="s", values=(0.1,)))
    if state != "running":
        store.end_run(name, state, run.started)
    return run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with two runs that ended."""
    with Store.create(tmp_path / "runs.sqlite") as store:
        _begin(store, "20260101-000000-aaaa", 1)
        _begin(store, "20260102-000000-bbbb", 2)
    return tmp_path / "runs.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


def _baseline(path: Path, *words: str) -> int:
    return main(["baseline", *words, "--store", str(path)])


def _saved(store: Store, name: str = "main", run: str = "20260101-000000-aaaa") -> Baseline:
    item = Baseline(name, run, "2026-01-05T00:00:00+00:00")
    store.baselines.save(item)
    return item


class TestTheStore:
    def test_keeps_a_baseline_with_its_moment(self, store: Store) -> None:
        assert (_saved(store),) == store.baselines.all()

    def test_finds_a_run_by_its_baseline(self, store: Store) -> None:
        _saved(store, "release/1.2")
        assert "20260101-000000-aaaa" == store.run("release/1.2").id

    def test_offers_baselines_where_a_name_is_unknown(self, store: Store) -> None:
        _saved(store, "nightly")
        with pytest.raises(UnknownName, match=r"^unknown run 'nigthly'; did you mean 'nightly'\?$"):
            store.run("nigthly")

    def test_offers_latest_where_it_is_misspelt(self, store: Store) -> None:
        with pytest.raises(UnknownName, match=r"^unknown run 'lastest'; did you mean 'latest'\?$"):
            store.run("lastest")

    def test_keeps_no_baseline_of_a_run_that_it_does_not_have(self, store: Store) -> None:
        with pytest.raises(StoreError, match="FOREIGN KEY constraint failed"):
            _saved(store, run="20270101-000000-cccc")

    def test_leaves_a_name_that_is_taken(self, store: Store) -> None:
        item = _saved(store)
        with pytest.raises(UsageError, match="--replace gives"):
            _saved(store, run="20260102-000000-bbbb")
        assert (item,) == store.baselines.all()

    def test_gives_a_name_to_another_run_where_that_is_asked_for(self, store: Store) -> None:
        _saved(store)
        later = Baseline("main", "20260102-000000-bbbb", "2026-02-01T00:00:00+00:00")
        store.baselines.save(later, replace=True)
        assert (later,) == store.baselines.all()

    def test_loses_a_baseline_with_its_run(self, store: Store) -> None:
        _saved(store)
        with closing(sqlite3.connect(store.path)) as db, db:
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("DELETE FROM run WHERE id = '20260101-000000-aaaa'")
        assert () == store.baselines.all()

    @pytest.mark.parametrize("name", ["", "my main", "näher", "-main", "/main", "a" * 101, "main\n", "a:b"])
    def test_refuses_what_is_no_name(self, store: Store, name: str) -> None:
        with pytest.raises(UsageError, match="is not a name for a baseline"):
            _saved(store, name)

    @pytest.mark.parametrize(
        "name", ["latest", "2", "20270101", "20270101-12", "20270101-120000-0a1b", "20260101-0"]
    )
    def test_refuses_what_a_run_may_be_called(self, store: Store, name: str) -> None:
        with pytest.raises(UsageError, match="names a run already"):
            _saved(store, name)

    @pytest.mark.parametrize("name", ["main", "v1.0", "1.2", "release/2026-01", "a_b-c"])
    def test_takes_names_of_branches_and_releases(self, store: Store, name: str) -> None:
        assert name == _saved(store, name).name


class TestTheVerb:
    def test_saves_the_newest_run(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert 0 == _baseline(path, "save", "main")
        assert "baseline 'main' is run 20260102-000000-bbbb\n" == capsys.readouterr().out

    def test_saves_a_run_by_the_beginning_of_its_id(self, path: Path) -> None:
        _baseline(path, "save", "main", "20260101")
        with Store.open(path) as store:
            assert "20260101-000000-aaaa" == store.baselines.get("main").run

    def test_leaves_out_comparisons_and_audits_where_none_is_named(self, path: Path) -> None:
        with Store.open(path) as store:
            _begin(store, "20260103-000000-cccc", 3, profile=REGRESS)
            _begin(store, "20260104-000000-dddd", 4, profile=AUDIT)
        _baseline(path, "save", "main")
        with Store.open(path) as store:
            assert "20260102-000000-bbbb" == store.baselines.get("main").run

    @pytest.mark.parametrize(
        ("state", "profile", "words"),
        [
            ("interrupted", "default", "was interrupted: finish it (evobench run --resume"),
            ("running", "default", "is running or was killed: finish it"),
            ("complete", REGRESS, "is one side of a comparison"),
            ("complete", AUDIT, "is an audit"),
        ],
    )
    def test_refuses_a_run_that_nothing_can_be_compared_with(
        self, path: Path, capsys: pytest.CaptureFixture[str], state: str, profile: str, words: str
    ) -> None:
        with Store.open(path) as store:
            _begin(store, "20260103-000000-cccc", 3, state, profile)
        assert 2 == _baseline(path, "save", "main", "latest")
        said = capsys.readouterr().err
        assert (1, True) == (said.count("\n"), words in said), said

    def test_lists_baselines(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        _baseline(path, "save", "main")
        capsys.readouterr()
        assert 0 == _baseline(path, "list", "--format", "json")
        (row,) = json.loads(capsys.readouterr().out)
        assert ("main", "20260102-000000-bbbb", "default", 1, "evolution") == tuple(
            row[name] for name in ("name", "run", "profile", "cells", "suites")
        )

    def test_says_how_to_make_one_where_there_is_none(
        self, path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert 0 == _baseline(path, "list")
        assert "no baselines: evobench baseline save NAME" in capsys.readouterr().out

    def test_is_an_empty_list_for_programs_where_there_is_none(
        self, path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert 0 == _baseline(path, "list", "--format", "json")
        assert [] == json.loads(capsys.readouterr().out)

    def test_removes_a_name_and_leaves_the_run(self, path: Path) -> None:
        _baseline(path, "save", "main")
        assert 0 == _baseline(path, "remove", "main")
        with Store.open(path) as store:
            assert (0, 2) == (len(store.baselines.all()), len(store.runs()))

    def test_offers_the_nearest_name(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        _baseline(path, "save", "main")
        assert 2 == _baseline(path, "remove", "mian")
        assert "evobench: unknown baseline 'mian'; did you mean 'main'?\n" == capsys.readouterr().err

"""`evobench import` as the command line calls it."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Record
from bench.cli.main import main
from bench.store.database import Baseline, CellRow, RunRow, Store

RUN = RunRow("20260102-030405-aaaa", "2026-01-02T03:04:05Z", "smoke", "evobench run", {}, "x", {})
OTHER = replace(RUN, id="20260102-030405-bbbb", started="2026-01-02T03:04:06Z", host_key="y")
CELLS = [Cell("lenet5", "latency", Cost(mode="infer", resolution=side)) for side in (32, 64)]
RECORD = Record(cell=CELLS[0], replicate=0, status="ok", unit="s", values=(0.1,))


def store_of(path: Path, run: RunRow, *, name: str = "", state: str = "complete") -> Path:
    with Store.create(path) as store:
        store.begin_run(run, [], [CellRow(cell, ("s",), 1.0, 1) for cell in CELLS])
        store.add_record(run.id, RECORD)
        if state != "running":
            store.end_run(run.id, state, "2026-01-02T03:05:00Z")
        if name:
            store.baselines.save(Baseline(name, run.id, "2026-01-03T00:00:00Z"))
    return path


def bring(into: Path, *others: Path) -> int:
    return main(["import", *map(str, others), "--store", str(into)])


def runs_of(path: Path) -> list[str]:
    with Store.open(path) as store:
        return [run.id for run in store.runs()]


def test_the_runs_of_several_stores_are_in_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    others = [store_of(tmp_path / "a.sqlite", RUN, name="main"), store_of(tmp_path / "b.sqlite", OTHER)]
    assert 0 == bring(tmp_path / "all" / "evobench.sqlite", *others)
    assert [RUN.id, OTHER.id] == runs_of(tmp_path / "all" / "evobench.sqlite")
    said = [f"{others[0]}: 1 run (1 new); baselines: main", f"{others[1]}: 1 run (1 new)"]
    assert said == capsys.readouterr().out.splitlines()


def test_what_was_there_already_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = store_of(tmp_path / "a.sqlite", RUN)
    assert 0 == bring(tmp_path / "all.sqlite", other, other)
    assert f"{other}: 1 run (1 known already)" == capsys.readouterr().out.splitlines()[1]


def test_a_run_that_had_not_ended_is_imported_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == bring(tmp_path / "all.sqlite", store_of(tmp_path / "a.sqlite", RUN, state="running"))
    words = f"run {RUN.id} had not ended, or was killed: 1 of 2 cells have a record"
    assert words == capsys.readouterr().out.splitlines()[1]


def test_a_name_that_stays_with_another_run_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    others = [
        store_of(tmp_path / "a.sqlite", RUN, name="main"),
        store_of(tmp_path / "b.sqlite", OTHER, name="main"),
    ]
    assert 0 == bring(tmp_path / "all.sqlite", *others)
    words = f"baseline 'main' stays with run {RUN.id}: in '{others[1]}' it is run {OTHER.id}"
    assert words == capsys.readouterr().out.splitlines()[2]


def test_a_clash_is_one_line_with_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = store_of(tmp_path / "all.sqlite", RUN)
    other = store_of(tmp_path / "a.sqlite", replace(RUN, host_key="z"))
    assert 2 == bring(into, other)
    said = capsys.readouterr().err.splitlines()
    assert [True] == [f"run {RUN.id} of '{other}' is not the run of that id" in line for line in said]


def test_a_store_that_is_not_there_leaves_no_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = store_of(tmp_path / "a.sqlite", RUN)
    assert 2 == bring(tmp_path / "all.sqlite", other, tmp_path / "gone.sqlite")
    assert 1 == capsys.readouterr().err.count("\n")
    assert not (tmp_path / "all.sqlite").exists()

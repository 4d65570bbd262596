"""What the nature of a measure makes of its records, and that older runs read as they did."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Record
from bench.declare.catalog import MEASURES, load_catalogs
from bench.declare.nature import Nature
from bench.run.snapshot import plain
from bench.store.database import CellRow, Declaration, RecordRow, RunRow, Store
from bench.store.outcome import figure_of
from reports.tables import load_tables
from reports.tidy.frame import read, rows_of

load_catalogs(())
OWN = Cell("net", "own", Cost(mode="infer", resolution=8))
BEGUN = RunRow("r", "2026-01-02T03:04:05+00:00", "default", "", {}, "h", {})


def row(mean: float, middle: float) -> RecordRow:
    """The record of a process whose samples have this mean and median."""
    summary = {"n": 2, "median": middle, "mean": mean, "p5": 0.0, "p95": 1.0, "lowest": 0.0, "highest": 1.0}
    told: dict[str, Any] = {"run": "r", "cell_key": "k", "replicate": 0, "status": "ok", "provenance": "measured"}
    rest = {"reason": "", "unit": "1", "details": {}, "started": "", "seconds": 0.0, "reused_from": ""}
    return RecordRow(**{**told, **summary, **rest})


@pytest.mark.parametrize(
    ("nature", "value"),
    [(Nature.SHARE, 0.5), (Nature.LOSS, 0.5), (Nature.PICTURES, 0.5), (Nature.RATIO, 2.0), (Nature.TIME, 2.0)],
)
def test_the_figure_of_several_processes_is_a_mean_or_a_median(nature: Nature, value: float) -> None:
    rows = [row(0.3, 1.0), row(0.4, 2.0), row(0.8, 9.0)]
    assert value == pytest.approx(figure_of(nature, rows).value)


def test_the_answers_of_one_process_have_the_interval_of_a_share() -> None:
    assert "95 %, Wilson over test images" == figure_of(Nature.SHARE, [row(0.5, 0.5)]).interval


def test_a_loss_that_lies_between_0_and_1_is_no_share() -> None:
    assert "" == figure_of(Nature.LOSS, [row(0.5, 0.5)]).interval


def of_processes(path: Path, declared: list[dict[str, str]], *processes: dict[str, Any]) -> dict[str, Any]:
    """The record of a measure with these details declared, as a run of several processes shows it."""
    content = {
        "name": "own",
        "unit": "s",
        "nature": "time",
        "better": "lower",
        "kind": "cost",
        "details": declared,
    }
    with Store.create(path) as store:
        store.begin_run(BEGUN, [Declaration("measure", "own", content)], [CellRow(OWN, ("own",), 1.0, 3)])
        for i, details in enumerate(processes):
            record = Record(cell=OWN, replicate=i, status="ok", unit="s", values=(1.0,), details=details)
            store.add_record("r", record)
        return rows_of(read(store, "r").records)[0]


@pytest.mark.parametrize(
    ("how", "found"), [({}, 3.0), ({"processes": "median"}, 3.0), ({"processes": "first"}, 9.0)]
)
def test_a_detail_of_several_processes_is_their_median_or_the_first(
    tmp_path: Path, how: dict[str, str], found: float
) -> None:
    processes = ({"slowest": 9.0}, {"slowest": 1.0}, {"slowest": 3.0})
    assert found == of_processes(tmp_path / "s.sqlite", [{"name": "slowest", **how}], *processes)["slowest"]


def test_words_that_differ_stand_side_by_side(tmp_path: Path) -> None:
    shown = of_processes(tmp_path / "s.sqlite", [{"name": "way"}], {"way": "a"}, {"way": "b"}, {"way": "a"})
    assert "a; b" == shown["way"]


def test_a_detail_that_is_not_declared_has_no_column(tmp_path: Path) -> None:
    assert math.isnan(of_processes(tmp_path / "s.sqlite", [], {"p99": 1.0})["p99"])


def test_a_detail_never_takes_the_place_of_what_every_record_has(tmp_path: Path) -> None:
    shown = of_processes(tmp_path / "s.sqlite", [{"name": "value"}], {"value": 7.0})
    assert (1.0, 7.0) == (shown["value"], shown["own_value"])


def test_a_run_that_tells_natures_and_details_reads_as_an_older_one_that_does_not(
    tmp_path: Path, build_run: Callable[[Path, Any], Any], plan: Any
) -> None:
    build_run(tmp_path / "s.sqlite", plan)
    with Store.open(tmp_path / "s.sqlite") as store:
        older = read(store, plan.id)
        for item in MEASURES:
            told = {name: plain(item)[name] for name in ("nature", "details")}
            change = "UPDATE declaration SET content = json_patch(content, ?) WHERE kind = 'measure' AND name = ?"
            store.connection.db.execute(change, (json.dumps(told), item.name))
        newer = read(store, plan.id)
    shown = [{item.name: item.formatted(frames).to_dict() for item in load_tables()} for frames in (older, newer)]
    assert shown[0] == shown[1]
    # details that measures have been given since are columns of their own, and empty
    since = newer.records.columns.difference(older.records.columns)
    assert newer.records[since].isna().all(axis=None)
    assert older.records.to_csv() == newer.records[older.records.columns].to_csv()

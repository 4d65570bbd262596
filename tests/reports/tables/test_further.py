"""Every declared measure has its place in a table, if only in that of further measures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Learning, Record
from bench.declare.catalog import MEASURES, load_catalogs
from bench.declare.declarations import Measure
from bench.declare.nature import Nature
from bench.run.snapshot import plain
from bench.store.database import CellRow, Declaration, RunRow, Store
from reports.tables import load_tables, without_table
from reports.tidy.frame import Frames, read
from tests.reports.trainings import USUAL

load_catalogs(())
ALL = [item.name for item in MEASURES]
DRAWN = [name for name in ALL if MEASURES.get(name).nature is Nature.PICTURES]
RUN = RunRow("r", "2026-01-02T03:04:05+00:00", "default", "", {}, "h", {})


def measured(path: Path, item: Measure, **details: Any) -> Frames:
    """A run of one measure: a single cell, whose figure is a half."""
    scenario = Cost(mode="infer", resolution=32) if item.kind == "cost" else Learning(**USUAL)
    cell = Cell("net", item.name, scenario)
    with Store.create(path) as store:
        declared = [Declaration("measure", item.name, plain(item))]
        store.begin_run(RUN, declared, [CellRow(cell, ("own",), 1.0, 1)])
        record = Record(
            cell=cell, replicate=0, status="ok", unit=item.unit, values=(0.5,), details={"macs": 1, **details}
        )
        store.add_record("r", record)
        return read(store, "r")


@pytest.mark.parametrize("name", ALL)
def test_a_declared_measure_is_shown_by_the_tables_that_name_it_or_by_the_further_ones(
    tmp_path: Path, name: str
) -> None:
    frames = measured(tmp_path / "s.sqlite", MEASURES.get(name), forward=1.0, attainable=1.0)
    naming = [item for item in load_tables() if name in item.measures] or [load_tables().get("further")]
    assert {item.name: 1 for item in naming} == {item.name: len(item.plain(frames)) for item in naming}


def test_pictures_have_no_table_of_their_own() -> None:
    named = {name for item in load_tables() for name in item.measures}
    assert 7 == len(DRAWN)
    assert set() == named & set(DRAWN)


def test_what_has_a_table_is_none_of_the_further_measures(tmp_path: Path) -> None:
    frames = measured(tmp_path / "s.sqlite", MEASURES.get("latency"))
    assert [False] == without_table(frames).tolist()


def test_tables_name_measures_that_are_declared() -> None:
    assert set() == {name for item in load_tables() for name in item.measures} - set(ALL)


def test_a_share_is_told_in_percent(tmp_path: Path) -> None:
    frames = measured(tmp_path / "s.sqlite", MEASURES.get("filters"))
    assert ["50.0 %"] == load_tables().get("further").formatted(frames)["Figure"].tolist()

"""Pictures in the store: part of their record, in order, taken over with it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import Cell, Learning, Picture, Record
from bench.store.database import CellRow, RunRow, Store

WHERE = Learning(
    weights="random",
    target="digits",
    mode="features+softmax",
    augmentation="none",
    resolution=32,
    shots=None,
    steps=0,
    batch=16,
    lr=0.0,
)
CELL, OTHER = Cell("net", "filters", WHERE), Cell("net", "attention", WHERE)


def picture(name: str) -> Picture:
    """One whose file is told apart by its name."""
    return Picture(name, f"The {name}", f"What {name} show.", b"\x89PNG\r\n\x1a\n" + name.encode())


PAIR = (picture("filters"), picture("components"))
RECORD = Record(cell=CELL, replicate=0, status="ok", unit="1", values=(0.5,), code="c0de", pictures=PAIR)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "runs.sqlite") as store:
        for run in ("first", "second"):
            begun = RunRow(run, f"2026-01-01-{run}", "smoke", "evobench run", {}, "here", {})
            store.begin_run(begun, [], [CellRow(cell, ("looking",), 1.0, 1) for cell in (CELL, OTHER)])
        yield store


def test_the_pictures_of_a_record_come_back_in_their_order(store: Store) -> None:
    store.add_record("first", RECORD)
    assert list(PAIR) == [row.picture for row in store.shown.pictures("first")]


def test_pictures_stand_in_the_order_of_the_plan(store: Store) -> None:
    heads = replace(RECORD, cell=OTHER, pictures=(picture("heads"),))
    store.add_record("first", heads)
    store.add_record("first", RECORD)
    assert [CELL.key, CELL.key, OTHER.key] == [row.cell_key for row in store.shown.pictures("first")]


def test_a_run_has_the_pictures_of_its_own_records_alone(store: Store) -> None:
    store.add_record("first", RECORD)
    assert () == store.shown.pictures("second")


def test_a_record_that_is_taken_over_brings_its_pictures_along(store: Store) -> None:
    store.add_record("first", RECORD)
    store.add_record("first", replace(RECORD, cell=OTHER, pictures=(picture("heads"),)))
    kept = store.past.reusable(CELL, "c0de", "here")
    assert kept is not None
    store.add_record("second", kept)
    assert list(PAIR) == [row.picture for row in store.shown.pictures("second")]


def test_a_record_without_pictures_is_one_as_before(store: Store) -> None:
    store.add_record("first", replace(RECORD, pictures=()))
    kept = store.past.reusable(CELL, "c0de", "here")
    assert kept is not None
    assert () == kept.pictures

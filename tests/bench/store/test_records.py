"""Records in the store: as they were made, with the images that their samples are of."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import Cell, Learning, Record
from bench.store.database import CellRow, RunRow, Store
from tests.bench.store.listing import images

WHERE = Learning(
    weights="random",
    target="folder:/photos",
    mode="features+softmax",
    augmentation="none",
    resolution=32,
    shots=None,
    steps=0,
    batch=16,
    lr=0.0,
)
CELLS = [Cell("net", "top1", replace(WHERE, seed=seed)) for seed in (0, 1)]
IMAGES = ("cat/1.jpg", "dog/\udce9t\u00e9.jpg")
RECORD = Record(
    cell=CELLS[0],
    replicate=0,
    status="ok",
    unit="1",
    values=(1.0, 0.0),
    details={"n": 2},
    code="c0de",
    images=IMAGES,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "runs.sqlite") as store:
        for run in ("first", "second"):
            begun = RunRow(run, f"2026-01-01-{run}", "smoke", "evobench run", {}, "here", {})
            store.begin_run(begun, [], [CellRow(cell, ("transfer",), 1.0, 1) for cell in CELLS])
        yield store


def test_the_images_of_a_record_come_back_in_the_order_of_its_samples(store: Store) -> None:
    store.add_record("first", RECORD)
    assert ("cat/1.jpg", "dog/\\udce9t\u00e9.jpg") == images(store, "first", CELLS[0].key)


def test_a_record_without_images_has_none(store: Store) -> None:
    store.add_record("first", replace(RECORD, images=()))
    assert () == images(store, "first", CELLS[0].key)


def test_records_of_the_same_images_share_one_list(store: Store) -> None:
    for cell in CELLS:
        store.add_record("first", replace(RECORD, cell=cell))
    assert 1 == store.connection.rows("SELECT count(*) AS n FROM images")[0]["n"]
    assert [2, 2] == [len(images(store, "first", cell.key)) for cell in CELLS]


def test_a_record_that_is_taken_over_brings_its_images(store: Store) -> None:
    store.add_record("first", replace(RECORD, images=IMAGES[:1], values=(1.0,)))
    kept = store.past.reusable(CELLS[0], "c0de", None)
    assert kept is not None
    assert ({"n": 2}, IMAGES[:1]) == (kept.details, kept.images)
    store.add_record("second", kept)
    assert IMAGES[:1] == images(store, "second", CELLS[0].key)


def test_the_record_of_two_attempts_replaces_that_of_the_first(store: Store) -> None:
    store.add_record("first", replace(RECORD, details={"noisy": ["busy"]}))
    store.settle_record("first", replace(RECORD, values=(3.0, 5.0), images=(), details={"attempts": []}))
    assert [(4.0, {"attempts": []})] == [(row.median, row.details) for row in store.records("first")]


def test_where_the_second_cannot_be_written_the_first_stays(store: Store) -> None:
    store.add_record("first", RECORD)
    broken = replace(RECORD, details={"attempts": object()})
    with pytest.raises(TypeError):
        store.settle_record("first", broken)
    assert 1 == len(store.records("first"))


def test_trainings_of_a_run_come_back_as_they_were_made(store: Store) -> None:
    made = replace(RECORD, images=("cat/1.jpg", "dog/2.jpg"), host="here")
    store.add_record("first", made)
    assert [made] == list(store.past.trainings("first"))

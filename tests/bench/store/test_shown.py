"""What a report asks of the store beyond the records of one run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Learning, Record, Status
from bench.store.database import CellRow, RunRow, Store

LATENCY = Cell("small", "latency", Cost(mode="infer", resolution=32))
MEMORY = Cell("small", "peak_memory", Cost(mode="infer", resolution=32))
COUNT = Cell("small", "macs", Cost(mode="infer", resolution=32))
ACCURACY = Cell(
    "small",
    "top1",
    Learning(
        weights="random",
        target="digits8",
        mode="scratch",
        augmentation="none",
        resolution=32,
        shots=5,
        steps=60,
        batch=16,
        lr=1e-3,
    ),
)


def _begin(store: Store, name: str, *cells: Cell, day: int = 1) -> None:
    run = RunRow(name, f"2026-01-{day:02d}T00:00:00+00:00", "default", "", {}, "host", {})
    store.begin_run(run, (), [CellRow(cell, ("evolution",), 1.0, 2) for cell in cells])


def _add(
    store: Store,
    run: str,
    cell: Cell,
    *values: float,
    replicate: int = 0,
    status: Status = "ok",
    host: str = "",
) -> None:
    told = {"ended": "time"}
    store.add_record(
        run,
        Record(cell=cell, replicate=replicate, status=status, unit="s", values=values, details=told, host=host),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.sqlite") as opened:
        yield opened


def test_evidence_has_the_first_samples_of_each_record_in_their_order(store: Store) -> None:
    _begin(store, "a", LATENCY)
    _add(store, "a", LATENCY, 3.0, 1.0, 2.0)
    _add(store, "a", LATENCY, 5.0, replicate=1)
    assert [(3.0, 1.0), (5.0,)] == [item.samples for item in store.shown.evidence("a", 2)]


def test_evidence_of_a_record_without_samples_has_none_and_its_details(store: Store) -> None:
    _begin(store, "a", LATENCY)
    _add(store, "a", LATENCY, status="failed")
    assert [((), {"ended": "time"})] == [(item.samples, item.details) for item in store.shown.evidence("a", 200)]


def test_evidence_is_that_of_one_run(store: Store) -> None:
    for name in ("a", "b"):
        _begin(store, name, LATENCY)
        _add(store, name, LATENCY, 1.0 if name == "a" else 2.0)
    assert [(1.0,)] == [item.samples for item in store.shown.evidence("a", 200)]


def test_a_tally_counts_cells_and_not_processes(store: Store) -> None:
    _begin(store, "a", LATENCY, MEMORY, COUNT)
    _add(store, "a", LATENCY, 1.0)
    _add(store, "a", LATENCY, replicate=1, status="failed")
    _add(store, "a", MEMORY, status="unsupported")
    (tally,) = store.shown.tallies()
    assert (3, 1, 0, 1) == (tally.planned, tally.good, tally.failed, tally.unsupported)


def test_a_tally_names_the_suites_once(store: Store) -> None:
    _begin(store, "a", LATENCY, MEMORY)
    assert ("evolution",) == store.shown.tallies()[0].suites


def test_a_run_without_cells_has_a_tally_of_nothing(store: Store) -> None:
    _begin(store, "a")
    (tally,) = store.shown.tallies()
    assert ((), 0, 0) == (tally.suites, tally.planned, tally.failed)


def test_medians_are_the_means_over_the_processes_of_a_cell_by_run(store: Store) -> None:
    for day, name in enumerate(("old", "new"), start=1):
        _begin(store, name, LATENCY, day=day)
        _add(store, name, LATENCY, 1.0, 2.0, 6.0)
        _add(store, name, LATENCY, 4.0 * day, replicate=1)
    assert [("old", 3.0, 2), ("new", 5.0, 2)] == [
        (row.run, row.value, row.processes) for row in store.shown.medians("latency")
    ]


def test_processes_on_different_hosts_have_a_median_each_that_of_most_processes_first(store: Store) -> None:
    _begin(store, "a", LATENCY)
    for replicate, (host, seconds) in enumerate([("far", 9.0), ("", 1.0), ("", 3.0)]):
        _add(store, "a", LATENCY, seconds, replicate=replicate, host=host)
    assert [("host", 2.0, 2), ("far", 9.0, 1)] == [
        (row.host, row.value, row.processes) for row in store.shown.medians("latency")
    ]


def test_the_spread_of_a_run_is_the_mean_of_its_processes_that_have_enough_samples(store: Store) -> None:
    _begin(store, "a", LATENCY)
    for replicate, width in enumerate((10, 30)):
        _add(store, "a", LATENCY, *(100.0 + width * (i - 10) / 9 for i in range(21)), replicate=replicate)
    _add(store, "a", LATENCY, 1.0, 500.0, replicate=2)
    assert [0.2] == pytest.approx([row.spread for row in store.shown.medians("latency")])


def test_few_samples_have_no_spread(store: Store) -> None:
    _begin(store, "a", LATENCY)
    _add(store, "a", LATENCY, *range(1, 10))
    assert [None] == [row.spread for row in store.shown.medians("latency")]


def test_the_figure_of_an_accuracy_is_the_mean_of_its_images(store: Store) -> None:
    _begin(store, "a", ACCURACY)
    store.add_record("a", Record(cell=ACCURACY, replicate=0, status="ok", unit="1", values=(1.0, 1.0, 0.0, 1.0)))
    assert [0.75] == [row.value for row in store.shown.medians("top1")]


def test_medians_leave_out_what_a_run_took_over(store: Store) -> None:
    _begin(store, "a", COUNT)
    store.add_record(
        "a", Record(cell=COUNT, replicate=0, status="ok", unit="1", values=(9.0,), reused_from="earlier")
    )
    assert () == store.shown.medians("macs")


def test_runs_are_in_the_order_in_which_they_were_begun_whatever_the_clock_said(store: Store) -> None:
    for name, day in (("first", 2), ("second", 1), ("third", 3)):
        _begin(store, name, LATENCY, day=day)
        _add(store, name, LATENCY, 1.0)
    order = ["first", "second", "third"]
    assert [order, order] == [[row.run for row in rows] for rows in (store.shown.tallies(), store.shown.courses())]


def test_samples_are_those_of_every_record_that_has_any_in_the_order_of_the_plan(store: Store) -> None:
    _begin(store, "one", LATENCY, COUNT)
    _add(store, "one", COUNT, 7.0)
    _add(store, "one", LATENCY, 2.0, 1.0, replicate=1)
    _add(store, "one", LATENCY, status="failed")
    found = [(item.cell_key, item.replicate, item.samples) for item in store.shown.samples("one")]
    assert [(LATENCY.key, 1, (2.0, 1.0)), (COUNT.key, 0, (7.0,))] == found


def test_samples_name_the_image_of_each(store: Store) -> None:
    _begin(store, "one", ACCURACY, LATENCY)
    images = ("a.png", "b.png")
    record = Record(cell=ACCURACY, replicate=0, status="ok", unit="1", values=(1.0, 0.0), images=images)
    store.add_record("one", record)
    _add(store, "one", LATENCY, 1.0)
    assert [images, ()] == [item.images for item in store.shown.samples("one")]


def test_records_are_read_once_while_nobody_writes(store: Store) -> None:
    _begin(store, "one", LATENCY)
    _add(store, "one", LATENCY, 1.0)
    assert store.records("one") is store.records("one")


def test_records_that_this_process_or_another_one_writes_are_seen(store: Store) -> None:
    _begin(store, "one", LATENCY, COUNT)
    assert 0 == len(store.records("one"))
    _add(store, "one", LATENCY, 1.0)
    assert 1 == len(store.records("one"))
    with Store.create(store.path) as other:
        _add(other, "one", COUNT, 7.0)
    assert 2 == len(store.records("one"))


def test_records_of_two_runs_alone_are_held(store: Store) -> None:
    for name in ("one", "two", "three"):
        _begin(store, name, LATENCY)
        store.cells(name)
        store.records(name)
    assert {"two", "three"} == {run for _, run in store.connection.answers}

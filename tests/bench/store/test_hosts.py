"""The hosts of a run: each record names the one that made it, and what is asked by host goes by that."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Record
from bench.store.database import CellRow, RunRow, Store

RUN = RunRow("2026-a1", "2026-01-02T03:04:05Z", "smoke", "evobench run", {"cpu": "X"}, "host1", {"threads": 2})
FIRST = Cell("resnet18", "latency", Cost(mode="infer", resolution=224))
PLAN = (CellRow(FIRST, ("evolution",), 1.5, 2),)
RECORD = Record(cell=FIRST, replicate=0, status="ok", unit="s", values=(0.3, 0.1, 0.2), code="c0de", seconds=2.5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with one planned run."""
    with Store.create(tmp_path / "store.sqlite") as store:
        store.begin_run(RUN, [], PLAN)
        yield store


def test_names_the_host_of_each_record(store: Store) -> None:
    store.add_record(RUN.id, RECORD)
    store.add_record(RUN.id, replace(RECORD, replicate=1, host="host2"))
    assert ["host1", "host2"] == [row.host for row in store.records(RUN.id)]


def test_gives_back_all_hosts_of_a_run_its_own_first(store: Store) -> None:
    store.add_host(RUN.id, "a", {"cpu": "Y"})
    assert [("host1", {"cpu": "X"}), ("a", {"cpu": "Y"})] == list(store.run(RUN.id).hosts.items())


def test_gives_back_the_hosts_that_a_run_was_begun_with(store: Store) -> None:
    begun = replace(RUN, id="2026-b2", further_hosts={"b": {"cpu": "Z"}, "a": {"cpu": "Y"}})
    store.begin_run(begun, [], PLAN)
    assert begun == store.run("2026-b2")


def test_keeps_a_host_as_it_was_first_seen(store: Store) -> None:
    for key in ("host1", "a", "a"):
        store.add_host(RUN.id, key, {"cpu": f"seen as {len(store.run(RUN.id).hosts)}"})
    assert {"host1": {"cpu": "X"}, "a": {"cpu": "seen as 1"}} == store.run(RUN.id).hosts


def test_tells_what_attempts_took_by_the_host_that_made_them(store: Store) -> None:
    store.add_record(RUN.id, RECORD)
    store.add_record(RUN.id, replace(RECORD, replicate=1, seconds=9.0, host="host2"))
    assert [[2.5], [9.0]] == [[t.seconds for t in store.past.timings(key)] for key in ("host1", "host2")]


def test_a_figure_is_reused_on_the_host_of_the_run_that_made_it(store: Store) -> None:
    store.add_record(RUN.id, replace(RECORD, host="host2"))
    found = store.past.reusable(FIRST, "c0de", "host2")
    assert found is not None
    assert ("host2", RUN.id) == (found.host, found.reused_from)

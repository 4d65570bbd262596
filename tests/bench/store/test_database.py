"""The store: what is written is read back, what is no store is left alone."""

import math
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Record
from bench.errors import StoreError, UnknownName
from bench.store.database import SCHEMA_VERSION, ArtifactRow, CellRow, Declaration, RunRow, Store, Timing

RUN = RunRow("2026-a1", "2026-01-02T03:04:05Z", "smoke", "evobench run", {"cpu": "X"}, "host1", {"threads": 2})
FIRST = Cell("resnet18", "latency", Cost(mode="infer", resolution=224))
SECOND = Cell("vgg16", "latency", Cost(mode="infer", resolution=224))
PLAN = (CellRow(FIRST, ("evolution", "zoo"), 1.5, 2), CellRow(SECOND, ("evolution",), 3.0, 1))
RECORD = Record(
    cell=FIRST,
    replicate=0,
    status="ok",
    unit="s",
    values=(0.3, 0.1, 0.2),
    warmup=(0.9,),
    details={"batch": 1},
    code="c0de",
    started="2026-01-02T03:04:06Z",
    seconds=2.5,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with one planned run."""
    with Store.create(tmp_path / "runs" / "store.sqlite") as store:
        store.begin_run(RUN, [Declaration("suite", "evolution", {"title": "E"})], PLAN)
        yield store


class TestAStoreThatIsWritten:
    def test_gives_back_the_run_as_it_began(self, store: Store) -> None:
        assert (RUN,) == store.runs()

    def test_gives_back_the_plan_in_order(self, store: Store) -> None:
        assert PLAN == store.cells(RUN.id)

    def test_gives_back_the_declarations_of_one_kind(self, store: Store) -> None:
        assert (Declaration("suite", "evolution", {"title": "E"}),) == store.declarations(RUN.id, "suite")
        assert () == store.declarations(RUN.id, "measure")

    def test_keeps_raw_samples_exactly_and_in_order(self, store: Store) -> None:
        values = (0.1 + 0.2, 5e-324, -0.0, 1.7976931348623157e308, 1 / 3)
        store.add_record(RUN.id, replace(RECORD, values=values))
        assert values == store.samples(RUN.id, FIRST.key, 0)
        assert math.copysign(1, store.samples(RUN.id, FIRST.key, 0)[2]) == -1

    def test_summarises_samples_beside_them(self, store: Store) -> None:
        store.add_record(RUN.id, replace(RECORD, values=(4.0, 1.0, 2.0, 3.0, 10.0)))
        (row,) = store.records(RUN.id)
        assert (5, 3.0, 4.0, 1.0, 10.0) == (row.n, row.median, row.mean, row.lowest, row.highest)
        assert pytest.approx((1.2, 8.8)) == (row.p5, row.p95)

    def test_keeps_a_failure_with_its_reason_and_without_a_summary(self, store: Store) -> None:
        store.add_record(RUN.id, replace(RECORD, status="oom", values=(), reason="asked for 9 GB"))
        (row,) = store.records(RUN.id)
        assert ("oom", "asked for 9 GB", 0, None) == (row.status, row.reason, row.n, row.median)

    def test_tells_what_attempts_on_a_host_took(self, store: Store) -> None:
        store.add_record(RUN.id, RECORD)
        store.add_record(RUN.id, replace(RECORD, replicate=1, status="oom", values=()))
        assert (Timing(FIRST, 2.5, 1.5, 0.2),) == store.past.timings(RUN.host_key)
        assert () == store.past.timings("another host")

    def test_tells_no_time_of_what_was_taken_over(self, store: Store) -> None:
        store.add_record(RUN.id, replace(RECORD, reused_from="2025-z9"))
        assert () == store.past.timings(RUN.host_key)

    def test_tells_the_figures_of_a_measure_by_architecture_and_resolution(self, store: Store) -> None:
        store.add_record(RUN.id, RECORD)
        assert {("resnet18", 224): 0.2} == store.past.figures("latency")
        assert {} == store.past.figures("macs")

    def test_lists_records_in_the_order_of_the_plan(self, store: Store) -> None:
        for record in (replace(RECORD, cell=SECOND), replace(RECORD, replicate=1), RECORD):
            store.add_record(RUN.id, record)
        order = [(row.cell_key, row.replicate) for row in store.records(RUN.id)]
        assert [(FIRST.key, 0), (FIRST.key, 1), (SECOND.key, 0)] == order

    def test_refuses_a_second_record_of_one_replicate_and_keeps_the_first(self, store: Store) -> None:
        store.add_record(RUN.id, RECORD)
        with pytest.raises(StoreError, match="cannot be written: UNIQUE constraint failed"):
            store.add_record(RUN.id, replace(RECORD, values=(9.0,)))
        assert RECORD.values == store.samples(RUN.id, FIRST.key, 0)

    def test_refuses_a_record_of_a_cell_that_was_not_planned(self, store: Store) -> None:
        with pytest.raises(StoreError, match="FOREIGN KEY constraint failed"):
            store.add_record(RUN.id, replace(RECORD, cell=replace(FIRST, measure="energy")))

    def test_begins_a_run_wholly_or_not_at_all(self, store: Store) -> None:
        with pytest.raises(StoreError):
            store.begin_run(replace(RUN, id="other"), [], [PLAN[0], PLAN[0]])
        assert (RUN,) == store.runs()

    def test_says_how_a_run_ended_and_that_it_goes_on(self, store: Store) -> None:
        store.end_run(RUN.id, "interrupted", "2026-01-02T04:00:00Z")
        assert ("interrupted", "2026-01-02T04:00:00Z") == (store.run("latest").state, store.run("latest").finished)
        store.resume_run(RUN.id)
        assert ("running", "") == (store.run("latest").state, store.run("latest").finished)

    def test_keeps_the_latest_note_about_an_artifact(self, store: Store) -> None:
        failed = ArtifactRow("checkpoint-1", "checkpoint", "failed", "killed", 1.0, {})
        made = replace(failed, status="made", reason="", details={"loss": 0.5})
        store.add_artifact(RUN.id, failed)
        store.add_artifact(RUN.id, made)
        assert (made,) == store.artifacts(RUN.id)

    def test_is_a_database_with_a_write_ahead_log(self, store: Store) -> None:
        with sqlite3.connect(store.path) as db:
            assert ("wal",) == db.execute("PRAGMA journal_mode").fetchone()
        db.close()


class TestARunIsFound:
    def test_by_its_id_by_the_beginning_of_it_and_as_the_latest(self, store: Store) -> None:
        newer = replace(RUN, id="2027-b2", started="2027-01-01T00:00:00Z")
        store.begin_run(newer, [], [])
        assert [RUN, RUN, newer] == [store.run("2026-a1"), store.run("2026"), store.run("latest")]

    def test_as_the_latest_where_the_clock_was_set_back_meanwhile(self, store: Store) -> None:
        newer = replace(RUN, id="2025-b2", started="2025-01-01T00:00:00Z")
        store.begin_run(newer, [], [])
        assert [RUN, newer] == [*store.runs()]
        assert newer == store.run("latest")

    def test_but_not_by_a_beginning_that_several_have(self, store: Store) -> None:
        store.begin_run(replace(RUN, id="2026-b2"), [], [])
        with pytest.raises(StoreError, match=r"^several runs begin with '2026': 2026-a1, 2026-b2$"):
            store.run("2026")

    def test_but_not_by_no_name_at_all(self, store: Store) -> None:
        with pytest.raises(UnknownName, match=r"^unknown run ''"):
            store.run("")

    def test_by_its_id_even_where_another_id_goes_on_from_it(self, store: Store) -> None:
        store.begin_run(replace(RUN, id="2026-a1-more"), [], [])
        assert RUN == store.run("2026-a1")

    def test_or_the_nearest_one_is_offered(self, store: Store) -> None:
        with pytest.raises(UnknownName, match=r"^unknown run '2026-a2'; did you mean '2026-a1'\?$"):
            store.run("2026-a2")

    def test_and_a_store_without_runs_says_so(self, tmp_path: Path) -> None:
        with (
            Store.create(tmp_path / "new.sqlite") as store,
            pytest.raises(StoreError, match=r"holds no run yet$"),
        ):
            store.run("latest")


class TestWhatThePlannerAsks:
    def test_a_resumed_run_learns_what_was_attempted_whatever_came_of_it(self, store: Store) -> None:
        store.add_record(RUN.id, RECORD)
        store.add_record(RUN.id, replace(RECORD, replicate=1, status="timeout", reason="60 s"))
        assert {(FIRST.key, 0), (FIRST.key, 1)} == store.past.attempted(RUN.id)

    def test_a_kept_figure_comes_with_its_samples_and_the_run_that_measured_it(self, store: Store) -> None:
        store.add_record(RUN.id, RECORD)
        assert replace(RECORD, reused_from=RUN.id, host="host1") == store.past.reusable(FIRST, "c0de", "host1")

    @pytest.mark.parametrize(
        ("kept", "code", "host"),
        [
            (RECORD, "0ther", "host1"),
            (RECORD, "c0de", "host2"),
            (replace(RECORD, status="failed"), "c0de", "host1"),
            (replace(RECORD, reused_from="older"), "c0de", "host1"),
            (replace(RECORD, cell=SECOND), "c0de", "host1"),
            (replace(RECORD, host="host2"), "c0de", "host1"),
        ],
        ids=["other code", "other host", "failed", "itself reused", "other cell", "other host of the run"],
    )
    def test_a_figure_is_not_reused_from(self, store: Store, kept: Record, code: str, host: str) -> None:
        store.add_record(RUN.id, kept)
        assert store.past.reusable(FIRST, code, host) is None

    def test_a_figure_that_no_host_changes_is_reused_from_any(self, store: Store) -> None:
        store.add_record(RUN.id, RECORD)
        found = store.past.reusable(FIRST, "c0de", None)
        assert found is not None
        assert RECORD.values == found.values

    @pytest.mark.parametrize(
        "started", ["2026-09-09T00:00:00Z", "2001-09-09T00:00:00Z"], ids=["", "clock set back"]
    )
    def test_of_several_kept_figures_the_newest_is_taken(self, store: Store, started: str) -> None:
        store.add_record(RUN.id, RECORD)
        store.begin_run(replace(RUN, id="later"), [], PLAN)
        store.add_record("later", replace(RECORD, started=started))
        found = store.past.reusable(FIRST, "c0de", "host1")
        assert found is not None
        assert "later" == found.reused_from


def _foreign(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE photo (id INTEGER)")
    db.commit()
    db.close()


def _newer(path: Path) -> None:
    Store.create(path).close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()


def _text(path: Path) -> None:
    path.write_text("run,architecture,latency\n" * 100)


def _half_written(path: Path) -> None:
    with Store.create(path) as store:
        store.begin_run(RUN, [], PLAN)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _unreadable_schema(path: Path) -> None:
    Store.create(path).close()
    whole = bytearray(path.read_bytes())
    whole[100:4096] = b"\xff" * 3996
    path.write_bytes(whole)


def _misspelt_schema(path: Path) -> None:
    Store.create(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"CREATE TABLE run", b"CREATE TABLE \x96un"))


REFUSED = [
    (_foreign, "is a database, but no evobench store"),
    (
        _newer,
        f"newer evobench (schema {SCHEMA_VERSION + 1}, this one reads up to {SCHEMA_VERSION}): update evobench",
    ),
    (_text, "cannot be opened: file is not a database"),
    (_half_written, "cannot be opened: database disk image is malformed"),
    (_unreadable_schema, "cannot be opened: "),
    (_misspelt_schema, "cannot be opened: "),
]


class TestAFileThatIsNoUsableStore:
    @pytest.mark.parametrize("door", [Store.open, Store.create], ids=["open", "create"])
    @pytest.mark.parametrize(("make", "reason"), REFUSED, ids=[make.__name__.strip("_") for make, _ in REFUSED])
    def test_is_refused_with_one_line_and_left_as_it_was(
        self, tmp_path: Path, make: Callable[[Path], None], reason: str, door: Callable[[Path], Store]
    ) -> None:
        path = tmp_path / "store.sqlite"
        make(path)
        before = path.read_bytes()
        with pytest.raises(StoreError) as caught:
            door(path)
        assert reason in str(caught.value)
        assert "\n" not in str(caught.value)
        assert before == path.read_bytes()
        assert [path] == list(tmp_path.iterdir())

    def test_is_not_made_a_store_by_reading_where_it_is_empty(self, tmp_path: Path) -> None:
        path = tmp_path / "store.sqlite"
        path.touch()
        with pytest.raises(StoreError, match=r"is empty: no evobench store$"):
            Store.open(path)
        assert b"" == path.read_bytes()

    def test_is_not_made_by_reading_where_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match=r"^no store at '.*': measure first"):
            Store.open(tmp_path / "store.sqlite")
        assert [] == list(tmp_path.iterdir())

    def test_is_refused_where_its_folder_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(StoreError, match=r"^cannot make the folder of store"):
            Store.create(tmp_path / "file" / "store.sqlite")

    def test_is_said_where_a_folder_lies_in_its_place(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match=r"is not a regular file, so it cannot be a store$"):
            Store.create(tmp_path)

"""A table or chart shows figures under one set of conditions, on a GPU those that people use it under."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bench.cell import BEST, Cell, Cost, Record, Status
from bench.compare.runs import compare
from bench.store.database import CellRow, Declaration, RunRow, Store
from reports.candidates.costs import cost_cells, costs
from reports.highlights.cards import cards
from reports.output.brief import brief_table
from reports.tables import load_tables
from reports.tidy.frame import Frames, read
from reports.tidy.sizes import at_own_size, headline

USED = Cost(
    mode="infer",
    resolution=64,
    batch=256,
    precision="bf16",
    memory_format="channels_last",
    device="cuda",
    autotune=True,
)
WIDE = replace(USED, precision="fp32", memory_format="contiguous")
TRAINED = replace(USED, mode="train", batch=128)
UNITS = {"latency": "s", "train_step": "s", "throughput": "1/s", "peak_memory": "B", "macs": "1"}


@dataclass(frozen=True)
class Measured:
    """One cell with what came of it."""

    name: str
    measure: str
    where: Cost
    value: float = 1.0
    status: Status = "ok"
    halved: int = 0
    """Images that the batch was halved to; 0: it was not."""

    @property
    def record(self) -> Record:
        """Its only one."""
        details = {"batch": self.halved, "halved_from": self.where.batch} if self.halved else {}
        values = (self.value,) if self.status == "ok" else ()
        cell = Cell(self.name, self.measure, self.where)
        unit = UNITS[self.measure]
        return Record(cell=cell, replicate=0, status=self.status, unit=unit, values=values, details=details)


Build = Callable[..., Frames]


def write(path: Path, run: str, measured: Sequence[Measured]) -> None:
    """Write a run of these cells, in this order."""
    begun = RunRow(
        run, "2026-01-02T03:04:05+00:00", "full", "evobench run --device cuda", {"cpu": "X"}, "host", {}
    )
    architectures = dict.fromkeys(item.name for item in measured)
    declared = [
        Declaration(
            "architecture", name, {"name": name, "family": "F", "resolution": 64, "year": 2026, "paper": ""}
        )
        for name in architectures
    ]
    with Store.create(path) as store:
        rows = [CellRow(item.record.cell, ("evolution",), 1.0, 1) for item in measured]
        store.begin_run(begun, declared, rows)
        for item in measured:
            store.add_record(run, item.record)
        store.end_run(run, "complete", "2026-01-02T03:05:05+00:00")


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Frames of a run with these cells."""

    def made(*measured: Measured) -> Frames:
        write(tmp_path / "s.sqlite", "r", measured)
        with Store.open(tmp_path / "s.sqlite") as store:
            return read(store, "r")

    yield made


def evolution(frames: Frames) -> list[dict[str, Any]]:
    return [
        {str(name): value for name, value in row.items()}
        for row in load_tables().get("evolution").plain(frames).to_dict("records")
    ]


def test_the_evolution_shows_the_conditions_that_are_planned_first_and_names_them(build: Build) -> None:
    (row,) = evolution(build(Measured("a", "throughput", USED, 900.0), Measured("a", "throughput", WIDE, 300.0)))
    assert (900.0, "bf16, channels_last, autotuned, cuda") == (row["Throughput"], row["Conditions"])


def test_a_figure_that_is_missing_is_not_filled_with_one_under_other_conditions(build: Build) -> None:
    rows = evolution(
        build(
            Measured("a", "throughput", USED, 900.0),
            Measured("a", "throughput", WIDE, 300.0),
            Measured("b", "throughput", USED, status="failed"),
            Measured("b", "throughput", WIDE, 200.0),
        )
    )
    assert ["failed"] == [row["Throughput status"] for row in rows if row["Architecture"] == "b"]


def test_a_network_that_was_measured_under_other_conditions_alone_says_under_which(build: Build) -> None:
    rows = evolution(
        build(
            Measured("a", "throughput", USED, 900.0),
            Measured("b", "throughput", USED, 800.0),
            Measured("c", "throughput", WIDE, 300.0),
        )
    )
    assert ["only with autotuned, cuda"] == [r["Throughput status"] for r in rows if r["Architecture"] == "c"]


def test_the_best_batch_does_not_stand_for_a_batch_that_failed(build: Build) -> None:
    (row,) = evolution(
        build(
            Measured("a", "throughput", USED, status="failed"),
            Measured("a", "throughput", replace(USED, batch=BEST), 900.0),
        )
    )
    assert "failed" == row["Throughput status"]


def test_memory_without_autotuning_stands_beside_times_with_it(build: Build) -> None:
    untuned = replace(USED, batch=1, autotune=False)
    (row,) = evolution(
        build(
            Measured("a", "latency", replace(USED, batch=1), 0.1),
            Measured("a", "peak_memory", untuned, 5e6),
        )
    )
    assert (0.1, 5e6) == (row["Latency"], row["Peak memory, inference"])


def test_a_chart_takes_the_same_cells(build: Build) -> None:
    frames = build(Measured("a", "throughput", USED, 900.0), Measured("a", "throughput", WIDE, 300.0))
    assert [900.0] == list(at_own_size(frames, frames.measured("throughput", mode="infer"))["value"])


def test_a_card_tells_the_headline_with_its_conditions(build: Build) -> None:
    (card,) = cards(build(Measured("a", "throughput", WIDE, 300.0), Measured("a", "throughput", USED, 900.0)))
    (fact,) = [fact for fact in card.facts if fact.name == "Throughput"]
    assert fact.value.startswith("300/s")
    assert "64 px, batch 256, autotuned, cuda" == fact.note


def test_a_count_is_under_any_conditions(build: Build) -> None:
    counted = Measured("a", "macs", Cost(mode="infer", resolution=64), 100.0)
    frames = build(Measured("a", "throughput", USED, 900.0), counted)
    assert counted.record.cell.key in headline(frames)


def test_a_batch_that_was_halved_stands_in_the_row_as_it_was_taken(build: Build) -> None:
    frames = build(Measured("a", "train_step", TRAINED, 0.5, halved=32), Measured("b", "train_step", TRAINED, 0.1))
    batches = {row["Architecture"]: row["Batch of training"] for row in evolution(frames)}
    assert {"a": 32, "b": 128} == batches
    kept = frames.records.set_index("architecture")["halved_from"]
    assert 128 == kept["a"]
    assert kept.isna()["b"]


def test_a_terminal_tells_the_batches_of_a_column_where_they_differ(build: Build) -> None:
    frames = build(Measured("a", "train_step", TRAINED, 0.5, halved=32), Measured("b", "train_step", TRAINED, 0.1))
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(brief_table(load_tables().get("evolution"), frames))
    text = console.export_text()
    assert "Training step a: batch of training 32; b: batch of training 128" in text
    assert "bf16, channels_last, autotuned, cuda" in text


def test_processes_of_a_cell_that_were_halved_differently_are_not_mixed(tmp_path: Path) -> None:
    item = Measured("a", "train_step", TRAINED, 0.5, halved=64)
    write(tmp_path / "s.sqlite", "r", [item])
    with Store.open(tmp_path / "s.sqlite") as store:
        for process, (value, batch) in enumerate([(0.7, 64), (0.1, 32)], start=1):
            store.add_record("r", replace(replace(item, value=value, halved=batch).record, replicate=process))
        (row,) = read(store, "r").records.to_dict("records")
    assert (0.6, 64, 2) == (row["value"], row["batch"], row["processes"])


def test_two_runs_that_halved_differently_are_not_compared(tmp_path: Path) -> None:
    write(tmp_path / "s.sqlite", "r", [Measured("a", "train_step", TRAINED, 0.5)])
    write(tmp_path / "s.sqlite", "s", [Measured("a", "train_step", TRAINED, 0.3, halved=64)])
    with Store.open(tmp_path / "s.sqlite") as store:
        (found,) = compare(store, "r", "s", 0.05, force=False)
    assert ("undecided", None) == (found.verdict, found.ratio)
    assert "batches of 128 and 64 images: one was halved for want of memory" == found.note


def test_a_candidate_s_costs_on_a_gpu_are_under_the_conditions_planned_first(build: Build) -> None:
    one, wide = replace(USED, batch=1), replace(WIDE, batch=1, autotune=False)
    cells = cost_cells(build(Measured("a", "latency", one, 0.2), Measured("a", "latency", wide, 0.1)))
    (found,) = [item for item in costs(cells, {"a": 64}) if item.figures]
    assert 0.2 == found.figures["a"].value

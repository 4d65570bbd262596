"""Accuracy and cost of one row or point are of one input size, wherever both are shown."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Learning, Record, Scenario
from bench.errors import NotComparable
from bench.store.database import CellRow, Declaration, RunRow, Store
from reports.candidates.choice import ACCURACY
from reports.candidates.found import Candidate, field_of
from reports.charts import draw, load_charts
from reports.highlights.cards import cards
from reports.page.section import Page
from reports.page.sections.recommend import recommend
from reports.tables import load_tables
from reports.tidy.frame import Frames, read, rows_of
from reports.verbs.recommend import VERB

SIZES = (32, 64, 96)
"""Of the training, of the paper and of the published error, of each network."""
NETS = tuple(f"net{i}" for i in range(6))
COSTS = ("macs", "latency", "peak_memory")


def value_of(name: str, measure: str, size: int) -> float:
    """A figure that tells its input size: its last two digits, in units of its column."""
    order = 1 + NETS.index(name)
    return {"latency": 1e-6, "macs": 1.0, "peak_memory": 1.0, "throughput": 1.0}.get(measure, 1.0) * (
        1000 * order + size
    )


def size_of(value: float, measure: str) -> int:
    return round(value / value_of(NETS[0], measure, 0) * 1000) % 1000


@dataclass(frozen=True)
class Planned:
    name: str
    measure: str
    scenario: Scenario
    value: float


def _cells(costs_at: tuple[int, ...]) -> Iterator[Planned]:
    for name in NETS:
        yield Planned(name, "parameters", Cost(mode="infer", resolution=64), 1000.0)
        for size in costs_at:
            where = Cost(mode="infer", resolution=size)
            for measure in COSTS:
                yield Planned(name, measure, where, value_of(name, measure, size))
            yield Planned(name, "throughput", replace(where, batch=8), value_of(name, "throughput", size))
        training = Learning(
            weights="random",
            target="digits8",
            mode="scratch",
            augmentation="none",
            resolution=32,
            shots=5,
            steps=60,
            batch=16,
            lr=1e-3,
        )
        yield Planned(name, "top1", training, 0.5 + NETS.index(name) / 100)


def _declared(name: str, resolution: int | None) -> Declaration:
    error = {"quantity": "top1_error", "value": 40.0 - NETS.index(name), "source": "weights", "step": None}
    content = {
        "name": name,
        "family": "Net",
        "year": 2015,
        "paper": "",
        "idea": "",
        "resolution": 64,
        "min_resolution": 1,
        "channels": 3,
        "lecture": True,
        "tags": [],
        "reduced_of": "",
        "published": [error | {"protocol": "single crop", "resolution": resolution}],
    }
    return Declaration("architecture", name, content)


def written(path: Path, costs_at: tuple[int, ...] = SIZES, published_at: int | None = 96) -> Path:
    """A store with one run of six networks whose figures tell at which size they were measured."""
    planned = list(_cells(costs_at))
    rows = [CellRow(Cell(item.name, item.measure, item.scenario), ("suite",), 1.0, 1) for item in planned]
    run = RunRow("r", "2026-01-02T03:04:05+00:00", "default", "evobench run", {}, "host", {})
    with Store.create(path) as store:
        store.begin_run(run, [_declared(name, published_at) for name in NETS], rows)
        for row, item in zip(rows, planned, strict=True):
            unit = {"latency": "s", "peak_memory": "B", "throughput": "1/s"}.get(item.measure, "1")
            store.add_record(
                "r", Record(cell=row.cell, replicate=0, status="ok", unit=unit, values=(item.value,), details={})
            )
        store.end_run("r", "complete", "2026-01-02T03:09:47+00:00")
    return path


def _frames(path: Path) -> Frames:
    with Store.open(path) as store:
        return read(store, "r")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every network at all three sizes."""
    return written(tmp_path_factory.mktemp("sizes") / "s.sqlite")


@pytest.fixture(scope="module")
def sized(store: Path) -> Frames:
    return _frames(store)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every network at the paper's size alone, at which no accuracy is."""
    return written(tmp_path_factory.mktemp("elsewhere") / "s.sqlite", costs_at=(64,))


def _rows(frames: Frames, table: str) -> list[dict[str, Any]]:
    return rows_of(load_tables().get(table).plain(frames))


def _expected(published: bool) -> int:
    return 96 if published else 32


def test_every_candidate_has_its_costs_at_the_size_of_its_accuracy(sized: Frames) -> None:
    field = field_of(sized)
    found = [
        (kind.published, {figure.resolution for key, figure in item.figures.items() if key != "parameters"})
        for kind in field.kinds
        for item in field.by_kind[kind.name]
    ]
    assert [(True, {96})] * 6 + [(False, {32})] * 6 == found


def test_the_candidates_of_the_plausible_run_are_of_one_size_each(frames: Frames) -> None:
    field = field_of(frames)
    compared = [item for items in field.by_kind.values() for item in items if ACCURACY in item.figures]
    assert [] == [item.name for item in compared if len(_sizes(item)) != 1]


def _sizes(item: Candidate) -> set[int | None]:
    return {figure.resolution for key, figure in item.figures.items() if key != "parameters"}


def test_a_row_of_accuracy_and_cost_is_of_one_size(sized: Frames) -> None:
    rows = _rows(sized, "accuracy_and_cost")
    assert 12 == len(rows)
    for row in rows:
        size = _expected(row["Provenance"] == "published")
        costs = {"macs": row["MACs"], "latency": row["Latency"], "peak_memory": row["Peak memory"]}
        assert size == row["Input"]
        assert dict.fromkeys(COSTS, size) == {name: size_of(value, name) for name, value in costs.items()}


def test_a_row_of_the_evolution_has_errors_and_costs_of_one_size(sized: Frames) -> None:
    rows = _rows(sized, "evolution")
    assert [64, 96] * 6 == [row["Input"] for row in rows]
    for row in rows:
        size = row["Input"]
        assert (size == 96) == (row["Top-1 error, published"] is not None and row["Top-1 error, published"] > 0)
        assert size == size_of(row["MACs"], "macs") == size_of(row["Latency"], "latency")


@pytest.mark.parametrize(
    ("chart", "size"), [("published_accuracy_against_cost", 96), ("measured_accuracy_against_cost", 32)]
)
def test_a_point_of_a_chart_stands_at_the_cost_of_its_accuracys_size(sized: Frames, chart: str, size: int) -> None:
    figure = draw(load_charts().get(chart), sized)
    views = [button.args[0]["x"] for button in figure.layout.updatemenus[0].buttons]
    hovers = [text for trace in figure.data if trace.customdata is not None for _, text in trace.customdata]
    for measure, places in zip(COSTS, views, strict=False):
        found = {size_of(x, measure) for xs in places for x in xs if x}
        assert {size} == found, measure
    assert {f"{size} px"} == {word for text in hovers for word in re.findall(r"\d+ px", text)}


def test_the_point_of_an_answer_says_its_size(sized: Frames) -> None:
    figure = draw(load_charts().get("which_backbone"), sized)
    points = [(x, words[0]) for trace in figure.data for x, words in zip(trace.x, trace.customdata, strict=True)]
    assert {(96, "96 px")} == {(size_of(x, "latency"), words.rpartition(", ")[2]) for x, words in points}


def test_the_form_has_figures_of_one_size_under_each_kind_of_accuracy(sized: Frames) -> None:
    page = Page(sized)
    recommend(page)
    for kind, items in page.blocks["recommend"]["candidates"].items():
        size = _expected(kind == "published")
        assert {f"{size} px"} == {item["input"] for item in items}
        assert {size} == {size_of(item["figures"]["latency@cpu"][0], "latency") for item in items}
        assert {size} == {size_of(item["figures"]["macs"][0], "macs") for item in items}


@pytest.mark.parametrize(("options", "size"), [((), 96), (("--target", "digits8"), 32)])
def test_the_answer_is_of_one_size(
    store: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], size: int
) -> None:
    rows = json.loads(_asked(store, capsys, *options, "--format", "json"))
    assert rows
    for row in rows:
        assert size == row["resolution"] == size_of(row["macs"], "macs") == size_of(row["latency_s"], "latency")


def _asked(store: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    parser = argparse.ArgumentParser()
    VERB.configure(parser)
    VERB.run(parser.parse_args([*options, "--store", str(store)]))
    return capsys.readouterr().out


def test_a_card_has_the_costs_of_each_accuracys_size(sized: Frames) -> None:
    for card in cards(sized):
        accuracies = {96, *(way.resolution for way in card.transfer)}
        for name in ("Multiply-adds", "Latency", "Peak memory, inference"):
            shown = {fact.note.partition(" px")[0] for fact in card.facts if fact.name == name}
            assert {str(size) for size in accuracies} <= shown, name


def test_throughput_stands_beside_multiply_adds_of_its_own_size(sized: Frames) -> None:
    figure = draw(load_charts().get("throughput_against_macs"), sized)
    drawn = [trace for trace in figure.data if trace.customdata is not None]
    points = [point for trace in drawn for point in zip(trace.x, trace.y, strict=True)]
    assert {(64, 64)} == {(size_of(x, "macs"), size_of(y, "throughput")) for x, y in points}


def test_an_error_without_a_size_is_of_its_architectures_own(tmp_path: Path) -> None:
    frames = _frames(written(tmp_path / "s.sqlite", published_at=None))
    assert {64} == {item.resolution for item in field_of(frames).by_kind["published"]}


@pytest.mark.parametrize("table", ["accuracy_and_cost", "evolution"])
def test_a_cost_of_another_size_is_empty_and_says_at_which_it_was_measured(elsewhere: Path, table: str) -> None:
    frames = _frames(elsewhere)
    rows = [row for row in rows_of(load_tables().get(table).formatted(frames)) if row["Input"] != "64 px"]
    said = {(row["Input"], row["MACs"], row["Latency"]) for row in rows}
    sizes = (96, 32) if table == "accuracy_and_cost" else ()
    assert {(f"{size} px", *[f"only at 64 px, not at {size} px"] * 2) for size in sizes} == said


def test_a_latency_of_another_size_is_never_said_not_to_exist(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotComparable, match=r"no latency to choose by \(only at 64 px, not at 32 px\).*transfer"):
        _asked(elsewhere, capsys, "--target", "digits8", "--max-latency", "5ms")
    with pytest.raises(NotComparable, match=r"no latency to choose by \(only at 64 px, not at 96 px\).*evolution"):
        _asked(elsewhere, capsys, "--max-latency", "5ms")


def test_an_accuracy_whose_costs_are_of_another_size_still_answers(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = json.loads(_asked(elsewhere, capsys, "--target", "digits8", "--format", "json"))
    assert [("net5", 32)] == [(row["architecture"], row["resolution"]) for row in rows]

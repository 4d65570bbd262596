"""The form "Which backbone for me?": its examples, its fields, and what it says of an accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Learning, Record, Scenario
from bench.store.database import CellRow, RunRow, Store
from reports.candidates.choice import answer
from reports.candidates.found import field_of
from reports.page.section import Page
from reports.page.sections.recommend import recommend, rounded
from reports.tidy.frame import Frames, read

OWN = Learning(
    weights="random",
    target="folder:/data/photos",
    mode="scratch",
    augmentation="none",
    resolution=32,
    shots=0,
    steps=60,
    batch=16,
    lr=1e-3,
)
AT_32 = Cost(mode="infer", resolution=32)
AT_224 = Cost(mode="infer", resolution=224)


def _page(tmp_path: Path, *cells: tuple[str, str, Scenario, float]) -> Page:
    """Of a run with these cells: architecture, measure, conditions, value."""
    path = tmp_path / "s.sqlite"
    rows = [CellRow(Cell(name, measure, scenario), ("suite",), 1.0, 1) for name, measure, scenario, _ in cells]
    run = RunRow("r", "2026-01-02T03:04:05+00:00", "default", "evobench run", {}, "host", {"target": OWN.target})
    with Store.create(path) as store:
        store.begin_run(run, [], rows)
        for row, (*_, value) in zip(rows, cells, strict=True):
            store.add_record("r", Record(cell=row.cell, replicate=0, status="ok", unit="1", values=(value,)))
        store.end_run("r", "complete", "2026-01-02T03:09:47+00:00")
    with Store.open(path) as store:
        return Page(read(store, "r"))


def _timed(*latencies: float) -> Sequence[tuple[str, str, Scenario, float]]:
    """Networks of these latencies and of an accuracy on own images, all at 32 px; another size is slower."""
    return [
        cell
        for i, latency in enumerate(latencies)
        for cell in (
            (f"net{i}", "latency", AT_32, latency),
            (f"net{i}", "latency", AT_224, 49 * latency),
            (f"net{i}", "top1", replace(OWN, seed=i), 1.0),
        )
    ]


def _content(page: Page) -> dict[str, Any]:
    recommend(page)
    content: dict[str, Any] = page.blocks["recommend"]
    return content


@pytest.mark.parametrize(("value", "expected"), [(32, 50), (5, 5), (0.14, 0.2), (6.1, 10), (99, 100), (1, 1)])
def test_an_example_is_a_round_number_that_is_not_below_the_median(value: float, expected: float) -> None:
    assert expected == rounded(value)


def test_an_example_divides_the_architectures(tmp_path: Path) -> None:
    content = _content(_page(tmp_path, *_timed(0.004, 0.018, 0.3)))
    (examples,) = content["examples"].values()
    assert [{"name": "latency", "typed": 20.0, "label": "under 20 ms"}] == examples


@pytest.mark.parametrize("latencies", [(0.004, 0.018), (0.018, 0.018, 0.019)], ids=["two", "all within"])
def test_an_example_that_divides_nothing_is_not_offered(tmp_path: Path, latencies: tuple[float, ...]) -> None:
    assert [[]] == list(_content(_page(tmp_path, *_timed(*latencies)))["examples"].values())


def test_the_first_example_is_asked_at_first(tmp_path: Path) -> None:
    html = recommend(_page(tmp_path, *_timed(0.004, 0.018, 0.3)))
    assert 'data-state="recommend.latency" value="20"' in html


def test_a_choice_of_one_is_no_field_and_is_said(tmp_path: Path) -> None:
    html = recommend(_page(tmp_path, *_timed(0.004, 0.018, 0.3)))
    assert "<select" not in html
    assert "(this run has only one: folder:photos, all shots, measured)" in html


def test_after_a_run_on_ones_own_images_alone_there_is_an_answer(tmp_path: Path) -> None:
    page = _page(tmp_path, *_timed(0.004, 0.018, 0.3))
    field = field_of(page.frames)
    assert ("net0",) == answer(field.options(field.kinds[0].name, "cpu"), {}).chosen


def test_a_run_with_accuracies_alone_has_an_answer_too(tmp_path: Path) -> None:
    page = _page(tmp_path, ("one", "top1", OWN, 0.0), ("two", "top1", OWN, 1.0))
    field = field_of(page.frames)
    assert ("two",) == answer(field.options(field.kinds[0].name, ""), {}).chosen
    assert "Accuracy at least" in recommend(page)


def test_accuracy_and_cost_of_a_point_are_of_one_input_size(tmp_path: Path, frames: Frames) -> None:
    own = field_of(_page(tmp_path, *_timed(0.004, 0.018, 0.3)).frames)
    assert {0.004, 0.018, 0.3} == {item.figures["latency@cpu"].value for item in next(iter(own.by_kind.values()))}
    for items in field_of(frames).by_kind.values():
        for item in items:
            sizes = {figure.resolution for figure in item.figures.values() if figure.resolution}
            assert len(sizes) < 2, item.name


def test_what_has_an_accuracy_is_told_without_what_its_kind_says(frames: Frames) -> None:
    told = {item["name"]: item["of"] for item in _content(Page(frames))["candidates"]["published"]}
    assert "weights IMAGENET1K_V1" == told["efficientnet_b0"]

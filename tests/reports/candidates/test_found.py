"""Figures of architectures that compare with each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.cell import Cell, Cost, Learning, Record, Scenario
from bench.store.database import CellRow, RunRow, Store
from reports.candidates.found import Candidate, Field, field_of
from reports.formats import NOISY
from reports.tidy.frame import Frames, read

TASK = Learning(
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
PLAIN = Cost(mode="infer", resolution=32)


def _field(tmp_path: Path, *cells: tuple[str, str, Scenario, float | None, dict[str, Any]]) -> Field:
    """Of a run with these cells: architecture, measure, conditions, value (None: it failed), details."""
    path = tmp_path / "s.sqlite"
    rows = [CellRow(Cell(name, measure, scenario), ("suite",), 1.0, 1) for name, measure, scenario, *_ in cells]
    run = RunRow("r", "2026-01-02T03:04:05+00:00", "default", "evobench run", {}, "host", {})
    with Store.create(path) as store:
        store.begin_run(run, [], rows)
        for row, (*_, value, details) in zip(rows, cells, strict=True):
            status: Any = "oom" if value is None else "ok"
            values = () if value is None else (value,)
            record = Record(cell=row.cell, replicate=0, status=status, unit="1", values=values, details=details)
            store.add_record("r", replace(record, reason="" if values else "why"))
        store.end_run("r", "complete", "2026-01-02T03:09:47+00:00")
    with Store.open(path) as store:
        return field_of(read(store, "r"))


def _values(field: Field, key: str) -> dict[str, float]:
    return {item.name: item.figures[key].value for item in _only(field) if key in item.figures}


def _only(field: Field) -> tuple[Candidate, ...]:
    """The candidates of a run with at most one kind of accuracy."""
    (candidates,) = field.by_kind.values()
    return candidates


def _named(frames: Frames, name: str) -> Candidate:
    return next(item for item in field_of(frames).by_kind["published"] if item.name == name)


def test_a_published_accuracy_is_a_share_with_its_protocol_and_source(frames: Frames) -> None:
    figure = _named(frames, "efficientnet_b0").figures["top1"]
    assert (0.7769, "published") == (figure.value, figure.provenance)
    assert ("published, single crop, 224 px, weights IMAGENET1K_V1", 224) == (figure.note, figure.resolution)


def test_an_accuracy_of_another_protocol_is_no_figure_to_compare(frames: Frames) -> None:
    vgg = _named(frames, "vgg16")
    assert "top1" not in vgg.figures
    assert "published under another protocol" == vgg.lacks["top1"]


def test_a_cost_that_was_tried_in_vain_says_what_became_of_it(frames: Frames) -> None:
    assert {"latency@cpu": "failed"} == _named(frames, "swin_t").lacks


def test_tasks_of_one_target_are_kinds_of_their_own(frames: Frames) -> None:
    assert ["published", "digits8, 5 shots", "digits8, 20 shots"] == [kind.name for kind in field_of(frames).kinds]


def test_a_run_without_figures_has_no_candidates(frames: Frames) -> None:
    nothing = frames.changed(records=frames.records.assign(value=pd.Series(dtype="float")))
    assert Field((), (), {"": ()}) == field_of(nothing)


def test_the_scenario_is_chosen_by_its_validation_accuracy_and_not_by_the_test_images(tmp_path: Path) -> None:
    field = _field(
        tmp_path,
        ("net", "top1", TASK, 0.6, {"val_top1": 0.9}),
        ("net", "top1", replace(TASK, mode="finetune:all"), 0.8, {"val_top1": 0.7}),
    )
    assert {"net": 0.6} == _values(field, "top1")


def test_costs_are_those_of_the_conditions_that_most_architectures_have(tmp_path: Path) -> None:
    batches = [replace(PLAIN, batch=batch) for batch in (1, 8)]
    field = _field(
        tmp_path,
        ("one", "latency", batches[0], 0.001, {}),
        ("one", "latency", batches[1], 0.008, {}),
        ("two", "latency", batches[1], 0.016, {}),
    )
    assert {"one": 0.008, "two": 0.016} == _values(field, "latency@cpu")


@pytest.mark.parametrize("other", [replace(PLAIN, precision="bf16"), replace(PLAIN, batch=8)])
def test_of_conditions_that_as_many_have_the_plainest_with_the_smallest_batch_count(
    tmp_path: Path, other: Cost
) -> None:
    field = _field(tmp_path, ("net", "latency", other, 0.5, {}), ("net", "latency", PLAIN, 0.001, {}))
    assert {"net": 0.001} == _values(field, "latency@cpu")


def test_all_costs_of_an_architecture_are_of_one_input_size(tmp_path: Path) -> None:
    large = replace(PLAIN, resolution=64)
    field = _field(
        tmp_path,
        ("net", "macs", PLAIN, 100.0, {}),
        ("net", "macs", large, 400.0, {}),
        ("net", "latency", large, 0.004, {}),
    )
    assert ({"net": 400.0}, 64) == (_values(field, "macs"), _only(field)[0].resolution)


def test_devices_have_figures_of_their_own(tmp_path: Path) -> None:
    field = _field(
        tmp_path,
        ("net", "latency", PLAIN, 0.004, {}),
        ("net", "latency", replace(PLAIN, device="cuda"), 0.001, {}),
    )
    assert ("cpu", "cuda") == field.devices
    assert [0.004, 0.001] == [field.options("", device)[0].values["latency"] for device in field.devices]


def test_a_noisy_timing_says_so_beside_its_figure(tmp_path: Path) -> None:
    field = _field(tmp_path, ("net", "latency", PLAIN, 0.25, {"noisy": ["waited 75 % of the time for a core"]}))
    figure = _only(field)[0].figures["latency@cpu"]
    assert "(noisy)" in figure.text
    assert NOISY == figure.status
    assert "noisy: waited 75 % of the time for a core" in figure.note

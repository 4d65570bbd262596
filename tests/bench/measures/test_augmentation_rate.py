"""Images per second of augmentation, on a clock of the test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench import clock as clock_module
from bench.cell import Cell, Learning, Samples
from bench.clock import Clock
from bench.declare.artifact import PRODUCERS, Shelf
from bench.declare.catalog import ARCHITECTURES, DATASETS, MEASURES, architecture, dataset
from bench.declare.declarations import Images
from bench.declare.loading.discovery import load_catalogs
from bench.errors import UnknownName, UsageError
from bench.learning.artifacts import dataset_of
from bench.network.subject import Subject


class Hands:
    """A clock on which every call takes half a second."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def perf_counter(self) -> float:
        self.seconds += 0.5
        return self.seconds


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> None:
    """An architecture and twenty images."""
    load_catalogs()
    for registry in (ARCHITECTURES, DATASETS):
        monkeypatch.setattr(registry, "_items", dict(registry._items))

    @architecture(family="F", year=2026, paper="none", resolution=16, min_resolution=8)
    def net(num_classes: int) -> None: ...

    @dataset(name="grays", classes=2, channels=1, resolution=12, licence="none", source="none")
    def grays() -> Images:
        return Images(np.arange(20 * 144, dtype=np.uint8).reshape(20, 12, 12, 1), np.arange(20) % 2)


def cell_of(**changes: Any) -> Cell:
    scenario = {
        "weights": "random",
        "target": "grays",
        "mode": "scratch",
        "augmentation": "lecture",
        "resolution": 16,
        "shots": None,
        "steps": 0,
        "batch": 8,
        "lr": 0.0,
    }
    return Cell("net", "augmentation_rate", Learning(**{**scenario, **changes}))


def measured(cell: Cell, folder: Path) -> Samples:
    item, shelf = MEASURES.get("augmentation_rate"), Shelf(folder)
    for artifact in item.artifacts(cell):
        PRODUCERS.get(artifact.kind)(artifact, shelf, lambda _: None)
    return item.function(Subject(cell, shelf, lambda _: None), Clock(60.0))


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("pipeline", ["tensor", "pil"])
def test_a_sample_is_the_images_of_one_batch_over_its_seconds(
    pipeline: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "time", Hands())
    samples = measured(cell_of(pipeline=pipeline), tmp_path)
    assert {8 / 0.5} == set(samples.values) | set(samples.warmup)


@pytest.mark.usefixtures("world")
def test_it_needs_the_data_and_no_weights() -> None:
    cell = cell_of(weights="pretrain:mnist5k", mode="finetune:all")
    assert (dataset_of("grays", 16),) == MEASURES.get("augmentation_rate").artifacts(cell)


@pytest.mark.usefixtures("world")
def test_an_unknown_augmentation_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="unknown augmentation 'rotatoin'; did you mean 'rotation'"):
        MEASURES.get("augmentation_rate").artifacts(cell_of(augmentation="rotatoin"))


def test_a_scenario_of_cost_is_refused(cell: Cell) -> None:
    with pytest.raises(UsageError, match="needs a scenario of learning"):
        MEASURES.get("augmentation_rate").artifacts(cell)

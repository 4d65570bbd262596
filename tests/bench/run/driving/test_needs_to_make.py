"""What an artifact needs of its host, and how progress names it."""

from __future__ import annotations

import pytest

from bench.cell import Cell, Learning
from bench.declare.artifact import Artifact, in_order
from bench.declare.catalog import MEASURES, load_catalogs
from bench.run.driving.works import Making, needs_to_make
from tests.bench.stripes import cell_of


def test_data_are_decoded_by_all_cores_and_all_else_by_the_threads_of_the_cell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bench.run.driving.works.available_cpus", lambda: 7)
    load_catalogs()
    where = Learning(
        weights="pretrain:mnist5k",
        target="uci-digits",
        mode="features+softmax",
        augmentation="none",
        resolution=28,
        shots=5,
        steps=10,
        batch=16,
        lr=1e-2,
        threads=3,
    )
    cell = Cell("lecture_cnn", "top1", where)
    needed = in_order(MEASURES.get("top1").artifacts(cell))
    found = {artifact.kind: needs_to_make(artifact, cell).threads for artifact in needed}
    assert {"dataset": 7, "checkpoint": 3, "features": 3, "heads": 3} == found


def test_progress_names_an_artifact_by_what_tells_it_apart() -> None:
    spec = (("architecture", "lenet5"), ("source", "mnist5k"), ("resolution", 32), ("lr", 0.003))
    assert "checkpoint lenet5 mnist5k resolution=32 lr=0.003" == str(
        Making(Artifact("checkpoint", spec), cell_of())
    )

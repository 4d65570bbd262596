"""A world in which whole learning cells run in a moment."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from bench.cell import Samples
from bench.clock import Clock
from bench.declare.artifact import PRODUCERS, Shelf, in_order
from bench.declare.catalog import ARCHITECTURES, DATASETS, MEASURES, architecture, dataset
from bench.declare.loading.discovery import load_catalogs
from bench.learning.scenario import PRETRAINING, Pretraining
from bench.network.subject import Subject
from tests.bench.small_disk import SmallDisk
from tests.bench.stripes import Measured, Net, cell_of, stripes


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network and the data are declared beside what there is, for one test."""
    load_catalogs()
    for registry in (ARCHITECTURES, DATASETS, PRETRAINING):
        monkeypatch.setattr(registry, "_items", dict(registry._items))
        monkeypatch.setattr(registry, "_places", dict(registry._places))

    def net(num_classes: int) -> nn.Module:
        return Net(num_classes)

    declare = architecture(family="F", year=2026, paper="p", channels=1, min_resolution=12, upper=("upper",))
    declare(net)
    PRETRAINING.add("net", Pretraining(lr=0.01, epochs=4, batch=8, shots=30), "here")
    for name, seed in (("stripes", 0), ("waves", 1)):
        declared = dataset(name=name, classes=3, channels=1, resolution=12, licence="none", source="these tests")
        declared(partial(stripes, seed))


@pytest.fixture
def measured(world: None, tmp_path: Path) -> Measured:
    """Measures a cell, with what it needs made before."""

    def run(**changes: Any) -> Samples:
        cell, shelf = cell_of(**changes), Shelf(tmp_path)
        item = MEASURES.get(cell.measure)
        for artifact in in_order(item.artifacts(cell)):
            if not shelf.holds(artifact):
                PRODUCERS.get(artifact.kind)(artifact, shelf, lambda progress: None)
        samples: Samples = item.function(Subject(cell, shelf, lambda progress: None), Clock(9))
        return samples

    return run


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of 4 MB; skips where none can be mounted."""
    folder = tmp_path / "artifacts"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here: that takes root's rights")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)

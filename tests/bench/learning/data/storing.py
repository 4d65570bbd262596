"""Stores the user's own images, and tells what a run would say of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.data.place import settle
from bench.declare.artifact import Shelf
from bench.declare.catalog import DATASETS
from bench.learning.artifacts import dataset_of
from bench.learning.data.images import Stored, make_dataset, read_dataset


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    DATASETS.forget()
    yield
    DATASETS.forget()
    settle(None)


def stored(name: str, tmp_path: Path, resolution: int = 28) -> Stored:
    artifact, shelf = dataset_of(name, resolution), Shelf(tmp_path / "shelf")
    make_dataset(artifact, shelf)
    return read_dataset(artifact, shelf)


def told(name: str, tmp_path: Path) -> dict[str, object]:
    """The details of the artifact."""
    stored(name, tmp_path)
    return Shelf(tmp_path / "shelf").details(dataset_of(name, 28))

"""How long images take from where they lie to what a step of training is given."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from bench.cell import Cell, Learning
from bench.declare.artifact import PRODUCERS, Artifact, Shelf, in_order
from bench.declare.catalog import load_catalogs
from bench.declare.preprocessing import Geometry, whole
from bench.learning.artifacts import dataset_of, needs_of
from bench.learning.data.augment import Augmenter
from bench.learning.data.decode import decode
from bench.learning.data.images import Normalisation, read_dataset
from bench.learning.data.view import View
from bench.learning.features import read_matrix
from bench.machine.process import pin_threads

BATCH = 64
SIDE = 64
"""Resolution of a batch, in pixels."""
DIGITS = "uci-digits"


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    pin_threads(1)
    load_catalogs()


@pytest.fixture
def photographs() -> list[bytes]:
    """A batch of JPEG files of 500 x 375 pixels, as ImageNet's are on average."""
    generator = np.random.default_rng(0)
    files = []
    for _ in range(BATCH):
        coarse = Image.fromarray(generator.integers(0, 256, (12, 16, 3), np.uint8))
        file = io.BytesIO()
        coarse.resize((500, 375)).save(file, "JPEG", quality=90)
        files.append(file.getvalue())
    return files


@pytest.fixture
def images() -> torch.Tensor:
    """A batch, uint8."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (BATCH, 3, SIDE, SIDE), dtype=torch.uint8, generator=generator)


@pytest.fixture
def features(tmp_path: Path) -> tuple[Artifact, Shelf]:
    """What a head on frozen features needs, all made but the features."""
    scenario = Learning(
        weights="random",
        target=DIGITS,
        mode="features+softmax",
        augmentation="none",
        resolution=28,
        shots=None,
        steps=1,
        batch=16,
        lr=1e-2,
        threads=1,
    )
    wanted = needs_of(Cell("lecture_cnn", "top1", scenario)).features
    assert wanted is not None
    shelf = Shelf(tmp_path)
    for artifact in in_order(wanted.needs):
        PRODUCERS.get(artifact.kind)(artifact, shelf, lambda _: None)
    return wanted, shelf


def test_decoding_a_batch(benchmark: BenchmarkFixture, photographs: list[bytes]) -> None:
    decoded = benchmark(lambda: np.stack([decode(data, Geometry(224, 256)).pixels for data in photographs]))
    assert (BATCH, 3, 224, 224) == decoded.shape


@pytest.mark.parametrize("name", ["lecture", "digits", "crop", "colour"])
def test_augmenting_a_batch(benchmark: BenchmarkFixture, images: torch.Tensor, name: str) -> None:
    assert images.shape == benchmark(Augmenter(name, 0), images).shape


@pytest.mark.parametrize("name", ["lecture", "digits"])
def test_augmenting_pictures_one_by_one(benchmark: BenchmarkFixture, images: torch.Tensor, name: str) -> None:
    assert images.shape == benchmark(Augmenter(name, 0, pipeline="pil"), images).shape


def test_bringing_a_batch_into_a_models_shape(benchmark: BenchmarkFixture, images: torch.Tensor) -> None:
    view = View(3, 224, Normalisation((0.5,) * 3, (0.25,) * 3), whole(224))
    ready = benchmark(lambda: view.ready(view.fit(images), "cpu"))
    assert (BATCH, 3, 224, 224) == tuple(ready.shape)


def test_loading_digits(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    artifact, shelf = dataset_of(DIGITS), Shelf(tmp_path)

    def absent() -> None:
        shelf.path(artifact).unlink(missing_ok=True)

    benchmark.pedantic(PRODUCERS.get("dataset"), args=(artifact, shelf, lambda _: None), setup=absent, rounds=5)
    assert 1797 == len(read_dataset(artifact, shelf).labels)


def test_reading_a_batch_of_stored_digits(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    artifact, shelf = dataset_of(DIGITS), Shelf(tmp_path)
    PRODUCERS.get("dataset")(artifact, shelf, lambda _: None)
    chosen = torch.arange(0, 1797, 1797 // BATCH)[:BATCH]
    pixels = benchmark(lambda: read_dataset(artifact, shelf).pixels[chosen].clone())
    assert BATCH == len(pixels)


def test_making_features(benchmark: BenchmarkFixture, features: tuple[Artifact, Shelf]) -> None:
    artifact, shelf = features

    def absent() -> None:
        shelf.path(artifact).unlink(missing_ok=True)

    benchmark.pedantic(PRODUCERS.get("features"), args=(artifact, shelf, lambda _: None), setup=absent, rounds=5)
    assert shelf.holds(artifact)


def test_taking_features_from_the_shelf(benchmark: BenchmarkFixture, features: tuple[Artifact, Shelf]) -> None:
    artifact, shelf = features
    PRODUCERS.get("features")(artifact, shelf, lambda _: None)
    chosen = torch.arange(BATCH)
    assert BATCH == len(benchmark(lambda: read_matrix(artifact, shelf)[chosen].clone()))


def test_asking_whether_a_cell_finds_what_it_needs(
    benchmark: BenchmarkFixture, features: tuple[Artifact, Shelf]
) -> None:
    artifact, shelf = features
    needs = [*in_order(artifact.needs)]
    assert benchmark(lambda: all(shelf.holds(item) for item in needs))

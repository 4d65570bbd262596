"""Initial weights: seeded, strict, and never downloaded."""

import hashlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

import pytest
import torch

from bench.declare.artifact import Shelf
from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture, Pretrained
from bench.declare.loading.discovery import load_catalogs
from bench.declare.preprocessing import Geometry, Preprocessing
from bench.errors import Unsupported
from bench.lazy import load
from bench.learning.data.images import Stored
from bench.learning.weights.preprocessing import forget_preprocessing, preprocessing_of
from bench.learning.weights.sources import Initial, Origin, fetch_weights, initial_model, random_model

load("torchvision.models")
from torchvision.models._api import Weights, WeightsEnum  # noqa: E402 - its operators must be repaired first
from torchvision.transforms import InterpolationMode  # noqa: E402
from torchvision.transforms._presets import ImageClassification  # noqa: E402


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    forget_preprocessing()


@pytest.fixture
def resnet() -> Architecture:
    load_catalogs()
    return ARCHITECTURES.get("resnet18")


@pytest.fixture
def lenet() -> Architecture:
    load_catalogs()
    return ARCHITECTURES.get("lenet5")


def started(architecture: Architecture, weights: str, folder: Path) -> Initial:
    pixels = torch.randint(0, 256, (6, 1, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    stored = Stored(pixels, torch.arange(6), torch.zeros(6, dtype=torch.int64), torch.arange(6))
    origin = Origin(architecture, weights, 0, preprocessing_of(architecture, weights))
    return initial_model(origin, stored, 10, Shelf(folder))


def test_random_weights_depend_on_the_seed_alone(lenet: Architecture) -> None:
    first = random_model(lenet, 10, seed=1)
    torch.rand(5)
    second = random_model(lenet, 10, seed=1)
    assert all(a.equal(b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_another_seed_draws_other_weights(lenet: Architecture) -> None:
    first, second = (next(random_model(lenet, 10, seed).parameters()) for seed in (1, 2))
    assert not first.equal(second)


def test_random_weights_are_given_the_targets_own_normalisation(lenet: Architecture, tmp_path: Path) -> None:
    initial = started(lenet, "random", tmp_path)
    assert 0.5 == pytest.approx(initial.normalisation.mean[0], abs=0.1)


def test_weights_that_an_architecture_does_not_have_are_unsupported(lenet: Architecture, tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="lenet5 has no weights 'imagenet-lite'"):
        started(lenet, "imagenet-lite", tmp_path)


def test_torchvision_has_no_weights_for_a_network_of_our_own(lenet: Architecture, tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="torchvision has no ImageNet weights for lenet5"):
        started(lenet, "imagenet", tmp_path)


def test_imagenet_weights_that_are_not_here_are_named_and_not_downloaded(
    resnet: Architecture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(Unsupported, match=r"resnet18-f37072fd\.pth': ask for them with --download"):
        started(resnet, "imagenet", tmp_path)


def publish(folder: Path, model: torch.nn.Module, **preset: object) -> WeightsEnum:
    """Weights as torchvision declares them, at the address of a file."""
    folder.mkdir()
    torch.save(model.state_dict(), folder / "draft.pth")
    digest = hashlib.sha256((folder / "draft.pth").read_bytes()).hexdigest()
    file = (folder / "draft.pth").rename(folder / f"tiny-{digest[:8]}.pth")
    weights = Weights(url=file.as_uri(), transforms=partial(ImageClassification, crop_size=32, **preset), meta={})
    published = WeightsEnum("published", {"DEFAULT": weights})
    return cast(WeightsEnum, published)


def test_weights_that_are_asked_for_are_fetched_and_then_used(
    resnet: Architecture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = resnet.build(1000)
    published = publish(tmp_path / "server", source)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("torchvision.models.get_model_weights", lambda _: published)
    file = fetch_weights(resnet)
    initial = started(resnet, "imagenet", tmp_path)
    equal = [a.equal(b) for a, b in zip(source.parameters(), initial.model.parameters(), strict=True)]
    assert (True, True) == (file is not None and file.is_file(), all(equal))


def test_imagenet_weights_bring_their_own_transform(
    resnet: Architecture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bicubic = InterpolationMode.BICUBIC
    published = publish(tmp_path / "server", resnet.build(1000), resize_size=36, interpolation=bicubic)
    monkeypatch.setattr("torchvision.models.get_model_weights", lambda _: published)
    assert Geometry(32, 36, "bicubic") == preprocessing_of(resnet, "imagenet").at(32)


def test_a_damaged_file_of_imagenet_weights_is_refused(
    resnet: Architecture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "resnet18-f37072fd.pth").write_bytes(b"half of it")
    with pytest.raises(ValueError, match="damaged"):
        started(resnet, "imagenet", tmp_path)


def shipped(lenet: Architecture, **changes: torch.Tensor) -> Architecture:
    """LeNet-5 with weights of a package, some of them changed."""
    state = {**lenet.build(1000).state_dict(), **changes}
    quarter = Preprocessing(mean=(0.25,), std=(0.25,))
    item = Pretrained(
        source="shipped", load=lambda: state, preprocessing=quarter, resolution=32, package="p", licence="l"
    )
    return replace(lenet, pretrained=(item,))


def test_weights_of_a_package_are_loaded_whole(lenet: Architecture, tmp_path: Path) -> None:
    bias = torch.full((6,), 7.0)
    initial = started(shipped(lenet, **{"c1.bias": bias}), "shipped", tmp_path)
    assert bias.equal(initial.model.get_parameter("c1.bias"))


def test_weights_of_a_package_bring_their_own_normalisation(lenet: Architecture, tmp_path: Path) -> None:
    assert (0.25,) == started(shipped(lenet), "shipped", tmp_path).normalisation.mean


def test_weights_that_do_not_fit_are_an_error(lenet: Architecture, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"state of 'shipped' for lenet5 does not fit: c1\.bias \(5, not 6\)"):
        started(shipped(lenet, **{"c1.bias": torch.zeros(5)}), "shipped", tmp_path)

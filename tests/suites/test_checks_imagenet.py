"""Errors on ImageNet, by a folder and a network that are none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
import torch
from PIL import Image

from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.errors import Unsupported
from bench.lazy import load
from bench.machine.device import set_precision
from suites.checks import imagenet
from suites.checks.imagenet import imagenet_error

load("torchvision.models")
from torchvision.models._api import Weights, WeightsEnum  # noqa: E402 - its operators must be repaired first
from torchvision.transforms._presets import ImageClassification  # noqa: E402

NAME = "squeezenet1_1"
BEST = (3, 7, 8, 9, 11)
"""Classes that the network takes every image for, the likeliest first."""


@pytest.fixture(autouse=True)
def no_memory() -> Iterator[None]:
    imagenet._counted.cache_clear()
    yield
    imagenet._counted.cache_clear()


@pytest.fixture
def images(tmp_path: Path) -> str:
    """Four images: one of the best class, one of the second best, two of others."""
    folder = tmp_path / "val"
    for i in range(1000):
        (folder / f"n{i:08d}").mkdir(parents=True)
    for label, colour in ((3, "red"), (7, "green"), (0, "blue"), (999, "white")):
        Image.new("RGB", (50, 40), colour).save(folder / f"n{label:08d}" / "image.png")
    return str(folder)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights in torch.hub's folder that know the classes `BEST` alone."""
    load_catalogs()
    model = ARCHITECTURES.get(NAME).build(1000)
    last = model.get_submodule("classifier.1")
    assert isinstance(last, torch.nn.Conv2d)
    assert last.bias is not None
    torch.nn.init.zeros_(last.weight)
    with torch.no_grad():
        for i, label in enumerate(BEST):
            last.bias[label] = 10 - i
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save(model.state_dict(), folder / "draft.pth")
    digest = hashlib.sha256((folder / "draft.pth").read_bytes()).hexdigest()
    file = (folder / "draft.pth").rename(folder / f"tiny-{digest[:8]}.pth")
    preset = partial(ImageClassification, crop_size=32, resize_size=36)
    kept = Weights(url=f"https://nowhere.invalid/{file.name}", transforms=preset, meta={})
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    published = WeightsEnum("Tiny", {"IMAGENET1K_V1": kept})
    monkeypatch.setattr("torchvision.models.get_model_weights", lambda _: published)


@pytest.mark.parametrize(("k", "error"), [(1, 75.0), (5, 50.0)])
@pytest.mark.parametrize("crops", [1, 10])
@pytest.mark.usefixtures("weights")
def test_the_error_is_the_share_of_images_whose_class_is_not_among_the_best(
    images: str, k: int, error: float, crops: int
) -> None:
    assert error == imagenet_error(architecture=NAME, k=k, crops=crops, path=images).value


@pytest.mark.usefixtures("weights")
def test_the_note_names_weights_and_protocol(images: str) -> None:
    found = imagenet_error(architecture=NAME, k=5, crops=10, path=images).note
    assert "top-5 of Tiny.IMAGENET1K_V1, 10 crops, on 4 images with the weights' transforms" == found


@pytest.mark.usefixtures("weights")
def test_a_folder_without_the_thousand_classes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "small" / "n00000000").mkdir(parents=True)
    with pytest.raises(ValueError, match="holds 1 folders, not one for each of 1000 classes"):
        imagenet_error(architecture=NAME, k=1, crops=1, path=str(tmp_path / "small"))


def test_weights_that_are_not_here_are_named_and_not_downloaded(
    images: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "empty"))
    with pytest.raises(Unsupported, match=r"SqueezeNet1_1_Weights\.IMAGENET1K_V1 are not at '.*\.pth'"):
        imagenet_error(architecture=NAME, k=1, crops=1, path=images)


def test_an_architecture_of_our_own_has_no_weights(images: str) -> None:
    load_catalogs()
    with pytest.raises(Unsupported, match="no ImageNet weights for lenet5"):
        imagenet_error(architecture="lenet5", k=1, crops=1, path=images)


@pytest.mark.usefixtures("weights")
def test_an_accuracy_is_what_the_error_leaves_of_a_hundred(images: str) -> None:
    assert 25.0 == imagenet_error(architecture=NAME, k=1, crops=1, path=images, accuracy=True).value


@pytest.mark.usefixtures("weights")
def test_an_image_that_cannot_be_read_is_named(images: str) -> None:
    file = Path(images) / "n00000003" / "broken.png"
    file.write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"'.*n00000003/broken\.png' is not an image that can be read"):
        imagenet_error(architecture=NAME, k=1, crops=1, path=images)


def test_ten_crops_are_four_corners_and_the_centre_and_their_mirror_images() -> None:
    image = Image.new("RGB", (16, 16))
    image.putpixel((15, 0), (255, 255, 255))
    content = BytesIO()
    image.save(content, "PNG")
    cut = imagenet._reader(ImageClassification(crop_size=8, resize_size=16), 10)(content.getvalue()).pixels
    # the picture's upper right corner is the upper left one of its mirror image
    assert [1, 5] == [i for i, view in enumerate(cut) if view.max() > 1]


@pytest.mark.usefixtures("weights")
def test_the_note_tells_the_arithmetic_of_a_gpu(images: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_precision()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.nn.Module, "to", lambda module, device: module)
    monkeypatch.setattr(torch.Tensor, "to", lambda tensor, device: tensor)
    found = imagenet_error(architecture=NAME, k=5, crops=1, path=images).note
    assert "top-5 of Tiny.IMAGENET1K_V1 in fp32 on CUDA, 1 crop, on 4 images with the weights' transforms" == found

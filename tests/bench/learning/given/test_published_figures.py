"""Which published figure stands for given weights, and for which pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.lazy import load
from bench.learning.given.published import PublishedAccuracy, of_torchvision, pictures_of, published_of


@pytest.fixture(autouse=True)
def catalogs() -> None:
    load_catalogs()


def names(count: int) -> list[Path]:
    return [Path(f"val/ILSVRC2012_val_{i:08d}.JPEG") for i in range(1, count + 1)]


def test_torchvision_tells_the_accuracy_of_each_of_its_weights() -> None:
    weights = load("torchvision.models").ResNet50_Weights.IMAGENET1K_V2
    expected = PublishedAccuracy(0.80858, 0.95434, "torchvision ResNet50_Weights.IMAGENET1K_V2", 224)
    found = of_torchvision(weights)
    assert found is not None
    assert (expected.by, expected.resolution) == (found.by, found.resolution)
    assert pytest.approx((expected.top1, expected.top5)) == (found.top1, found.top5)


def test_weights_of_a_package_have_what_the_declaration_publishes() -> None:
    found = published_of(ARCHITECTURES.get("efficientnet_lite0"), "imagenet-lite")
    assert found is not None
    assert (0.751, None, 224) == (round(found.top1, 6), found.top5, found.resolution)


def test_of_a_file_nothing_is_published() -> None:
    assert published_of(ARCHITECTURES.get("resnet18"), "file:some.pt") is None


def test_all_pictures_of_ilsvrc_are_known_by_their_names() -> None:
    assert "ILSVRC's validation set" == pictures_of(names(50_000), range(1000))


def test_a_random_part_is_told_as_one() -> None:
    expected = "500 of the 50000 pictures of ILSVRC's validation set"
    assert expected == pictures_of(names(500), range(380))


def test_chosen_classes_are_another_test() -> None:
    assert "" == pictures_of(names(500), range(10))


def test_pictures_of_other_names_are_other_pictures() -> None:
    assert "" == pictures_of([*names(999), Path("cat.jpg")], range(1000))


def test_a_picture_that_is_there_twice_is_no_part_of_the_set() -> None:
    assert "" == pictures_of([*names(999), Path("more/ILSVRC2012_val_00000001.JPEG")], range(1000))

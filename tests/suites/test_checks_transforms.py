"""What torchvision's transforms take, return and do."""

from __future__ import annotations

import pytest

from suites.checks import imagenet_labels, transforms


@pytest.mark.parametrize(
    ("transform", "shown", "text"),
    [
        ("Resize", 2, "Resize(size[, interpolation, ...])"),
        ("Resize", 4, "Resize(size[, interpolation, max_size, antialias])"),
        ("RandomVerticalFlip", 1, "RandomVerticalFlip([p])"),
        ("ToTensor", 0, "ToTensor()"),
    ],
)
def test_a_signature_is_written_as_the_documentation_lists_it(transform: str, shown: int, text: str) -> None:
    assert text == transforms.documented_signature(transform=transform, shown=shown).value


@pytest.mark.parametrize(
    ("transform", "kinds"),
    [
        ("RandomVerticalFlip", "PIL image, tensor"),
        ("ToTensor", "PIL image, ndarray"),
        ("ToPILImage", "ndarray, tensor"),
        ("PILToTensor", "PIL image"),
        ("RandomErasing", "tensor"),
    ],
)
def test_a_transform_takes_the_kinds_that_it_runs_on(transform: str, kinds: str) -> None:
    assert kinds == transforms.accepted_inputs(transform=transform, arguments={}).value


@pytest.mark.parametrize(
    ("tried", "kind", "expected"),
    [
        (["RandomVerticalFlip", "PILToTensor"], "PIL image", True),
        (["RandomVerticalFlip", "PILToTensor"], "tensor", False),
        (["RandomErasing"], "tensor", True),
    ],
)
def test_some_transforms_take_one_kind_only(tried: list[str], kind: str, expected: bool) -> None:
    assert expected is transforms.only_input(transforms_tried=tried, arguments={}, kind=kind).value


@pytest.mark.parametrize(
    ("transform", "given", "kind"), [("ToPILImage", "ndarray", "PIL image"), ("ToTensor", "PIL image", "tensor")]
)
def test_conversions_return_another_kind(transform: str, given: str, kind: str) -> None:
    assert kind == transforms.output_kind(transform=transform, given=given).value


@pytest.mark.parametrize(("transform", "expected"), [("PILToTensor", True), ("ToTensor", False)])
def test_only_one_conversion_keeps_bytes(transform: str, expected: bool) -> None:
    assert expected is transforms.keeps_type(transform=transform).value


def test_resize_with_both_sides_gives_all_pictures_one_size() -> None:
    assert transforms.resizes_to(size=[4, 6], sides=[[9, 9], [2, 30]]).value


def test_resize_with_one_side_does_not() -> None:
    assert not transforms.resizes_to(size=[4], sides=[[9, 9], [2, 30]]).value


@pytest.mark.parametrize(("axis", "expected"), [("rows", True), ("columns", False)])
def test_a_vertical_flip_mirrors_rows(axis: str, expected: bool) -> None:
    assert expected is transforms.flips(transform="RandomVerticalFlip", axis=axis).value


@pytest.mark.parametrize("p", [0.0, 0.5, 1.0])
def test_a_flip_happens_as_often_as_its_probability_says(p: float) -> None:
    found = transforms.flip_frequency(transform="RandomHorizontalFlip", p=p, draws=2000).value
    assert pytest.approx(p, abs=0.04) == found


def test_rotations_fill_their_range() -> None:
    assert [-5, 20] == transforms.rotation_range(degrees=[-5, 20]).value


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_picture_is_turned_by_the_angle(angle: int) -> None:
    assert transforms.rotates(angle=angle).value


def test_a_technique_that_leaves_the_picture_alone_is_not_there() -> None:
    classes = {"flip": ["RandomHorizontalFlip", 1.0], "nothing": ["RandomHorizontalFlip", 0.0]}
    assert "flip" == transforms.augmentations(classes=classes).value


def test_one_draw_is_no_larger_data_set() -> None:
    assert not transforms.distinct_pictures(draws=1).value
    assert transforms.distinct_pictures(draws=9).value


def test_a_picture_can_be_drawn_after_the_transposition() -> None:
    assert transforms.drawable(mode="RGB", size=[9, 7]).value


def test_parameters_of_a_data_set_are_those_of_its_class() -> None:
    assert "root, train" == transforms.dataset_parameters(dataset="MNIST", names=["root", "fold", "train"]).value


def test_imagenet_has_a_thousand_categories() -> None:
    assert 1000 == imagenet_labels.imagenet_categories().value

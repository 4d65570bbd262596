"""What is measured of ResNeXt's paths, its blocks and its cost beside ResNet."""

from __future__ import annotations

import pytest

import suites.architectures  # noqa: F401  # declares
from suites.checks.resnext import (
    aggregation,
    cardinality,
    cardinality_and_width,
    compared,
    complexity_is_kept,
    embedding_is,
    first_block_weights,
    parameters_without,
    path_topologies,
)


@pytest.mark.parametrize(("name", "template"), [("resnext50_32x4d", "32x4d"), ("resnext101_64x4d", "64x4d")])
def test_the_template_of_a_network_is_read_from_its_convolutions(name: str, template: str) -> None:
    assert template == cardinality_and_width(architecture=name).value


@pytest.mark.parametrize(("name", "paths"), [("resnet50", 1), ("resnext50_32x4d", 32)])
def test_cardinality_is_the_number_of_groups(name: str, paths: int) -> None:
    assert paths == cardinality(architecture=name).value


def test_the_paths_of_the_published_block_are_of_one_kind() -> None:
    assert 1 == path_topologies(architecture="block_resnext_split").value


@pytest.mark.parametrize(
    ("options", "word"),
    [("32,bottleneck_width=4", "lower-dimensional"), ("1,bottleneck_width=256", "equal-dimensional")],
)
def test_an_embedding_is_compared_with_the_input_of_its_block(options: str, word: str) -> None:
    assert word == embedding_is(architecture=f"block_resnext:cardinality={options}").value


@pytest.mark.parametrize("options", ["cardinality=2,bottleneck_width=40", "cardinality=32,bottleneck_width=4"])
def test_paths_computed_one_by_one_add_up_to_the_grouped_block(options: str) -> None:
    assert "summation" == aggregation(architecture=f"block_resnext:{options},norm=false").value


@pytest.mark.parametrize(
    ("what", "word"), [("parameters", "fewer"), ("multiply-adds", "more"), ("weight layers", "as many")]
)
def test_resnext50_beside_resnet50(what: str, word: str) -> None:
    assert word == compared(what=what, architecture="resnext50_32x4d", than="resnet50").value


@pytest.mark.parametrize(("within", "word"), [(0.03, "about as many"), (0.02, "fewer")])
def test_a_small_difference_is_none_to_speak_of(within: float, word: str) -> None:
    two = {"architecture": "resnext50_32x4d", "than": "resnet50"}
    assert word == compared(what="parameters", **two, within=within).value


def test_paths_written_out_are_counted_one_by_one() -> None:
    found = compared(what="convolutions", architecture="block_resnext_split", than="block_bottleneck")
    assert "96 convolutions in block_resnext_split, 3 in block_bottleneck" == found.note


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="'beauty' cannot be compared"):
        compared(what="beauty", architecture="resnet50", than="resnet50")


def test_complexity_is_kept_up_to_the_share_that_is_given() -> None:
    names = ["resnet50", "resnext50_32x4d"]  # 3.5 % more multiply-adds
    assert [True, False] == [complexity_is_kept(architectures=names, within=share).value for share in (0.04, 0.03)]


@pytest.mark.parametrize(
    ("name", "stage", "weights"),
    [
        ("resnet50", 4, 512 * 256 + 256 * 9 * 256 + 256 * 1024),
        ("resnext50_32x4d", 4, 512 * 512 + 512 * 9 * 16 + 512 * 1024),
        ("resnext50_32x4d", 5, 1024 * 1024 + 1024 * 9 * 32 + 1024 * 2048),
    ],
)
def test_weights_of_a_first_block_follow_from_its_sizes(name: str, stage: int, weights: int) -> None:
    assert weights == first_block_weights(architecture=name, stage=stage).value


def test_a_projection_of_the_shortcut_counts_when_asked_for() -> None:
    with_it, without = (
        first_block_weights(architecture="resnet50", stage=4, shortcut=s).value for s in (True, False)
    )
    assert isinstance(with_it, int)
    assert isinstance(without, int)
    assert 512 * 1024 == with_it - without


def test_parameters_of_one_class_of_modules_can_be_left_out() -> None:
    assert 25_557_032 - 53_120 == parameters_without(architecture="resnet50", kind="BatchNorm2d").value

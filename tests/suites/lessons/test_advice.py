"""The lessons on when and how to fine-tune: what they compare, and what they lack."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from bench.cell import Learning
from bench.data.place import DataPlace, settle
from bench.declare.catalog import DATASETS
from bench.declare.declarations import Setting
from bench.declare.learning_axes import LearningAxes
from bench.declare.loading.discovery import load_catalogs
from bench.transfer import transfer_of
from evobench import Arm, Hypothesis, Missing
from suites.lessons.advice import (
    advice_large_different,
    advice_large_similar,
    advice_small_different,
    advice_small_similar,
)
from suites.lessons.features import generic_features

Asks = Callable[[Setting], Iterable[Hypothesis | Missing]]
NEEDS_IMAGES = pytest.mark.parametrize("asks", [advice_small_similar, advice_large_similar, generic_features])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterable[Path]:
    """Where downloaded data would lie: nothing does."""
    load_catalogs()
    settle(DataPlace(tmp_path))
    yield tmp_path
    settle(None)


def setting(*targets: str) -> Setting:
    return Setting("default", "cpu", 2, learning=LearningAxes(target=targets))


def hypotheses(asks: Asks, *targets: str) -> list[Hypothesis]:
    return [item for item in asks(setting(*targets)) if isinstance(item, Hypothesis)]


def where(arm: Arm) -> Learning:
    scenario = arm.planned.cell.scenario
    assert isinstance(scenario, Learning)
    return scenario


def targets_of(asks: Asks, *targets: str) -> set[str]:
    from_imagenet = [
        where(arm)
        for item in hypotheses(asks, *targets)
        for arm in item.arms
        if where(arm).weights == "imagenet-lite"
    ]
    return {scenario.target for scenario in from_imagenet}


@NEEDS_IMAGES
def test_without_images_like_imagenets_it_says_so_and_tests_the_rest(asks: Asks) -> None:
    (missing,) = [item for item in asks(setting()) if isinstance(item, Missing)]
    assert missing.reason.startswith("no such data here: ")
    assert hypotheses(asks)


@NEEDS_IMAGES
def test_the_users_images_are_what_is_like_imagenet(asks: Asks) -> None:
    assert not [item for item in asks(setting("textures")) if isinstance(item, Missing)]
    assert "textures" in targets_of(asks, "textures")


@NEEDS_IMAGES
def test_without_them_a_data_set_of_torchvision_is_that_lies_in_the_data_folder(asks: Asks, folder: Path) -> None:
    for name in DATASETS.get("stl10").files:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    assert "stl10" in targets_of(asks)


@pytest.mark.parametrize("asks", [advice_large_similar, advice_large_different])
def test_large_is_hundreds_of_a_class(asks: Asks) -> None:
    shots = {where(arm).shots for item in hypotheses(asks, "textures") for arm in item.arms if not arm.figure}
    assert {200} == shots


@pytest.mark.parametrize("asks", [advice_small_similar, advice_small_different])
def test_small_is_a_handful_of_a_class(asks: Asks) -> None:
    assert {3} == {where(arm).shots for item in hypotheses(asks, "textures") for arm in item.arms}


def test_a_linear_classifier_is_expected_to_beat_fine_tuning_on_what_is_small_and_similar() -> None:
    (item,) = hypotheses(advice_small_similar)
    assert ["finetune:all", "features+softmax", "finetune:all", "features+svm"] == [
        where(a).mode for a in item.arms
    ]
    assert "more" == item.expected


def test_over_fitting_is_compared_between_few_and_many() -> None:
    _, item = hypotheses(advice_large_similar)
    assert [(3, "gap"), (200, "gap")] == [(where(arm).shots, arm.figure) for arm in item.arms]
    assert "less" == item.expected


def test_an_earlier_stage_is_read_where_the_target_is_small_and_different() -> None:
    treated = {where(item.arms[1]).mode for item in hypotheses(advice_small_different)}
    assert ["features.5"] == [transfer_of(mode).stage for mode in treated]


def test_what_is_initialised_stands_against_scratch_alone_on_what_is_large_and_different() -> None:
    (item,) = hypotheses(advice_large_different)
    found = [(where(arm).weights, where(arm).mode) for arm in item.arms]
    assert [("random", "scratch"), ("imagenet-lite", "finetune:all")] == found

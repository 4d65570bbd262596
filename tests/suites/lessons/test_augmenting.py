"""The lessons on augmentation: what they compare."""

from __future__ import annotations

import pytest

from bench.cell import Learning
from bench.declare.declarations import Profile, Setting
from bench.declare.loading.discovery import load_catalogs
from evobench import Arm, Hypothesis
from suites.lessons.augmenting import augmentation, exercise_1

EVERY = pytest.mark.parametrize("profile", ["smoke", "default", "full"])


@pytest.fixture(autouse=True)
def _declared() -> None:
    load_catalogs()


def setting(profile: Profile = "default") -> Setting:
    return Setting(profile, "cpu", 2)


def where(arm: Arm) -> Learning:
    scenario = arm.planned.cell.scenario
    assert isinstance(scenario, Learning)
    return scenario


def sides(item: Hypothesis) -> list[tuple[Arm, Arm]]:
    return list(zip(item.arms[::2], item.arms[1::2], strict=True))


@EVERY
def test_two_sides_differ_in_their_augmentation_alone(profile: Profile) -> None:
    few, less, _ = augmentation(setting(profile))
    for item in (few, less, *exercise_1(setting(profile))):
        for base, treated in sides(item):
            assert {"augmentation"} == {
                name for name, value in vars(where(base)).items() if vars(where(treated))[name] != value
            }


def test_augmentation_is_tried_on_two_networks_and_two_data_sets() -> None:
    few, *_ = augmentation(setting())
    found = {(arm.planned.cell.architecture, where(arm).target) for arm in few.arms}
    names = "lecture_cnn", "resnet18_a:width=16"
    assert {(name, target) for name in names for target in ("mnist5k", "textures")} == found


def test_over_fitting_is_followed_from_2_images_to_hundreds() -> None:
    *_, gap = augmentation(setting())
    assert [(2, "gap"), (10, "gap"), (50, "gap"), (200, "gap")] == [(where(a).shots, a.figure) for a in gap.arms]


@EVERY
def test_no_digit_is_mirrored_where_an_augmentation_is_to_help(profile: Profile) -> None:
    helps, *_ = exercise_1(setting(profile))
    found = {where(treated).augmentation for _, treated in sides(helps)}
    assert {"rotation", "scale", "crop", "translation", "noise"} == found


def test_flips_are_expected_to_harm() -> None:
    _, flips, _ = exercise_1(setting())
    assert "less" == flips.expected
    assert {"hflip", "vflip"} == {where(treated).augmentation for _, treated in sides(flips)}


def test_the_exercise_is_done_by_number_of_images() -> None:
    shots = {where(arm).shots for item in exercise_1(setting("full")) for arm in item.arms}
    assert {2, 10, 50} == shots

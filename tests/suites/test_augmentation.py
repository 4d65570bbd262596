"""The suites of augmentation and of the lecture's exercise: what they plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from bench.cell import Learning
from bench.declare.catalog import ARCHITECTURES, DATASETS, MEASURES
from bench.declare.declarations import Planned, Profile, Setting
from bench.declare.loading.discovery import load_catalogs
from bench.learning.data.augment import AUGMENTATIONS
from suites.augmentation import POPULAR, augmentation_rates, augmentations
from suites.digits import digits

Suite = Callable[[Setting], Iterable[Planned]]
PROFILES: tuple[Profile, ...] = ("smoke", "default", "full")
EVERY = pytest.mark.parametrize("profile", PROFILES)
TRAININGS = pytest.mark.parametrize("suite", [augmentations, digits])
SUITES = pytest.mark.parametrize("suite", [augmentation_rates, augmentations, digits])


@pytest.fixture(autouse=True)
def _declared() -> None:
    load_catalogs()


def scenarios(suite: Suite, profile: Profile) -> list[tuple[str, Learning]]:
    cells = [planned.cell for planned in suite(Setting(profile, "cpu", 2))]
    return [(cell.architecture, cell.scenario) for cell in cells if isinstance(cell.scenario, Learning)]


@SUITES
@EVERY
def test_no_cell_is_planned_twice(suite: Suite, profile: Profile) -> None:
    keys = [p.cell.key for p in suite(Setting(profile, "cpu", 2))]
    assert len(set(keys)) == len(keys)


@SUITES
@EVERY
def test_every_cell_knows_what_it_is_made_from(suite: Suite, profile: Profile) -> None:
    cells = [planned.cell for planned in suite(Setting(profile, "cpu", 2))]
    assert all(MEASURES.get(cell.measure).artifacts(cell) for cell in cells if isinstance(cell.scenario, Learning))


@TRAININGS
@EVERY
def test_every_augmented_training_has_its_partner_without(suite: Suite, profile: Profile) -> None:
    found = scenarios(suite, profile)
    alone = [item for item in found if (item[0], replace(item[1], augmentation="none")) not in found]
    assert [] == alone


@TRAININGS
@EVERY
def test_no_image_is_too_small_for_its_network(suite: Suite, profile: Profile) -> None:
    found = scenarios(suite, profile)
    assert [] == [name for name, s in found if s.resolution < ARCHITECTURES.get(name).min_resolution]


@pytest.mark.parametrize("architecture", ["lenet5", "lecture_cnn", "efficientnet_lite0"])
def test_in_full_every_popular_augmentation_stands_alone(architecture: str) -> None:
    names = {s.augmentation for name, s in scenarios(augmentations, "full") if name == architecture}
    assert {*POPULAR, "none"} <= names


def test_rates_are_measured_of_every_augmentation_in_both_pipelines() -> None:
    found = {(s.augmentation, s.pipeline) for _, s in scenarios(augmentation_rates, "default")}
    both = {(name, pipeline) for name in AUGMENTATIONS.names() for pipeline in ("tensor", "pil")}
    assert both - {("none", "pil")} == found


def test_rates_come_from_three_processes() -> None:
    assert {3} == {p.replicates for p in augmentation_rates(Setting("default", "cpu", 2))}


@EVERY
def test_the_exercise_learns_mnist_with_several_numbers_of_images(profile: Profile) -> None:
    found = scenarios(digits, profile)
    assert {"mnist5k"} == {s.target for _, s in found}
    assert len({s.shots for _, s in found}) > 1


def test_the_exercise_in_full_tries_five_numbers_of_images() -> None:
    assert {2, 5, 10, 20, 50} == {s.shots for _, s in scenarios(digits, "full")}


def test_the_target_of_the_exercise_is_warned_of_where_it_is_mirrored() -> None:
    assert DATASETS.get("mnist5k").oriented

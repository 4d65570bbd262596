"""The suite `transfer`: what it plans."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

import pytest

from bench.cell import Learning
from bench.compare.experiments import contrasts
from bench.declare.catalog import ARCHITECTURES, MEASURES
from bench.declare.declarations import Planned, Profile, Setting
from bench.declare.learning_axes import LearningAxes
from bench.declare.loading.discovery import load_catalogs
from bench.learning.surgery import module_at
from bench.network.building import build_untouched
from bench.transfer import transfer_of
from suites.transfer import transfer

PROFILES: tuple[Profile, ...] = ("smoke", "default", "full")
GRID = ("lecture_cnn", "lenet5", "resnet18", "efficientnet_lite0")


@pytest.fixture(autouse=True)
def _declared() -> None:
    load_catalogs()


def planned(profile: Profile = "default", chosen: tuple[str, ...] = ()) -> list[Planned]:
    return list(transfer(Setting(profile, "cpu", 2, chosen)))


def scenarios(cells: Iterable[Planned], architecture: str) -> list[Learning]:
    found = [p.cell.scenario for p in cells if p.cell.architecture == architecture]
    return [scenario for scenario in found if isinstance(scenario, Learning)]


def arms(cells: Iterable[Planned]) -> dict[tuple[str, Learning], set[int]]:
    """The seeds of each training: its architecture, and its scenario as that of seed 0."""
    found: dict[tuple[str, Learning], set[int]] = defaultdict(set)
    for item in cells:
        if isinstance(scenario := item.cell.scenario, Learning):
            found[item.cell.architecture, replace(scenario, seed=0, fold=0)].add(scenario.seed)
    return found


def test_the_smoke_profile_trains_one_seed_of_few_scenarios() -> None:
    assert [{0}] * 9 == list(arms(planned("smoke")).values())
    assert not any(p.open for p in planned("smoke"))


def test_what_is_compared_by_default_has_open_seeds_of_which_one_is_planned() -> None:
    compared = [p for p in planned() if isinstance(s := p.cell.scenario, Learning) and not is_control(s)]
    assert {True} == {p.open for p in compared}
    assert {frozenset({0})} == set(map(frozenset, arms(compared).values()))


def test_at_least_thirty_comparisons_are_named_and_eight_of_each_question() -> None:
    number = contrasts.table_sizes(contrasts.contrasts(p.cell for p in planned()))
    assert {"augmentation": 12, "pretraining": 11, "tuning": 13, "strategy": 4} == number


def test_comparisons_are_named_over_four_networks_and_two_data_sets() -> None:
    found = contrasts.contrasts(p.cell for p in planned())
    assert set(GRID) == {contrast.base.architecture for contrast in found}
    targets = {s.target for contrast in found if isinstance(s := contrast.base.scenario, Learning)}
    assert {"uci-digits", "textures"} == targets


def test_both_sides_of_each_comparison_are_open_by_default() -> None:
    is_open = {p.cell.arm: p.open for p in planned() if isinstance(p.cell.scenario, Learning)}
    assert all(is_open[arm] for found in contrasts.contrasts(is_open) for arm in (found.base, found.treated))


def test_what_costs_is_never_open() -> None:
    assert not any(p.open for p in planned() if not isinstance(p.cell.scenario, Learning))


def is_control(scenario: Learning) -> bool:
    return scenario.weights == "random" and transfer_of(scenario.mode).frozen


def test_fixed_random_features_are_no_open_comparison() -> None:
    controls = [p for p in planned() if isinstance(s := p.cell.scenario, Learning) and is_control(s)]
    assert {False} == {p.open for p in controls}


def test_networks_at_the_size_of_published_weights_have_fixed_seeds() -> None:
    large = [p for p in planned("full") if p.cell.measure == "top1" and p.cell.scenario.resolution == 224]
    assert {False} == {p.open for p in large}


def test_all_seeds_begin_with_the_first_one() -> None:
    setting = Setting("default", "cpu", 2, learning=LearningAxes(first_seed=100))
    later = {arm: {seed - 100 for seed in seeds} for arm, seeds in arms(transfer(setting)).items()}
    assert arms(planned()) == later


@pytest.mark.parametrize("profile", PROFILES)
def test_no_cell_is_planned_twice(profile: Profile) -> None:
    keys = [p.cell.key for p in planned(profile)]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_cell_knows_what_it_is_made_from(profile: Profile) -> None:
    trainings = [p.cell for p in planned(profile) if isinstance(p.cell.scenario, Learning)]
    assert all(MEASURES.get(cell.measure).artifacts(cell) for cell in trainings)


@pytest.mark.parametrize("profile", PROFILES)
def test_no_image_is_too_small_for_its_network(profile: Profile) -> None:
    small = [
        p.cell
        for p in planned(profile)
        if isinstance(p.cell.scenario, Learning)
        and p.cell.scenario.resolution < ARCHITECTURES.get(p.cell.architecture).min_resolution
    ]
    assert [] == small


@pytest.mark.parametrize("architecture", GRID)
def test_each_network_has_the_lectures_three_scenarios(architecture: str) -> None:
    modes = {s.mode for s in scenarios(planned(), architecture)}
    assert {"scratch", "features+softmax", "finetune:all"} <= modes


@pytest.mark.parametrize("architecture", ["lecture_cnn", "lenet5"])
def test_small_networks_are_trained_on_a_target_like_their_source_and_on_one_unlike_it(architecture: str) -> None:
    targets = {s.target for s in scenarios(planned(), architecture) if s.weights == "pretrain:mnist5k"}
    assert {"uci-digits", "textures"} == targets


def test_heads_on_reestimated_batchnorm_and_on_an_earlier_stage_stand_beside_the_plain_ones() -> None:
    modes = {s.mode for s in scenarios(planned(), "resnet18")}
    assert {"features+softmax", "features-bn+softmax", "features@layer3+softmax"} <= modes


def test_the_lectures_recipe_is_compared_with_the_harnesss_on_the_same_seeds() -> None:
    tuned = [s for s in scenarios(planned(), "lecture_cnn") if s.mode == "finetune:all"]
    some = [s for s in tuned if (s.augmentation, s.target) == ("none", "uci-digits")]
    seeds = {recipe: {s.seed for s in some if s.recipe == recipe} for recipe in ("lecture", "harness")}
    assert (1, seeds["harness"]) == (len(seeds["lecture"]), seeds["lecture"])


def test_the_lectures_recipe_is_as_printed() -> None:
    printed = next(s for s in scenarios(planned(), "lecture_cnn") if s.recipe == "lecture")
    assert printed.shots is not None
    assert (1e-3, 4, 25) == (printed.lr, printed.batch, printed.steps * printed.batch // (printed.shots * 10))


def test_heads_are_cross_validated_on_all_images() -> None:
    some = [s for s in scenarios(planned("full"), "lenet5") if s.folds and s.mode == "features+softmax"]
    assert [(fold, 5, None) for fold in range(5)] == [(s.fold, s.folds, s.shots) for s in some]


AUGMENTED = (
    *((name, "features+softmax") for name in ("lecture_cnn", "lenet5", "efficientnet_lite0")),
    *((name, "finetune:all") for name in ("lecture_cnn", "lenet5")),
)


@pytest.mark.parametrize(("architecture", "mode"), AUGMENTED)
def test_augmentation_is_compared_on_the_same_seeds(architecture: str, mode: str) -> None:
    some = [s for s in scenarios(planned(), architecture) if s.mode == mode and s.weights != "random"]
    some = [s for s in some if s.recipe == "harness" and not s.folds]
    seeds = {a: {s.seed for s in some if s.augmentation == a} for a in {s.augmentation for s in some}}
    assert len(seeds) >= 2
    assert 1 == len({frozenset(found) for found in seeds.values()})
    assert {0} == seeds["none"]


@pytest.mark.parametrize("architecture", ["lecture_cnn", "efficientnet_lite0"])
def test_random_features_are_the_control(architecture: str) -> None:
    controls = [s for s in scenarios(planned(), architecture) if s.weights == "random" and s.mode != "scratch"]
    assert {"features+softmax"} == {s.mode for s in controls}


def test_one_checkpoint_serves_every_scenario_of_an_architecture() -> None:
    checkpoints = [
        (p.cell.architecture, artifact.key)
        for p in planned()
        for artifact in MEASURES.get(p.cell.measure).artifacts(p.cell)
        if artifact.kind == "checkpoint"
    ]
    assert len({name for name, _ in checkpoints}) == len(set(checkpoints))


def test_the_full_profile_takes_torchvisions_weights_at_their_size() -> None:
    weights = {(s.weights, s.resolution) for s in scenarios(planned("full"), "resnet50")}
    assert {("imagenet", 224), ("random", 224)} == weights


def test_the_full_profile_has_every_kind_of_transfer_from_imagenet() -> None:
    modes = {s.mode for s in scenarios(planned("full"), "resnet50") if s.weights == "imagenet"}
    stages = {"finetune:layer3", "features@layer3+softmax", "features@layer3+svm", "features-bn+softmax"}
    assert stages | {"features+softmax", "features+svm", "finetune:all", "finetune:upper"} == modes


@pytest.mark.parametrize("profile", PROFILES)
def test_every_stage_that_a_table_names_is_there(profile: Profile) -> None:
    named = {
        (p.cell.architecture, transfer_of(p.cell.scenario.mode).stage)
        for p in planned(profile)
        if isinstance(p.cell.scenario, Learning)
    }
    for name, stage in sorted(named):
        if stage not in ("", "all", "upper"):
            item = ARCHITECTURES.get(name)
            module_at(build_untouched(item.build, 10), stage, item)


def test_an_architecture_that_the_user_names_is_measured() -> None:
    assert scenarios(planned(chosen=("vgg11_reduced",)), "vgg11_reduced")


def test_a_listed_architecture_that_the_user_names_is_measured_as_listed() -> None:
    assert len(planned()) == len(planned(chosen=("resnet18",)))


def test_device_and_threads_are_the_settings() -> None:
    setting = Setting("smoke", "cuda", 7, learning_threads=3)
    cells = [p.cell for p in transfer(setting) if p.cell.measure not in ("parameters", "macs")]
    found = {(cell.scenario.kind, cell.scenario.device, cell.scenario.threads) for cell in cells}
    assert {("cost", "cuda", 7), ("learning", "cuda", 3)} == found


def test_the_tables_are_learned_in_each_precision_that_is_given() -> None:
    usual = [s for p in planned("smoke") if isinstance(s := p.cell.scenario, Learning)]
    given = Setting("smoke", "cpu", 2, learning=LearningAxes(precision=("fp32", "bf16")))
    found = [s for p in transfer(given) if isinstance(s := p.cell.scenario, Learning)]
    assert {"fp32": len(usual), "bf16": len(usual)} == Counter(scenario.precision for scenario in found)

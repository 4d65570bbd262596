"""The suite `transfer` under the user's conditions: every sensible combination, and no other."""

from __future__ import annotations

from typing import Any

import pytest

from bench.cell import Cell, Learning
from bench.declare.catalog import MEASURES, SUITES
from bench.declare.declarations import Setting
from bench.declare.learning_axes import LearningAxes
from bench.declare.loading.discovery import load_catalogs
from bench.errors import UsageError
from bench.learning.recipes import RECIPES


@pytest.fixture(autouse=True)
def _declared() -> None:
    load_catalogs()


def cells(*chosen: str, families: tuple[str, ...] = (), **axes: Any) -> list[Cell]:
    setting = Setting("default", "cpu", 2, chosen, families, LearningAxes(**axes))
    return [planned.cell for planned in SUITES.get("transfer").cells(setting)]


def scenarios(*chosen: str, **axes: Any) -> list[Learning]:
    return [cell.scenario for cell in cells(*chosen, **axes) if isinstance(cell.scenario, Learning)]


def starts(*chosen: str, **axes: Any) -> set[tuple[str, str]]:
    return {(s.weights, s.mode) for s in scenarios(*chosen, **axes)}


TRANSFER = ("features+softmax", "features+svm", "finetune:all", "finetune:upper")


def test_what_an_engineer_types_is_planned_in_full() -> None:
    found = cells(
        "resnet50",
        "efficientnet_b0",
        weights=("imagenet",),
        target=("textures",),
        mode=("features+softmax", "finetune:all"),
        folds=5,
    )
    combinations = {
        (c.architecture, c.scenario.mode, c.scenario.fold) for c in found if isinstance(c.scenario, Learning)
    }
    trainings = [cell for cell in found if isinstance(cell.scenario, Learning)]
    assert (2 * 2 * 5, 2 * 2 * 5) == (len(trainings), len(combinations))


def test_each_combination_of_values_is_a_cell() -> None:
    found = scenarios("lenet5", mode=("scratch",), augmentation=("none", "digits"), shots=(5, 0), seeds=2)
    assert 2 * 2 * 2 == len({(s.augmentation, s.shots, s.seed) for s in found})


def test_no_cell_is_planned_twice() -> None:
    modes = ("features+svm", "finetune:all")
    found = cells("lenet5", mode=modes, recipe=("harness", "lecture"), pipeline=("tensor", "pil"), batch=(4, 8))
    assert len(found) == len({cell.key for cell in found})


def test_every_cell_knows_what_it_is_made_from() -> None:
    found = cells("resnet18", weights=("random", "imagenet"), mode=(*TRANSFER, "scratch"), folds=2)
    assert all(MEASURES.get(cell.measure).artifacts(cell) for cell in found if isinstance(cell.scenario, Learning))


class TestStarts:
    def test_scratch_is_planned_with_random_weights_alone(self) -> None:
        expected = {("random", "scratch"), ("imagenet", "finetune:all")}
        assert expected == starts("resnet18", weights=("imagenet",), mode=("scratch", "finetune:all"))

    def test_weights_alone_are_transferred_in_every_way(self) -> None:
        assert {("imagenet", mode) for mode in TRANSFER} == starts("resnet18", weights=("imagenet",))

    def test_random_weights_alone_are_trained_from_scratch(self) -> None:
        assert {("random", "scratch")} == starts("resnet18", weights=("random",))

    def test_random_weights_are_frozen_where_both_words_are_given(self) -> None:
        assert {("random", "features+svm")} == starts("resnet18", weights=("random",), mode=("features+svm",))

    def test_without_weights_those_that_a_package_ships_are_taken(self) -> None:
        expected = {("imagenet-lite", "finetune:all")}
        assert expected == starts("efficientnet_lite0", mode=("finetune:all",))

    def test_a_combination_that_cannot_be_is_planned_so_that_its_record_says_why(self) -> None:
        assert {("imagenet", "finetune:all")} == starts("lenet5", weights=("imagenet",), mode=("finetune:all",))


class TestArchitectures:
    @pytest.mark.parametrize(
        ("weights", "names"),
        [
            ((), {"lecture_cnn", "lenet5", "resnet18"}),
            (("imagenet",), {"resnet18", "efficientnet_b0"}),
            (("random", "imagenet-lite"), {"efficientnet_lite0"}),
        ],
    )
    def test_a_small_line_up_has_the_weights(self, weights: tuple[str, ...], names: set[str]) -> None:
        assert names == {c.architecture for c in cells(weights=weights, mode=("finetune:all",))}

    def test_a_family_is_taken_whole(self) -> None:
        found = {c.architecture for c in cells(families=("lenet",), mode=("scratch",))}
        assert {"lenet5", "lenet5_1998"} == found

    def test_a_file_needs_the_name_of_its_architecture(self) -> None:
        with pytest.raises(UsageError, match="name it with --arch"):
            cells(weights=("file:a.pt",))


class TestDefaults:
    def test_imagenet_weights_are_used_at_their_own_resolution_and_so_is_what_they_are_compared_with(self) -> None:
        found = scenarios("resnet18", weights=("imagenet",), mode=("scratch", "finetune:all"))
        assert {("imagenet", 224), ("random", 224)} == {(s.weights, s.resolution) for s in found}

    @pytest.mark.parametrize(("name", "side"), [("resnet18", 32), ("lecture_cnn", 28)])
    def test_pretraining_on_mnist_is_done_on_small_images(self, name: str, side: int) -> None:
        assert {side} == {s.resolution for s in scenarios(name, mode=("finetune:all",))}

    def test_a_resolution_that_is_given_holds(self) -> None:
        assert {64} == {s.resolution for s in scenarios("resnet18", weights=("imagenet",), resolution=(64,))}

    def test_each_precision_that_is_given_is_learned_in(self) -> None:
        found = scenarios("resnet18", mode=("scratch", "features+svm"), precision=("fp32", "bf16"))
        assert {(mode, p) for mode in ("scratch", "features+svm") for p in ("fp32", "bf16")} == {
            (s.mode, s.precision) for s in found
        }

    @pytest.mark.parametrize(
        ("name", "mode", "trained"),
        [
            ("lecture_cnn", "scratch", (100, 3e-3)),
            ("lenet5", "finetune:all", (100, 3e-3)),
            ("alexnet", "scratch", (60, 1e-3)),
            ("alexnet", "finetune:all", (60, 5e-4)),
            ("alexnet", "features+softmax", (200, 1e-2)),
        ],
    )
    def test_steps_and_learning_rate_are_those_of_the_kind_and_of_the_tables(
        self, name: str, mode: str, trained: tuple[int, float]
    ) -> None:
        assert {trained} == {(s.steps, s.lr) for s in scenarios(name, mode=(mode,))}

    def test_steps_and_learning_rate_that_are_given_hold(self) -> None:
        found = scenarios("lenet5", mode=("scratch", "features+softmax"), steps=7, lr=(0.5,))
        assert {(7, 0.5)} == {(s.steps, s.lr) for s in found}

    def test_several_learning_rates_multiply_what_is_trained_step_by_step(self) -> None:
        found = scenarios("lenet5", mode=("scratch", "features+svm"), lr=(0.1, 0.2))
        assert [0.1, 0.2] == sorted({s.lr for s in found if s.mode == "scratch"})
        assert 1 == len({s.lr for s in found if s.mode == "features+svm"})

    def test_every_training_has_the_trials_that_are_asked_for(self) -> None:
        found = scenarios("lenet5", mode=("scratch", "features+softmax", "features+svm"), tune=8)
        assert {8} == {s.tune for s in found}
        assert {None} == {s.tune for s in scenarios("lenet5", mode=("scratch",))}

    def test_the_lectures_recipe_takes_the_tutorials_epochs_and_batches(self) -> None:
        found = scenarios("lenet5", mode=("finetune:all",), recipe=("lecture",), shots=(8,))
        assert {(25 * 8 * 10 // 4, 4, 1e-3)} == {(s.steps, s.batch, s.lr) for s in found}

    def test_folds_learn_from_all_images_of_one_seed(self) -> None:
        found = scenarios("lenet5", mode=("finetune:all",), folds=3)
        assert [(0, fold, 3, None) for fold in range(3)] == [(s.seed, s.fold, s.folds, s.shots) for s in found]

    def test_every_seed_has_all_folds(self) -> None:
        found = scenarios("lenet5", mode=("finetune:all",), folds=2, seeds=3)
        assert {(seed, fold) for seed in range(3) for fold in range(2)} == {(s.seed, s.fold) for s in found}


class TestWhatChangesNothing:
    def test_without_augmentation_the_pipeline_multiplies_nothing(self) -> None:
        found = scenarios("lenet5", mode=("scratch",), augmentation=("none", "digits"), pipeline=("tensor", "pil"))
        pairs = {("none", "tensor"), ("digits", "tensor"), ("digits", "pil")}
        assert pairs == {(s.augmentation, s.pipeline) for s in found}

    @pytest.mark.parametrize("mode", ["features+svm", "features+logistic", "features@conv2+knn"])
    def test_a_head_without_an_optimizer_knows_no_steps_no_recipe_and_no_patience(self, mode: str) -> None:
        plain = scenarios("lenet5", mode=(mode,))
        changed = scenarios("lenet5", mode=(mode,), recipe=("lecture",), steps=9, lr=(0.5,), patience=3)
        assert plain == changed

    def test_nearest_neighbours_have_nothing_to_augment(self) -> None:
        found = scenarios("lenet5", mode=("features+knn", "features+logistic"), augmentation=("none", "digits"))
        expected = {("features+knn", "none"), ("features+logistic", "none"), ("features+logistic", "digits")}
        assert expected == {(s.mode, s.augmentation) for s in found}


def test_heads_on_fixed_features_alone_are_fitted_again() -> None:
    found = scenarios("lenet5", mode=TRANSFER, refit=True)
    assert {"features+softmax", "features+svm"} == {scenario.mode for scenario in found if scenario.refit}
    assert set(TRANSFER) == {scenario.mode for scenario in found}


def test_conditions_that_are_given_are_learned_with_fixed_seeds_from_the_first_one_on() -> None:
    found = scenarios("lenet5", mode=("scratch",), seeds=2, first_seed=7)
    assert [7, 8] == [scenario.seed for scenario in found]
    setting = Setting("default", "cpu", 2, ("lenet5",), (), LearningAxes(mode=("scratch",)))
    assert not any(planned.open for planned in SUITES.get("transfer").cells(setting))


def test_device_and_threads_are_the_settings() -> None:
    asked = LearningAxes(mode=("scratch",))
    setting = Setting("smoke", "cuda", 7, ("lenet5",), learning=asked, learning_threads=3)
    cells = [planned.cell for planned in SUITES.get("transfer").cells(setting)]
    some = [cell.scenario for cell in cells if cell.measure not in ("parameters", "macs")]
    assert {("cost", "cuda", 7), ("learning", "cuda", 3)} == {(s.kind, s.device, s.threads) for s in some}


class TestRecipesAndExecutions:
    def test_heads_learn_by_the_usual_recipe_where_the_given_one_is_of_networks_alone(self) -> None:
        modes = ("features+softmax", "features+svm", "finetune:all")
        found = scenarios("lenet5", mode=modes, recipe=("modern", "balanced"))
        assert {
            ("features+softmax", "harness"),
            ("features+softmax", "balanced"),
            ("features+svm", "harness"),
            ("finetune:all", "modern"),
            ("finetune:all", "balanced"),
        } == {(s.mode, s.recipe) for s in found}

    def test_a_recipe_for_nothing_that_is_planned_is_told_to_be_idle(self) -> None:
        axes = LearningAxes(mode=("features+softmax",), recipe=("modern",))
        assert ("recipe",) == axes.idle(scenarios("lenet5", mode=axes.mode, recipe=axes.recipe))

    def test_networks_are_compiled_to_learn_and_heads_are_not(self) -> None:
        found = scenarios("lenet5", mode=("features+softmax", "scratch"), execution=("eager", "compiled"))
        assert {("features+softmax", "eager"), ("scratch", "eager"), ("scratch", "compiled")} == {
            (s.mode, s.execution) for s in found
        }

    def test_every_recipe_plans_steps_and_a_rate(self) -> None:
        found = scenarios("lenet5", mode=("finetune:all",), recipe=RECIPES.names())
        assert set(RECIPES.names()) == {s.recipe for s in found if s.steps > 0 and s.lr > 0}

"""The printed code for transfer learning, and what torchvision offers for it."""

from __future__ import annotations

import pytest

import suites.architectures  # noqa: F401  # declares
from suites.checks.bibliography import all_authors_of, page_count, published_falls
from suites.checks.torchvision_api import (
    builder_takes,
    categories,
    classification_families,
    kind_of_last_layer,
    last_layer,
    weights_are_optional,
)
from suites.checks.training_recipe import (
    changed_by_training,
    decay_factor,
    decay_period,
    gradients,
    layers_can_stay_fixed,
    new_modules_train,
    optimised,
    rounds_of_cross_validation,
    scores_of_the_new_layer,
)


def test_freezing_leaves_512_weights_and_a_bias_for_each_of_two_classes() -> None:
    found = optimised(frozen=True)
    assert ("fc", "1,026 parameters in 2 tensors") == (found.value, found.note)


def test_fine_tuning_optimises_all() -> None:
    assert "all" == optimised(frozen=False).value


@pytest.mark.parametrize(("frozen", "classes"), [(True, 2), (False, 3)])
def test_the_new_layer_has_an_output_for_each_class_and_512_inputs(frozen: bool, classes: int) -> None:
    found = scores_of_the_new_layer(frozen=frozen, classes=classes)
    assert (classes, "resnet18 whose new fc has 512 inputs") == (found.value, found.note)


@pytest.mark.parametrize(("frozen", "reached"), [(True, "fc"), (False, "all")])
def test_frozen_parameters_get_no_gradient(frozen: bool, reached: str) -> None:
    assert reached == gradients(frozen=frozen).value


@pytest.mark.parametrize(
    ("statistics", "changed"), [(True, "fc, statistics of batch normalisation"), (False, "fc")]
)
def test_frozen_is_not_fixed_where_batch_normalisation_averages(statistics: bool, changed: str) -> None:
    assert changed == changed_by_training(frozen=True, statistics=statistics).value


def test_earlier_layers_can_stay_fixed() -> None:
    assert layers_can_stay_fixed(layers=["conv1", "bn1", "layer1"]).value is True


def test_new_modules_are_trained() -> None:
    assert new_modules_train().value is True


@pytest.mark.parametrize(("step_size", "gamma"), [(7, 0.1), (3, 0.5)])
def test_the_learning_rate_decays_by_its_factor_after_its_period(step_size: int, gamma: float) -> None:
    found = (decay_factor(step_size=step_size, gamma=gamma), decay_period(step_size=step_size, gamma=gamma))
    assert (gamma, step_size) == tuple(evidence.value for evidence in found)


@pytest.mark.parametrize("folds", [2, 5])
def test_a_model_is_trained_for_each_fold(folds: int) -> None:
    assert folds == rounds_of_cross_validation(folds=folds, samples=11).value


def test_torchvision_has_twenty_families() -> None:
    found = classification_families().value
    assert isinstance(found, list)
    assert (20, "AlexNet", "EfficientNetV2", "Wide ResNet") == (len(found), found[0], found[4], found[-1])


def test_weights_are_there_and_need_not_be_loaded() -> None:
    assert weights_are_optional().value is True


def test_an_argument_that_torchvision_warns_of_is_outdated_and_not_wrong() -> None:
    found = builder_takes(builder="resnet18", argument="pretrained")
    assert (True, "outdated, not wrong") == (found.value, found.note.partition(":")[0])


@pytest.mark.parametrize(("argument", "taken"), [("progress", True), ("trained", False)])
def test_an_argument_is_taken_or_refused(argument: str, taken: bool) -> None:
    found = builder_takes(builder="resnet18", argument=argument)
    assert (taken, False) == (found.value, "outdated" in found.note)


def test_weights_know_their_classes() -> None:
    assert 1000 == categories(weights="ResNet18_Weights.IMAGENET1K_V1").value


@pytest.mark.parametrize(("name", "layer"), [("resnet18", "fc"), ("efficientnet_b0", "classifier.1")])
def test_the_last_layer_has_its_name(name: str, layer: str) -> None:
    assert (layer, "fully-connected") == (
        last_layer(architecture=name).value,
        kind_of_last_layer(architecture=name).value,
    )


def test_authors_are_listed_by_surname() -> None:
    assert ["Krizhevsky", "Sutskever", "Hinton"] == all_authors_of(paper="krizhevsky2012alexnet").value


def test_pages_are_counted_with_the_first() -> None:
    assert 9 == page_count(paper="krizhevsky2012alexnet").value


def test_a_series_falls_only_in_its_order() -> None:
    figures = ["Table 3, ResNet-50 1x64d, top-1 error", "Table 3, ResNeXt-50 32x4d, top-1 error"]
    series = (figures, figures[::-1])
    assert [True, False] == [published_falls(paper="xie2016resnext", figures=names).value for names in series]


def test_words_are_no_series() -> None:
    with pytest.raises(ValueError, match="not all of"):
        published_falls(paper="xie2016resnext", figures=["last layer (Table 1)"])

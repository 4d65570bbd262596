"""Whole learning cells, on a network and data of a few kilobytes."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from bench.errors import Unsupported, UsageError
from bench.learning import experiment
from bench.learning.partition import Partition
from bench.learning.training import unfinished
from bench.learning.training.fit import fit
from bench.statistics.answers.kept import Answers
from bench.transfer import HEADS
from tests.bench.stripes import Measured, Net, killed_at, without_time

MODES = pytest.mark.parametrize(
    "scenario",
    [
        {"mode": "scratch"},
        {"mode": "scratch", "augmentation": "lecture"},
        {"mode": "features+softmax", "weights": "pretrain:stripes"},
        {"mode": "features+softmax", "augmentation": "lecture"},
        {"mode": "features+svm", "weights": "pretrain:stripes", "augmentation": "digits"},
        {"mode": "finetune:all", "weights": "pretrain:stripes"},
        {"mode": "finetune:upper", "weights": "pretrain:stripes"},
        {"mode": "finetune:upper", "recipe": "lecture", "patience": 2},
        {"mode": "features-bn+softmax", "weights": "pretrain:stripes"},
        {"mode": "features@lower+svm", "weights": "pretrain:stripes"},
        {"mode": "features+softmax", "weights": "pretrain:stripes", "target": "waves", "folds": 3, "fold": 1},
        {"mode": "features+softmax", "augmentation": "lecture", "shots": None, "recipe": "lecture"},
        {"mode": "features+logistic", "augmentation": "digits"},
        {"mode": "features@lower+logistic", "weights": "pretrain:stripes", "target": "waves", "folds": 3},
        {"mode": "features+knn", "weights": "pretrain:stripes", "shots": 2},
        {"mode": "features-bn@lower+knn", "weights": "pretrain:stripes"},
    ],
    ids=lambda scenario: " ".join(str(value) for value in scenario.values()),
)


@MODES
def test_one_cell_gives_one_answer(measured: Measured, scenario: dict[str, str], tmp_path: Path) -> None:
    first = measured(**scenario)
    for file in tmp_path.iterdir():
        file.unlink()
    torch.rand(7)
    second = measured(**scenario)
    assert first.values == second.values
    assert without_time(first) == without_time(second)


@MODES
def test_there_is_a_right_or_wrong_for_every_test_image(measured: Measured, scenario: dict[str, str]) -> None:
    samples = measured(**scenario)
    assert samples.details["n_test"] == len(samples.values)
    assert {0.0, 1.0} >= set(samples.values)


@pytest.mark.parametrize("mode", [f"features+{head}" for head in HEADS])
def test_a_refit_learns_from_validation_images_too(measured: Measured, mode: str) -> None:
    usual, refit = (measured(mode=mode, refit=refit).details for refit in (False, True))
    assert usual["n_train"] + usual["n_val"] == refit["n_train"]
    assert usual["val_top1"] == refit["val_top1"]


@pytest.mark.parametrize("mode", ["scratch", "features+softmax", "features+svm"])
def test_a_training_that_fits_its_few_images_tells_the_gap_to_the_test(measured: Measured, mode: str) -> None:
    samples = measured(mode=mode, shots=2, steps=200)
    details, tested = samples.details, sum(samples.values) / len(samples.values)
    assert (1.0, 1.0 - tested) == (details["train_top1"], details["gap"])


@pytest.mark.parametrize("mode", ["scratch", "features+softmax", "features+logistic"])
def test_a_training_that_fits_has_less_loss_on_its_images_than_on_the_test(measured: Measured, mode: str) -> None:
    details = measured(mode=mode, shots=2, steps=200).details
    assert 0 < details["train_nll"] < details["nll"]


def test_margins_have_no_training_loss(measured: Measured) -> None:
    assert measured(mode="features+svm").details["train_nll"] is None


def test_training_images_are_answered_without_augmentation(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = measured(augmentation="lecture", shots=2, steps=200).details["train_nll"]
    monkeypatch.setattr(Partition, "looked_at", lambda partition, refit=False: partition.train.flip(0))
    assert found == pytest.approx(measured(augmentation="lecture", shots=2, steps=200).details["train_nll"])


def test_training_that_works_has_started(measured: Measured) -> None:
    samples = measured(mode="finetune:all", weights="pretrain:stripes", steps=60)
    assert samples.details["started"]
    assert sum(samples.values) / len(samples.values) > 0.8


def test_training_that_stays_at_chance_did_not_start(measured: Measured) -> None:
    samples = measured(lr=1e-12, seed=1)
    assert not samples.details["started"]
    assert "binomial test" in samples.details["started_by"]


def test_another_seed_gives_another_answer(measured: Measured) -> None:
    assert without_time(measured(seed=0)) != without_time(measured(seed=1))


def test_the_budget_is_in_the_details(measured: Measured) -> None:
    assert 30 == measured(shots=10).details["n_train"]


def test_tuning_all_trains_every_parameter(world: None, measured: Measured) -> None:
    assert sum(p.numel() for p in Net(3).parameters()) == measured(mode="finetune:all").details["trainable"]


def test_tuning_the_upper_part_trains_the_upper_stage_and_the_head(measured: Measured) -> None:
    details = measured(mode="finetune:upper").details
    assert (8 * 16 + 16) + (16 * 3 + 3) == details["trainable"]
    assert "below upper" == details["frozen"]


def test_tuning_from_a_stage_trains_that_stage_and_what_comes_after_it(measured: Measured) -> None:
    details = measured(mode="finetune:lower.3").details
    assert (8 * 16 + 16) + (16 * 3 + 3) == details["trainable"]
    assert "below lower.3" == details["frozen"]


@pytest.mark.parametrize("mode", ["finetune:uper", "features@uper+svm"])
def test_a_stage_that_the_network_lacks_is_unsupported_and_the_nearest_is_told(
    mode: str, measured: Measured
) -> None:
    with pytest.raises(Unsupported, match="net has no stage 'uper'; did you mean 'upper'"):
        measured(mode=mode)


def test_an_earlier_stage_gives_its_activations_averaged_over_their_places(measured: Measured) -> None:
    assert 8 * 3 + 3 == measured(mode="features@lower.0+svm").details["trainable"]


def test_batchnorm_that_is_estimated_anew_changes_the_features(measured: Measured) -> None:
    frozen, anew = (measured(mode=f"features{bn}+softmax", weights="pretrain:stripes") for bn in ("", "-bn"))
    assert without_time(frozen)["curve"] != without_time(anew)["curve"]


@pytest.mark.parametrize("mode", ["scratch", *(f"features+{head}" for head in HEADS)])
def test_a_cross_validation_tests_every_image_once(mode: str, measured: Measured) -> None:
    tested = [measured(mode=mode, folds=3, fold=fold, shots=None, steps=5).details["n_test"] for fold in range(3)]
    assert (360, [120] * 3) == (sum(tested), tested)


def test_a_killed_training_of_a_cell_goes_on_to_the_same_answer(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    expected = measured(augmentation="lecture")
    with killed_at(12, monkeypatch), pytest.raises(KeyboardInterrupt):
        measured(augmentation="lecture")
    assert [1] == [1 for file in tmp_path.iterdir() if file.name.startswith(".unfinished")]
    again = measured(augmentation="lecture")
    assert (expected.values, without_time(expected)) == (again.values, without_time(again))
    assert [] == [file for file in tmp_path.iterdir() if file.name.startswith(".unfinished")]


def test_a_head_alone_is_trained_on_frozen_features(measured: Measured) -> None:
    details = measured(mode="features+softmax").details
    assert (16 * 3 + 3, "trunk") == (details["trainable"], details["frozen"])


def test_the_head_reports_what_validation_chose(measured: Measured) -> None:
    assert "weight_decay" in measured(mode="features+softmax").details
    assert "C" in measured(mode="features+svm").details
    assert "C" in measured(mode="features+logistic").details
    assert "k" in measured(mode="features+knn").details


def test_a_tuned_model_tells_how_its_pretraining_went(measured: Measured) -> None:
    origin = measured(mode="finetune:all", weights="pretrain:stripes").details["origin"]
    assert 4 * 90 // 8 == origin["source_steps"]
    assert 0 < origin["source_val_top1"] <= 1


@pytest.mark.parametrize("mode", ["features+svm", "features+knn"])
def test_margins_and_votes_have_no_likelihood(mode: str, measured: Measured) -> None:
    details = measured(mode=mode).details
    assert (None, None) == (details["nll"], details["ece"])


def test_a_logistic_regression_has_a_likelihood(measured: Measured) -> None:
    details = measured(mode="features+logistic").details
    assert 0 < details["nll"] < math.log(3)
    assert 0 <= details["ece"] <= 1


def test_training_images_say_nothing_of_nearest_neighbours(measured: Measured) -> None:
    details = measured(mode="features+knn").details
    assert (None, None, None, 0) == tuple(
        details[name] for name in ("train_top1", "train_nll", "gap", "trainable")
    )


def test_nearest_neighbours_have_nothing_to_augment(measured: Measured) -> None:
    with pytest.raises(UsageError, match="looks training images up as they are: augmentation 'lecture'"):
        measured(mode="features+knn", augmentation="lecture")


def test_a_frozen_trunk_keeps_its_batchnorm_statistics_and_its_weights(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    before: dict[str, torch.Tensor] = {}
    after: dict[str, torch.Tensor] = {}

    def spy(model: nn.Module, *values: Any) -> Any:
        before.update({name: tensor.clone() for name, tensor in model.state_dict().items()})
        fitted = fit(model, *values)
        after.update(fitted.model.state_dict())
        return fitted

    monkeypatch.setattr("bench.learning.tuning.networks.fit", spy)
    measured(mode="finetune:upper", weights="pretrain:stripes")
    changed = {name for name in before if not before[name].equal(after[name])}
    assert {"upper.weight", "upper.bias", "head.weight", "head.bias"} == changed


def test_the_test_split_stays_shut_while_training(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    train, opening = experiment.train, Partition.open_test

    def training(*values: Any) -> Any:
        learned = train(*values)
        order.append("trained")
        return learned

    def opened(partition: Partition) -> torch.Tensor:
        order.append("opened")
        return opening(partition)

    monkeypatch.setattr(experiment, "train", training)
    monkeypatch.setattr(Partition, "open_test", opened)
    measured()
    assert ["trained", "opened"] == order


def test_images_too_small_for_the_network_are_unsupported(measured: Measured) -> None:
    with pytest.raises(Unsupported, match="net needs 12 px, the scenario has 8"):
        measured(resolution=8)


def test_a_record_keeps_its_mistakes_and_a_picture_of_each_that_is_to_be_shown(measured: Measured) -> None:
    samples = measured(mode="features+softmax", folds=3, fold=1, shots=None, steps=5)
    kept = Answers.from_dict(samples.details["mistakes"])
    assert samples.values.count(0.0) == kept.errors
    assert len(kept.pictured) == len(samples.pictures) > 0
    assert {0, 1, 2} == {label for label, _, _ in kept.self_confidence}
    assert 120 == sum(number for _, number, _ in kept.self_confidence)


def test_margins_are_kept_without_a_confidence(measured: Measured) -> None:
    kept = Answers.from_dict(measured(mode="features+svm").details["mistakes"])
    assert {None} == {answer.confidence for answer in (*kept.wrong, *kept.unsure)}

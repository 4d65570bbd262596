"""Whole learning cells, on a network and data of a few kilobytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from bench.artifact import PRODUCERS, Shelf, in_order
from bench.catalog import ARCHITECTURES, DATASETS, MEASURES, architecture, dataset
from bench.cell import Cell, Learning, Samples
from bench.declarations import Images
from bench.discovery import load_catalogs
from bench.errors import Unsupported, UsageError
from bench.learning import experiment, unfinished
from bench.learning.artifacts import needs_of
from bench.learning.fit import fit
from bench.learning.partition import Partition
from bench.learning.scenario import PRETRAINING, Pretraining
from bench.learning.watch import Watch
from bench.measures.clock import Clock
from bench.subject import Subject

Measured = Callable[..., Samples]


def stripes() -> Images:
    """Vertical, horizontal and no stripes, in noise: 120 of each, 12 x 12."""
    random = np.random.default_rng(0)
    wave = np.tile(np.array([0, 0, 90, 90]), 3)
    patterns = np.stack([np.tile(wave, (12, 1)), np.tile(wave[:, None], (1, 12)), np.full((12, 12), 45)])
    labels = np.arange(360) % 3
    pixels = patterns[labels] + random.integers(0, 120, (360, 12, 12))
    return Images(pixels.astype(np.uint8)[..., None], labels.astype(np.int64))


class Net(nn.Module):
    """One convolution with BatchNorm and dropout, an upper and a last linear layer."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.lower = nn.Sequential(
            nn.Conv2d(1, 8, 5), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(8), nn.Dropout(0.1)
        )
        self.upper = nn.Linear(8, 16)
        self.head = nn.Linear(16, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.head(self.upper(self.lower(x).flatten(1)).relu())
        return y


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network and the data are declared beside what there is, for one test."""
    load_catalogs()
    for registry in (ARCHITECTURES, DATASETS, PRETRAINING):
        monkeypatch.setattr(registry, "_items", dict(registry._items))
        monkeypatch.setattr(registry, "_places", dict(registry._places))

    def net(num_classes: int) -> nn.Module:
        return Net(num_classes)

    declare = architecture(family="F", year=2026, paper="p", channels=1, min_resolution=12, upper=("upper",))
    declare(net)
    PRETRAINING.add("net", Pretraining(lr=0.01, epochs=4, batch=8, shots=30), "here")
    dataset(name="stripes", classes=3, channels=1, resolution=12, licence="none", source="these tests")(stripes)


def cell_of(**changes: Any) -> Cell:
    usual: dict[str, Any] = {
        "weights": "random",
        "target": "stripes",
        "mode": "scratch",
        "augmentation": "none",
        "resolution": 12,
        "shots": 10,
        "steps": 30,
        "batch": 8,
        "lr": 0.01,
    }
    return Cell("net", "top1", Learning(**{**usual, **changes}))


@pytest.fixture
def measured(world: None, tmp_path: Path) -> Measured:
    """Measures a cell, with what it needs made before."""

    def run(**changes: Any) -> Samples:
        cell, shelf = cell_of(**changes), Shelf(tmp_path)
        item = MEASURES.get("top1")
        for artifact in in_order(item.artifacts(cell)):
            if not shelf.holds(artifact):
                PRODUCERS.get(artifact.kind)(artifact, shelf, lambda progress: None)
        samples: Samples = item.function(Subject(cell, shelf, lambda progress: None), Clock(9))
        return samples

    return run


def without_time(samples: Samples) -> dict[str, Any]:
    details = {name: value for name, value in samples.details.items() if name != "train_seconds"}
    return details | {"curve": [{**point, "seconds": 0} for point in details["curve"]]}


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
        {"mode": "features+softmax", "weights": "pretrain:stripes", "folds": 3, "fold": 1},
        {"mode": "features+softmax", "augmentation": "lecture", "shots": 0, "recipe": "lecture"},
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


@pytest.mark.parametrize("mode", ["scratch", "features+softmax", "features+svm"])
def test_a_cross_validation_tests_every_image_once(mode: str, measured: Measured) -> None:
    tested = [measured(mode=mode, folds=3, fold=fold, shots=0, steps=5).details["n_test"] for fold in range(3)]
    assert (360, [120] * 3) == (sum(tested), tested)


def test_a_killed_training_of_a_cell_goes_on_to_the_same_answer(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    expected = measured(augmentation="lecture")
    step = Watch.goes_on

    def dying(watch: Watch, number: int, loss: torch.Tensor) -> bool:
        if number == 12:
            raise KeyboardInterrupt
        return step(watch, number, loss)

    with monkeypatch.context() as once:
        once.setattr(Watch, "goes_on", dying)
        with pytest.raises(KeyboardInterrupt):
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


def test_a_tuned_model_tells_how_its_pretraining_went(measured: Measured) -> None:
    origin = measured(mode="finetune:all", weights="pretrain:stripes").details["origin"]
    assert 4 * 90 // 8 == origin["source_steps"]
    assert 0 < origin["source_val_top1"] <= 1


def test_margins_have_no_likelihood(measured: Measured) -> None:
    assert measured(mode="features+svm").details["nll"] is None


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

    monkeypatch.setattr(experiment, "fit", spy)
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


@pytest.mark.usefixtures("world")
def test_scratch_with_pretrained_weights_is_refused() -> None:
    with pytest.raises(UsageError, match="starts from random weights"):
        needs_of(cell_of(weights="pretrain:stripes"))


@pytest.mark.usefixtures("world")
def test_an_unknown_mode_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean 'features\+softmax'"):
        needs_of(cell_of(mode="features+softmx"))


@pytest.mark.usefixtures("world")
def test_all_scenarios_of_an_architecture_share_one_checkpoint() -> None:
    modes = ("features+softmax", "features+svm", "finetune:all", "finetune:upper")
    needs = [needs_of(cell_of(mode=m, weights="pretrain:stripes", seed=s)) for m in modes for s in (0, 1)]
    assert 1 == len({n.checkpoint.key for n in needs if n.checkpoint})


@pytest.mark.usefixtures("world")
def test_heads_seeds_folds_and_budgets_share_one_feature_matrix() -> None:
    varied: list[dict[str, Any]] = [{"mode": "features+svm"}, {"seed": 1}, {"fold": 2}, {"shots": 3}, {"steps": 9}]
    usual = {"mode": "features+softmax", "weights": "pretrain:stripes"}
    needs = [needs_of(cell_of(**{**usual, **change})) for change in varied]
    assert 1 == len({n.features.key for n in needs if n.features})


@pytest.mark.usefixtures("world")
def test_random_weights_have_a_feature_matrix_for_each_seed() -> None:
    needs = [needs_of(cell_of(mode="features+svm", seed=seed)) for seed in (0, 1)]
    assert 2 == len({n.features.key for n in needs if n.features})


@pytest.mark.usefixtures("world")
def test_the_heads_of_all_folds_are_trained_together() -> None:
    usual = {"mode": "features+softmax", "weights": "pretrain:stripes", "folds": 5}
    assert 1 == len({needs_of(cell_of(**usual, fold=fold)).heads for fold in range(5)})


@pytest.mark.usefixtures("world")
def test_the_heads_of_five_seeds_are_trained_together() -> None:
    usual = {"mode": "features+softmax", "weights": "pretrain:stripes"}
    assert 2 == len({needs_of(cell_of(**usual, seed=seed)).heads for seed in range(10)})


@pytest.mark.usefixtures("world")
def test_all_folds_and_seeds_share_the_views_of_a_whole_training_split() -> None:
    varied = [{"seed": 1}, {"seed": 2}, {"fold": 1, "folds": 3}, {"fold": 2, "folds": 3, "seed": 1}]
    usual = {"mode": "features+svm", "weights": "pretrain:stripes", "augmentation": "digits", "shots": 0}
    needs = [needs_of(cell_of(**{**usual, **change})) for change in varied]
    assert 2 == len({n.views.key for n in needs if n.views})  # one of the training split, one of all images


@pytest.mark.usefixtures("world")
def test_statistics_estimated_anew_have_a_feature_matrix_for_each_training_set() -> None:
    usual = {"mode": "features-bn+svm", "weights": "pretrain:stripes"}
    assert 3 == len({needs_of(cell_of(**usual, **one)).features for one in ({}, {"seed": 1}, {"shots": 3})})


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "wrong", [{"folds": 1}, {"folds": 3, "fold": 3}, {"recipe": "lecturer"}, {"pipeline": "pl"}]
)
def test_conditions_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        needs_of(cell_of(**wrong))


@pytest.mark.usefixtures("world")
def test_both_heads_share_the_augmented_views() -> None:
    needs = [needs_of(cell_of(mode=f"features+{h}", augmentation="digits")) for h in ("svm", "softmax")]
    assert 1 == len({n.views.key for n in needs if n.views})

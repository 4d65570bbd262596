"""What learning cells share, and which conditions make no sense."""

from pathlib import Path
from typing import Any

import pytest

from bench.errors import UsageError
from bench.learning.artifacts import needs_of
from bench.learning.data.augment import AUGMENTATIONS
from tests.bench.stripes import cell_of


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
    usual = {"mode": "features+softmax", "weights": "pretrain:stripes", "target": "waves", "folds": 5}
    assert 1 == len({needs_of(cell_of(**usual, fold=fold)).heads for fold in range(5)})


@pytest.mark.usefixtures("world")
def test_the_heads_of_five_seeds_are_trained_together() -> None:
    usual = {"mode": "features+softmax", "weights": "pretrain:stripes"}
    assert 2 == len({needs_of(cell_of(**usual, seed=seed)).heads for seed in range(10)})


@pytest.mark.usefixtures("world")
def test_all_folds_and_seeds_share_the_views_of_a_whole_training_split() -> None:
    varied = [{"seed": 1}, {"seed": 2}, {"fold": 1, "folds": 3}, {"fold": 2, "folds": 3, "seed": 1}]
    usual = {
        "mode": "features+svm",
        "weights": "pretrain:stripes",
        "target": "waves",
        "augmentation": "digits",
        "shots": None,
    }
    needs = [needs_of(cell_of(**{**usual, **change})) for change in varied]
    assert 2 == len({n.views.key for n in needs if n.views})  # one of the training split, one of all images


@pytest.mark.usefixtures("world")
def test_statistics_estimated_anew_have_a_feature_matrix_for_each_training_set() -> None:
    usual = {"mode": "features-bn+svm", "weights": "pretrain:stripes"}
    assert 3 == len({needs_of(cell_of(**usual, **one)).features for one in ({}, {"seed": 1}, {"shots": 3})})


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "wrong",
    [
        {"folds": 1},
        {"folds": 3, "weights": "pretrain:stripes", "mode": "features+svm"},
        {"folds": 3, "fold": 3},
        {"recipe": "lecturer"},
        {"pipeline": "pl"},
    ],
)
def test_conditions_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        needs_of(cell_of(**wrong))


@pytest.mark.usefixtures("world")
def test_both_heads_share_the_augmented_views() -> None:
    needs = [needs_of(cell_of(mode=f"features+{h}", augmentation="digits")) for h in ("svm", "softmax")]
    assert 1 == len({n.views.key for n in needs if n.views})


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_what_is_made_on_cuda_is_addressed_by_its_precision(device: str) -> None:
    needs = needs_of(cell_of(mode="features+softmax", weights="pretrain:stripes", device=device))
    assert needs.checkpoint and needs.features
    assert ["fp32", "fp32"] == [needs.checkpoint["precision"], needs.features["precision"]]


@pytest.mark.usefixtures("world")
def test_what_is_made_on_a_cpu_has_no_choice_of_precision() -> None:
    needs = needs_of(cell_of(mode="features+softmax", weights="pretrain:stripes"))
    assert needs.checkpoint
    assert "precision" not in dict(needs.checkpoint.spec)


@pytest.mark.usefixtures("world")
def test_an_augmentation_of_a_catalogue_is_a_part_of_its_views_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = cell_of(mode="features+softmax", augmentation="hflip", weights="pretrain:stripes")
    before = needs_of(cell)
    (tmp_path / "own.py").write_text("CHANCE = 0.4\n")
    monkeypatch.setitem(AUGMENTATIONS._places, "hflip", f"{tmp_path / 'own.py'}:1")
    after = needs_of(cell)
    assert before.views != after.views
    assert (before.features, before.checkpoint) == (after.features, after.checkpoint)

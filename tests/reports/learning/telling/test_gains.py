"""What stands above a chart of comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from reports.learning.telling.gains import gain
from reports.tidy.frame import Frames
from tests.reports.trainings import learned

ALIKE = {"lenet5": [9, 11, 10, 9, 11], "lecture_cnn": [10, 12, 11, 10, 12], "alexnet": [9, 11, 10, 9, 11]}


def run(folder: Path, gains: Mapping[str, Sequence[int]]) -> Frames:
    """By network what pretraining gains of 100 test images, seed by seed."""
    scratch = {"mode": "scratch", "weights": "random"}
    trainings = [
        {"architecture": name, "seed": seed, **side}
        for name, values in gains.items()
        for seed, value in enumerate(values)
        for side in ({"right": 50, **scratch}, {"right": 50 + value})
    ]
    return learned(folder / "s.sqlite", trainings)


def test_a_pooled_effect_beside_zero_leads_the_sentence(tmp_path: Path) -> None:
    text = gain(run(tmp_path, ALIKE), family="pretraining")
    assert text.startswith("Pretraining on MNIST adds 10.3 points over 3 networks [+")
    assert text.endswith("], higher in 3 of 3 comparisons")


def test_a_pooled_loss_is_told_as_one(tmp_path: Path) -> None:
    losses = {name: [-value for value in values] for name, values in ALIKE.items()}
    assert "Pretraining on MNIST costs 10.3 points over 3 networks [-" in gain(
        run(tmp_path, losses), family="pretraining"
    )


def test_a_pooled_effect_whose_interval_holds_zero_is_undecided(tmp_path: Path) -> None:
    text = gain(run(tmp_path, {**ALIKE, "lenet5": [-9, -11, -10, -9, -11]}), family="pretraining")
    assert text.startswith("Pretraining on MNIST: accuracy higher in 2 of 3 comparisons; over 3 networks +")
    assert text.endswith("], undecided")


def test_too_few_networks_to_pool_are_told_by_their_answers(tmp_path: Path) -> None:
    text = gain(run(tmp_path, {"lenet5": ALIKE["lenet5"]}), family="pretraining")
    assert "Pretraining on MNIST: accuracy higher in 1 of 1 comparison (helps in 1)" == text


def test_unlike_strategies_have_no_common_effect(tmp_path: Path) -> None:
    heads = {"features+softmax": 70, "features+svm": 75, "features+knn": 76}
    trainings = [
        {"architecture": name, "mode": mode, "right": right + seed % 2, "seed": seed}
        for name in ALIKE
        for mode, right in heads.items()
        for seed in range(5)
    ]
    text = gain(learned(tmp_path / "s.sqlite", trainings), family="strategy")
    assert text.startswith("Other strategies: accuracy higher in 6 of 6 comparisons")
    assert "networks" not in text


def test_without_a_pair_nothing_is_said(tmp_path: Path) -> None:
    assert "" == gain(learned(tmp_path / "s.sqlite", [{"right": 50}]), family="pretraining")

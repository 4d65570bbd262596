"""Tuned cells: each trial is a training by itself, the first is the one without tuning, validation chooses."""

from pathlib import Path
from typing import Any

import pytest
import torch

from bench.cell import Samples
from bench.learning.recipes import Values
from bench.learning.training import unfinished, watch
from bench.learning.tuning import networks, points
from tests.bench.stripes import Measured, without_time

NETWORK: dict[str, Any] = {"mode": "scratch", "steps": 12}
HEAD: dict[str, Any] = {"mode": "features+softmax", "weights": "pretrain:waves", "steps": 40}
WAYS = (
    NETWORK,
    {**NETWORK, "augmentation": "lecture"},
    {**NETWORK, "patience": 2},
    {**NETWORK, "precision": "bf16"},
    {"mode": "finetune:upper", "weights": "pretrain:waves", "steps": 12},
    HEAD,
    {**HEAD, "augmentation": "lecture"},
    {**HEAD, "patience": 2},
    {**HEAD, "refit": True},
    {**HEAD, "recipe": "lecture", "lr": 1e-3},
    {**HEAD, "mode": "features+svm"},
    {**HEAD, "mode": "features+logistic", "refit": True},
    {**HEAD, "mode": "features+knn"},
)
EVERY_WAY = pytest.mark.parametrize("way", WAYS, ids=lambda way: " ".join(map(str, way.values())))


def of_trials(samples: Samples) -> list[dict[str, Any]]:
    """The trials without what a clock says."""
    return [{**trial, "seconds": None} for trial in samples.details["trials"]]


@EVERY_WAY
def test_the_accuracy_without_tuning_is_that_of_the_training_that_is_not_tuned(
    measured: Measured, way: dict[str, Any]
) -> None:
    plain, tuned = measured(**way), measured(**way, tune=3)
    assert sum(plain.values) / len(plain.values) == tuned.details["untuned_top1"]
    assert plain.details["val_top1"] == tuned.details["trials"][0]["val_top1"]


@EVERY_WAY
def test_one_trial_is_the_training_that_is_not_tuned(measured: Measured, way: dict[str, Any]) -> None:
    plain, tuned = measured(**way), measured(**way, tune=1)
    assert plain.values == tuned.values
    assert [p["loss"] for p in plain.details["curve"]] == [p["loss"] for p in tuned.details["curve"]]


@pytest.mark.parametrize("way", [NETWORK, {**NETWORK, "augmentation": "lecture"}], ids=["plain", "augmented"])
def test_each_trial_of_a_network_is_that_of_a_training_with_its_values(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, way: dict[str, Any]
) -> None:
    tuned = measured(**way, tune=4)
    own = [{**trial["values"]} for trial in tuned.details["trials"]]
    for i, values in enumerate(own[1:], 1):
        monkeypatch.setattr(networks, "further", lambda *_, values=values, **__: (Values(**values),))
        alone = measured(**way, tune=2, seed=0)
        assert of_trials(tuned)[i] == of_trials(alone)[1]


@EVERY_WAY
def test_the_weights_of_the_best_trial_stand(measured: Measured, way: dict[str, Any]) -> None:
    details = measured(**way, tune=4).details
    best = max(trial["val_top1"] for trial in details["trials"])
    assert best == details["val_top1"]
    chosen = {name: details[name] for name in details["trials"][0]["values"]}
    assert chosen in [trial["values"] for trial in details["trials"] if trial["val_top1"] == best]
    assert "best of 4 on validation" == details["tuned"]


@pytest.mark.parametrize("way", [NETWORK, HEAD], ids=["network", "head"])
def test_a_trial_whose_loss_is_no_number_is_kept_and_cannot_stand(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, way: dict[str, Any]
) -> None:
    wild = (Values(1e30, 1.0), Values(0.02, 0.01))
    for module in (networks, trained_heads()):
        monkeypatch.setattr(module, "further", lambda *_, **__: wild)
    details = measured(**way, tune=3).details
    assert [False, True, False] == [bool(trial["failed"]) for trial in details["trials"]]
    assert "not finite" in details["trials"][1]["failed"]
    assert details["lr"] != 1e30


@pytest.mark.parametrize("way", [NETWORK, HEAD], ids=["network", "head"])
def test_where_the_first_trial_fails_there_is_no_accuracy_without_tuning(
    measured: Measured, way: dict[str, Any]
) -> None:
    details = measured(**way, tune=4, lr=1e30).details
    assert details["untuned_top1"] is None
    assert details["lr"] < 1


@pytest.mark.parametrize("way", [NETWORK, HEAD], ids=["network", "head"])
def test_where_every_trial_fails_the_cell_does(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, way: dict[str, Any]
) -> None:
    for module in (networks, trained_heads()):
        monkeypatch.setattr(module, "further", lambda *_, **__: (Values(1e30, 1.0),))
    with pytest.raises(FloatingPointError, match="not finite"):
        measured(**way, tune=2, lr=1e30)


def trained_heads() -> Any:
    from bench.learning.heads import trained

    return trained


class Killed(BaseException):
    """What ends a training half way."""


@pytest.mark.parametrize("step", [5, 17, 24, 30])
def test_a_killed_tuning_goes_on_to_the_same_figures(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: int
) -> None:
    way = {**NETWORK, "augmentation": "lecture", "tune": 3}
    expected = measured(**way)
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    monkeypatch.setattr(networks, "EVERY", 0.0)
    usual, taken = watch.Watch.goes_on, []

    def dying(self: watch.Watch, number: int, loss: torch.Tensor) -> bool:
        taken.append(number)
        if len(taken) == step:
            raise Killed
        return usual(self, number, loss)

    monkeypatch.setattr(watch.Watch, "goes_on", dying)
    with pytest.raises(Killed):
        measured(**way)
    again = measured(**way)
    assert 3 * 12 + 1 == len(taken)
    assert expected.values == again.values
    assert without_time(expected) | {"trials": of_trials(expected)} == without_time(again) | {
        "trials": of_trials(again)
    }
    assert [] == list(tmp_path.glob(".unfinished-*"))


def test_progress_tells_which_trial_it_is_of(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    usual = networks._tell

    def telling(report: Any, number: int, total: int, frame: dict[str, Any]) -> None:
        usual(lambda shown: told.append((shown["trial"], shown["trials"])), number, total, frame)

    monkeypatch.setattr(networks, "_tell", telling)
    measured(**NETWORK, tune=3)
    assert [(1, 3), (2, 3), (3, 3)] == list(dict.fromkeys(told))


def test_more_trials_begin_with_those_of_fewer(measured: Measured) -> None:
    assert of_trials(measured(**NETWORK, tune=5))[:3] == of_trials(measured(**NETWORK, tune=3))


def test_the_seed_of_the_scrambling_decides_what_is_tried(
    monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    before = measured(**NETWORK, tune=2).details["trials"][1]["values"]
    monkeypatch.setattr(points, "SEED", 1)
    assert before != measured(**NETWORK, tune=2).details["trials"][1]["values"]

"""What is said first of a model that failed: true, or nothing."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.declarations import Architecture
from bench.network.advice import Advice, advice_on


def declared(model: nn.Module, name: str = "own") -> Architecture:
    load_catalogs()
    return Architecture(**{**vars(ARCHITECTURES.get("resnet18")), "name": name, "build": lambda _: model})


@pytest.mark.parametrize(
    "words",
    [
        "Couldn't load custom C++ ops. This can happen if your versions are incompatible.",
        "operator torchvision::deform_conv2d does not exist",
        "Could not run 'torchvision::roi_align' with arguments from the 'CUDA' backend.",
    ],
)
def test_where_operators_of_torchvision_are_missing_nothing_else_is_to_blame(words: str) -> None:
    expected = Advice("'own' needs torchvision's C++ operators, which this installation lacks")
    assert expected == advice_on(RuntimeError(words), declared(nn.Identity()), 32)


@pytest.mark.parametrize(
    ("model", "picture"),
    [
        (nn.Conv2d(3, 4, 3).double(), torch.zeros(1, 3, 9, 9)),
        (nn.Linear(9, 4).double(), torch.zeros(1, 3, 9, 9)),
        (nn.LSTM(9, 4).double(), torch.zeros(3, 9)),
        (nn.LayerNorm(9).double(), torch.zeros(3, 9)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_weights_of_another_type_than_the_pictures_are_named(model: nn.Module, picture: torch.Tensor) -> None:
    with pytest.raises((RuntimeError, ValueError)) as error:
        model(picture)
    expected = Advice("'own' has weights of float64, and pictures are of float32: build it in float32")
    assert expected == advice_on(error.value, declared(model), 9)


def test_a_batch_of_one_is_told_where_maps_of_one_pixel_are_normalised_by_it() -> None:
    model = nn.BatchNorm2d(3, track_running_stats=False)
    with pytest.raises(ValueError, match="Expected more than 1 value per channel") as error:
        model(torch.zeros(1, 3, 1, 1))
    expected = Advice("'own' normalises maps of one pixel by the batch, which takes two pictures or more")
    assert expected == advice_on(error.value, declared(model), 1)


def test_an_error_of_a_model_that_runs_gets_no_advice() -> None:
    assert None is advice_on(RuntimeError("no such file"), declared(nn.Flatten()), 32)


def test_without_a_size_none_is_to_blame() -> None:
    assert None is advice_on(RuntimeError("bad"), declared(nn.Linear(3, 3)), None)


@pytest.mark.parametrize(("asked", "is_of_size"), [(200, True), (224, False)])
def test_a_size_is_offered_where_another_one_runs(asked: int, is_of_size: bool) -> None:
    words = f"'own' does not run at {asked} px, and the nearest size that works is 210 px"
    expected = Advice(words, is_of_size)
    assert expected == advice_on(RuntimeError("bad"), declared(nn.Linear(210, 3)), asked)


def test_a_layer_behind_a_global_pooling_that_does_not_fit_is_not_a_matter_of_size() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(9, 4))
    assert None is advice_on(RuntimeError("shapes cannot be multiplied"), declared(model), 32)

"""What GoogLeNet owes its few parameters to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from torch import nn

import suites.architectures  # noqa: F401  # declares
from suites.checks import _models, savings
from suites.checks.savings import what_saves_most


def test_average_pooling_saves_googlenet_more_than_its_1x1_convolutions() -> None:
    found = what_saves_most(architecture="googlenet_2014", than="alexnet_2012")
    assert "average pooling" == found.value
    assert "without the 1x1 convolutions it would have 25,305,944" in found.note
    assert "with the linear layers of alexnet_2012 232,376,856" in found.note
    assert "58,631,144 of the 60,965,224" in found.note


def test_1x1_convolutions_save_more_where_the_linear_layers_are_small() -> None:
    assert "1x1 convolutions" == what_saves_most(architecture="googlenet_2014", than="lenet5_1998").value


@pytest.fixture
def branch(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    layers = nn.Sequential(nn.Conv2d(8, 2, 1), nn.ReLU(), nn.Conv2d(2, 4, 3))
    monkeypatch.setattr(_models, "built", lambda _: layers)
    yield


@pytest.mark.usefixtures("branch")
def test_a_reduction_saves_what_the_larger_kernel_would_need_without_it() -> None:
    assert (4 * (8 * 9 + 1)) - (2 * 9) - (4 * (2 * 9 + 1)) == savings._reduced("branch")

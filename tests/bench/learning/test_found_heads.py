"""Learning of networks whose head, batches or parameters are not as usual."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from bench.cell import Samples
from bench.declare.catalog import ARCHITECTURES, architecture, dataset
from bench.declare.declarations import Images
from bench.errors import Unsupported
from bench.learning.data.view import batches
from tests.bench.stripes import Measured, Net, stripes, without_time

Instead = Callable[..., None]
FROZEN = {"mode": "features+softmax", "weights": "random"}


@pytest.fixture
def instead(world: None) -> Instead:
    """Declares another network under the name of the usual one."""

    def declare(make: Callable[[int], nn.Module], **settings: Any) -> None:
        def net(num_classes: int) -> nn.Module:
            return make(num_classes)

        del ARCHITECTURES._items["net"]
        architecture(family="F", year=2026, paper="p", channels=1, min_resolution=12, **settings)(net)

    return declare


def figures(samples: Samples) -> tuple[Any, ...]:
    details = without_time(samples)
    return samples.values, [point["loss"] for point in details["curve"]], details["trainable"]


class HeadFirst(Net):
    """The usual network, whose head is registered before the trunk."""

    def __init__(self, classes: int) -> None:
        super().__init__(classes)
        for name in ("lower", "upper"):
            self._modules[name] = self._modules.pop(name)


class Cosine(Net):
    """Scores are angles between features and the rows of a layer that is never called."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        normal = nn.functional.normalize
        features = self.upper(self.lower(x).flatten(1)).relu()
        return 10 * nn.functional.linear(normal(features), normal(self.head.weight))


class Distilled(Net):
    """Two tokens with a head each, whose mean is answered."""

    def __init__(self, classes: int) -> None:
        super().__init__(classes)
        self.other, self.other_head = nn.Linear(8, 6), nn.Linear(6, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        maps = self.lower(x).flatten(1)
        y: torch.Tensor = self.head(self.upper(maps)) + self.other_head(self.other(maps))
        return y / 2


class Squeezed(Net):
    """All axes of one are taken away: of a single picture, that of the pictures, too."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.head(self.upper(self.lower(x).squeeze()).relu())
        return y


class ByTheBatch(Net):
    """Normalises by the batch at all times."""

    def __init__(self, classes: int) -> None:
        super().__init__(classes)
        self.lower[1] = nn.BatchNorm2d(8, track_running_stats=False)
        self.norm = nn.BatchNorm1d(16, track_running_stats=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.head(self.norm(self.upper(self.lower(x).flatten(1))).relu())
        return y


class Filtering(Net):
    """A filter of complex numbers in the domain of frequencies."""

    def __init__(self, classes: int) -> None:
        super().__init__(classes)
        self.filter = nn.Parameter(torch.randn(1, 12, 7, dtype=torch.cfloat))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(torch.fft.irfft2(torch.fft.rfft2(x) * self.filter, s=(12, 12)))


@pytest.mark.parametrize("mode", ["features+softmax", "finetune:all"])
def test_a_head_that_is_registered_first_gives_the_figures_of_a_declared_one(
    measured: Measured, instead: Instead, mode: str
) -> None:
    instead(HeadFirst, head="head")
    declared = figures(measured(mode=mode, target="waves", weights="pretrain:stripes"))
    instead(HeadFirst)
    assert declared == figures(measured(mode=mode, target="waves", weights="pretrain:stripes"))


@pytest.mark.parametrize("mode", ["features+softmax", "finetune:all", "finetune:upper"])
def test_a_head_that_never_runs_is_told_before_training(measured: Measured, instead: Instead, mode: str) -> None:
    instead(Cosine)
    with pytest.raises(Unsupported, match=r"^net has no linear head to replace: head never ran; declare "):
        measured(mode=mode)


def test_a_network_without_a_linear_head_learns_from_scratch(measured: Measured, instead: Instead) -> None:
    instead(Cosine)
    assert measured(mode="scratch", steps=60).details["started"]


def test_features_of_both_heads_are_learned_from(measured: Measured, instead: Instead) -> None:
    instead(Distilled)
    assert 3 * (16 + 6 + 1) == measured(**FROZEN).details["trainable"]


def test_both_heads_are_tuned(measured: Measured, instead: Instead, world: None) -> None:
    instead(Distilled)
    # the heads of 16 and of 6 features, and the last stage before them
    expected = (16 + 1) * 3 + (6 + 1) * 3 + (8 + 1) * 6
    assert expected == measured(mode="finetune:upper", weights="pretrain:stripes").details["trainable"]


@pytest.mark.parametrize(
    ("images", "sizes"), [(64, [64]), (65, [65]), (66, [64, 2]), (129, [64, 65]), (1, [1]), (0, [])]
)
def test_no_batch_is_of_a_single_image(images: int, sizes: list[int]) -> None:
    parts = batches(torch.arange(images), 64)
    assert sizes == [len(part) for part in parts]
    assert list(range(images)) == [int(i) for part in parts for i in part]


def few() -> Images:
    """129 pictures, 65 of them for testing: of both, one is left over from batches of 64."""
    whole = stripes()
    return Images(whole.pixels[:129], whole.labels[:129], np.repeat(["train", "val", "test"], [60, 4, 65]))


@pytest.mark.parametrize("mode", ["scratch", "finetune:all", "finetune:upper", "features+softmax", "features+svm"])
def test_a_network_that_squeezes_gives_the_figures_of_one_that_flattens(
    measured: Measured, instead: Instead, mode: str
) -> None:
    dataset(name="few", classes=3, channels=1, resolution=12, licence="none", source="these tests")(few)
    usual = measured(mode=mode, target="few", steps=20)
    assert 65 == len(usual.values)
    instead(Squeezed, upper=("upper",))
    assert figures(usual) == figures(measured(mode=mode, target="few", steps=20))


@pytest.mark.parametrize("mode", ["scratch", "finetune:all", "finetune:upper", "features+softmax"])
def test_figures_that_depend_on_neighbours_are_told(measured: Measured, instead: Instead, mode: str) -> None:
    instead(ByTheBatch, upper=("upper", "norm"))
    (warning,) = measured(mode=mode).details["warnings"]
    assert warning.startswith("what net makes of a picture depends on the others of its batch")


def test_usual_figures_come_without_a_warning(measured: Measured) -> None:
    assert [] == measured(**FROZEN).details["warnings"]


@pytest.mark.parametrize("recipe", ["harness", "lecture"])
def test_parameters_of_complex_numbers_train(measured: Measured, instead: Instead, recipe: str) -> None:
    instead(Filtering)
    details = measured(mode="scratch", recipe=recipe).details
    assert sum(p.numel() for p in Filtering(3).parameters()) == details["trainable"]
    assert details["curve"][0]["loss"] > details["curve"][-1]["loss"]

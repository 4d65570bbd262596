"""The frozen part of a model is computed once for each image, and what learns above it learns the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from bench.learning.data.images import Normalisation, Stored
from bench.learning.data.view import View
from bench.learning.partition import Partition
from bench.learning.recipes import RECIPES
from bench.learning.surgery import freeze_below, set_train
from bench.learning.training import networks
from bench.learning.training.boundary import KeptActivations, Split, bytes_an_image, split_at_boundary
from bench.learning.training.device.waiting import Waiting
from bench.learning.training.fit import fit
from bench.learning.training.loop import TrainingPlan
from bench.learning.training.networks import Above, Network, WholeModel, network_of
from bench.learning.training.task import TrainingTask
from bench.network.outputs import NetworkOutputs

UPPER = ("upper", "head")


class Net(nn.Module):
    """BatchNorm and dropout below, dropout above, a parameter and a size in between."""

    def __init__(self) -> None:
        super().__init__()
        self.lower = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5))
        self.shift = nn.Parameter(torch.ones(1, 4, 1, 1))
        self.upper = nn.Sequential(nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.Dropout(0.3))
        self.head = nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.lower(x) + self.shift
        n = x.shape[0]
        y: torch.Tensor = self.head(self.upper(x).mean((2, 3)).reshape(n, -1))
        return y


class Stubborn(Net):
    """Code that cannot be traced: it looks at a value."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) if bool(x.sum() > -1e9) else x


def net(kind: type[Net] = Net) -> Net:
    torch.manual_seed(0)
    model = kind()
    freeze_below(model, UPPER)
    return model


def images(n: int) -> torch.Tensor:
    return torch.rand(n, 1, 9, 9, generator=torch.Generator().manual_seed(1))


def split() -> tuple[Net, Split]:
    model = net()
    found = split_at_boundary(model, UPPER, images(2))
    assert found is not None
    return model, found


def test_the_upper_part_answers_what_the_whole_model_answers() -> None:
    model, parts = split()
    model.eval()
    assert model(images(6)).equal(parts.answering(*parts.below(images(6))))


def test_the_upper_part_learns_as_the_whole_model_does() -> None:
    model, parts = split()
    set_train(model, UPPER)
    torch.manual_seed(5)
    expected = model(images(6))
    torch.manual_seed(5)
    assert expected.equal(parts.learning(*parts.below(images(6))))


def test_what_has_no_row_for_each_image_is_computed_above_the_boundary() -> None:
    _, parts = split()
    assert [(6, 4, 7, 7)] == [tuple(value.shape) for value in parts.below(images(6))]


def test_the_parts_share_the_models_weights() -> None:
    model, parts = split()
    before = parts.answering(*parts.below(images(2)))
    with torch.no_grad():
        model.head.bias.add_(1)
    assert torch.allclose(before + 1, parts.answering(*parts.below(images(2))))


def test_a_model_whose_code_cannot_be_traced_is_not_cut() -> None:
    assert split_at_boundary(net(Stubborn), UPPER, images(2)) is None


def test_a_model_that_learns_whole_is_not_cut() -> None:
    assert split_at_boundary(net(), ("",), images(2)) is None


def test_the_memory_of_an_images_activations_is_known() -> None:
    assert 4 * 7 * 7 * 4 == bytes_an_image(split()[1], images(2))


def counted(chosen: list[int]) -> KeptActivations:
    """Keeps ten images of twenty, and writes down which ones were computed."""
    _, parts = split()

    def batches(positions: torch.Tensor) -> Iterator[torch.Tensor]:
        chosen.extend(positions.tolist())
        yield images(20)[positions]

    return KeptActivations(parts, batches, torch.arange(10))


def test_activations_are_computed_once_for_each_image() -> None:
    computed: list[int] = []
    kept = counted(computed)
    kept.of(torch.tensor([3, 4, 3]))
    kept.of(torch.tensor([4, 5, 6]))
    assert [3, 4, 5, 6] == computed


def test_a_single_image_is_computed_beside_itself() -> None:
    computed: list[int] = []
    kept, parts = counted(computed), split()[1]
    (found,) = kept.of(torch.tensor([5]))
    assert [5, 5] == computed
    assert torch.allclose(parts.below(images(20)[[5, 6]])[0][:1], found)


def test_kept_activations_are_those_of_the_images_asked_for() -> None:
    kept, parts = counted([]), split()[1]
    kept.of(torch.tensor([7, 2]))
    expected = parts.below(images(20)[[2, 9, 7]])[0]
    assert torch.allclose(expected, kept.of(torch.tensor([2, 9, 7]))[0])


def test_images_that_will_not_come_again_are_computed_each_time() -> None:
    computed: list[int] = []
    kept = counted(computed)
    kept.of(torch.tensor([15, 16]))
    kept.of(torch.tensor([15, 16]))
    assert [15, 16, 15, 16] == computed


def task(augmentation: str = "none") -> TrainingTask:
    pixels = (images(60) * 255).to(torch.uint8)
    labels = torch.arange(60) // 3 % 3
    stored = Stored(pixels, labels, torch.arange(60) % 3, torch.arange(60))
    view = View(1, 9, Normalisation((0.5,), (0.3,)), None)
    return TrainingTask(
        pixels, labels, Partition(stored, None, 0, 0), view, 5, "cpu", NetworkOutputs(net, 3), augmentation
    )


def test_fine_tuning_with_kept_activations_gives_the_weights_of_fine_tuning_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = TrainingPlan(RECIPES.get("harness"), 12, RECIPES.get("harness").values(0.01))
    fast = fit(net(), task(), training, lambda frame: None, tmp_path / "fast", UPPER)
    monkeypatch.setattr(networks, "split_at_boundary", lambda *_: None)
    slow = fit(net(), task(), training, lambda frame: None, tmp_path / "slow", UPPER)
    assert (Above, WholeModel) == (type(fast.answers), type(slow.answers))
    for name, value in slow.model.state_dict().items():
        assert torch.allclose(value, fast.model.state_dict()[name], atol=1e-6), name


def of(some: TrainingTask) -> Network:
    return network_of(net(), some, UPPER, some.order(), Waiting("cpu"))


def test_with_augmentation_every_step_goes_through_the_whole_model() -> None:
    assert isinstance(of(task("lecture")), WholeModel)


def test_activations_too_large_for_memory_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "MOST_BYTES", 1000)
    assert isinstance(of(task()), WholeModel)


def test_dropout_that_is_trained_draws_anew_at_every_step() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Sequential(nn.Dropout(0.5), nn.Flatten()), nn.Linear(196, 3)
    )
    trained = ("2.0", "2.1", "3")
    parts = split_at_boundary(model, trained, images(2))
    assert parts is not None
    set_train(model, trained)
    below = parts.below(images(2))
    assert all(first.equal(second) for first, second in zip(below, parts.below(images(2)), strict=True))
    assert not parts.learning(*below).equal(parts.learning(*below))

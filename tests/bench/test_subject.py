"""Subjects: what a measure is given, and the cheap weights of models whose cost is measured."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from bench.artifact import Shelf
from bench.catalog import architecture
from bench.cell import Cell, Cost, Learning
from bench.errors import Unsupported
from bench.subject import LARGE, Subject, build_cheaply

COST = Cost(mode="infer", resolution=16, batch=3)
LEARNING = Learning(
    weights="random",
    target="digits",
    mode="scratch",
    augmentation="none",
    resolution=8,
    shots=5,
    steps=1,
    batch=2,
    lr=0.1,
)


def wide(num_classes: int) -> nn.Module:
    """A convolution under and a linear layer over the bound of cheap weights."""
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(12), nn.Flatten(), nn.Linear(1152, num_classes))


@pytest.fixture
def subject(no_declarations: None, tmp_path: Path) -> Callable[..., Subject]:
    """Makes subjects of a small declared network."""
    architecture(family="F", year=2026, paper="none")(wide)

    def build(num_classes: int) -> nn.Module:
        return nn.Sequential(nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes))

    build.__name__ = "grey"
    architecture(family="F", year=2026, paper="none", channels=1)(build)

    def make(scenario: Cost | Learning = COST, name: str = "wide") -> Subject:
        return Subject(Cell(name, "m", scenario), Shelf(tmp_path), lambda _: None)

    return make


def test_an_inference_subject_is_in_eval_mode(subject: Callable[..., Subject]) -> None:
    assert not subject().model.training


def test_a_training_subject_is_in_train_mode(subject: Callable[..., Subject]) -> None:
    assert subject(Cost(mode="train", resolution=16)).model.training


def test_images_have_the_scenarios_shape(subject: Callable[..., Subject]) -> None:
    assert (3, 3, 16, 16) == tuple(subject().images.shape)


def test_images_are_the_same_in_every_process(subject: Callable[..., Subject]) -> None:
    torch.manual_seed(7)
    first = subject().images
    torch.manual_seed(8)
    assert torch.equal(first, subject().images)


def test_images_and_weights_take_the_scenarios_memory_format(subject: Callable[..., Subject]) -> None:
    made = subject(Cost(mode="infer", resolution=16, memory_format="channels_last"))
    assert made.images.is_contiguous(memory_format=torch.channels_last)
    assert next(made.model.parameters()).is_contiguous(memory_format=torch.channels_last)


def test_a_network_of_one_channel_has_ten_classes_and_others_a_thousand(subject: Callable[..., Subject]) -> None:
    assert (10, 1000) == (subject(name="grey").classes, subject().classes)


def test_there_is_one_label_an_image_and_each_is_a_class(subject: Callable[..., Subject]) -> None:
    labels = subject(Cost(mode="train", resolution=16, batch=12), "grey").labels
    assert [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1] == labels.tolist()


def test_a_measure_of_cost_refuses_a_learning_cell(subject: Callable[..., Subject]) -> None:
    with pytest.raises(Unsupported, match="needs a scenario of cost"):
        _ = subject(LEARNING).cost


def test_a_measure_of_learning_refuses_a_cost_cell(subject: Callable[..., Subject]) -> None:
    with pytest.raises(Unsupported, match="needs a scenario of learning"):
        _ = subject().learning


def test_cheap_weights_change_no_count() -> None:
    counts = [sum(p.numel() for p in model.parameters()) for model in (wide(1000), build_cheaply(wide, 1000))]
    assert 1153224 == counts[0] == counts[1]


def test_cheap_weights_give_finite_outputs() -> None:
    with torch.no_grad():
        assert build_cheaply(wide, 1000)(torch.randn(1, 3, 16, 16)).isfinite().all()


def test_every_page_of_a_large_tensor_is_written() -> None:
    large = build_cheaply(wide, 1000).get_parameter("3.weight")
    assert large.numel() > LARGE
    assert (large.view(-1)[: large.numel() // 4096 * 4096].view(-1, 4096) != 0).any(dim=1).all()


def test_large_tensors_are_scaled_by_their_fan_in() -> None:
    large = build_cheaply(wide, 1000).get_parameter("3.weight")
    assert (6 / 1152) ** 0.5 == pytest.approx(large.abs().max().item(), rel=1e-3)


def test_small_tensors_are_initialised_as_the_model_says() -> None:
    def ones(num_classes: int) -> nn.Module:
        layer = nn.Linear(4, num_classes)
        nn.init.ones_(layer.weight)
        return layer

    assert torch.ones(2, 4).equal(build_cheaply(ones, 2).get_parameter("weight"))


def test_large_tensors_are_not_initialised_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(nn.init, "trunc_normal_", lambda tensor, **_: drawn.append(tensor.numel()))

    def truncated(num_classes: int) -> nn.Module:
        model = nn.Sequential(nn.Linear(4, 4), nn.Linear(1000, num_classes))
        for layer in model:
            nn.init.trunc_normal_(layer.weight, std=0.1)  # type: ignore[arg-type]
        return model

    build_cheaply(truncated, 1000)
    assert [16] == drawn


def test_initialisation_is_as_before_even_where_building_fails() -> None:
    before = {name: getattr(nn.init, name) for name in dir(nn.init)}

    def failing(num_classes: int) -> nn.Module:
        raise ValueError("no such width")

    with pytest.raises(ValueError, match="no such width"):
        build_cheaply(failing, 10)
    assert before == {name: getattr(nn.init, name) for name in dir(nn.init)}

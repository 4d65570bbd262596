"""Models with cheap weights: their shapes, and how their large tensors are filled."""

import pytest
import torch
from torch import nn

from bench.network.building import build_cheaply
from bench.network.filling.undrawn import LARGE


def wide(num_classes: int) -> nn.Module:
    """A convolution under and a linear layer over the bound of cheap weights."""
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(12), nn.Flatten(), nn.Linear(1152, num_classes))


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
    draw = nn.init.trunc_normal_

    def drawing(tensor: torch.Tensor, std: float) -> torch.Tensor:
        drawn.append(tensor.numel())
        return draw(tensor, std=std)

    monkeypatch.setattr(nn.init, "trunc_normal_", drawing)

    def truncated(num_classes: int) -> nn.Module:
        model = nn.Sequential(nn.Linear(4, 4), nn.Linear(1000, num_classes))
        for layer in model:
            nn.init.trunc_normal_(layer.weight, std=0.1)  # type: ignore[arg-type]
        return model

    build_cheaply(truncated, 1000)
    assert max(drawn) < LARGE


def test_initialisation_is_as_before_even_where_building_fails() -> None:
    before = {name: getattr(nn.init, name) for name in dir(nn.init)}

    def failing(num_classes: int) -> nn.Module:
        raise ValueError("no such width")

    with pytest.raises(ValueError, match="no such width"):
        build_cheaply(failing, 10)
    assert before == {name: getattr(nn.init, name) for name in dir(nn.init)}

"""Tracing without computing, and the layer table that comes with it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from bench.lazy import lazy
from bench.measures.counting import dispatched
from bench.measures.counting.shapes_only import NeedsValues, shapes_only
from bench.measures.counts import count_macs
from bench.network.building import build_untouched

models = lazy("torchvision.models")


class Nowhere(nn.Module):
    """A network with a part that does not run, a parameter of its own and a part that runs twice."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3, 1, 1))
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.auxiliary = nn.Linear(5, 7)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        twice: torch.Tensor = self.conv(self.conv(images * self.scale))
        return twice


def test_operators_return_shapes() -> None:
    with shapes_only():
        product = torch.ones(100, 200) @ torch.full((200, 300), torch.nan)
    assert (100, 300) == product.shape


def test_reading_a_value_that_was_not_computed_is_refused() -> None:
    with shapes_only(), pytest.raises(NeedsValues, match="reads a value"):
        bool(torch.zeros(3).sum() > 0)


def test_small_constants_keep_their_values() -> None:
    with shapes_only():
        assert 5 == int(torch.tensor(2) + torch.tensor(3))


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv1d(4, 6, 3, padding="same"),
        nn.Conv1d(4, 6, 3, stride=2, dilation=2),
        nn.ConvTranspose1d(4, 6, 3, stride=2, output_padding=1),
    ],
    ids=["padded by a word", "dilated", "transposed"],
)
def test_every_kind_of_convolution_counts_as_on_real_tensors(layer: nn.Module) -> None:
    count = count_macs(layer, torch.zeros(1, 4, 16))
    assert "shapes alone" == count.traced_on
    assert count.counters_agree
    assert 0 < count.total


def test_a_large_model_is_counted_in_little_memory() -> None:
    model = build_untouched(lambda classes: models.vit_l_16(num_classes=classes), 1000)
    count = count_macs(model, torch.empty(1, 3, 224, 224))
    assert ("shapes alone", 304326632) == (count.traced_on, sum(layer.parameters for layer in count.layers))


def test_activations_are_the_outputs_of_what_is_counted() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 10))
    assert 8 * 6 * 6 + 10 == count_macs(model, torch.zeros(1, 3, 8, 8)).activations


def test_fused_attention_has_the_activations_of_attention_that_is_written_out() -> None:
    class Fused(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.scaled_dot_product_attention(x, x, x)

    class Written(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (x @ x.transpose(-1, -2)).softmax(-1) @ x

    tokens = torch.zeros(1, 2, 5, 4)
    assert count_macs(Written(), tokens).activations == count_macs(Fused(), tokens).activations


def test_the_layers_add_up_to_the_model() -> None:
    count = count_macs(models.googlenet(init_weights=False), torch.zeros(1, 3, 64, 64))
    assert 13004888 == sum(layer.parameters for layer in count.layers)
    assert count.total == sum(layer.macs for layer in count.layers)


def test_a_layer_has_name_type_shape_parameters_and_multiply_adds() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
    first, second = count_macs(model, torch.zeros(1, 3, 8, 8)).layers
    assert ("0", "Conv2d", (1, 8, 6, 6), 224, 8 * 36 * 27, 1) == (
        first.name,
        first.type,
        first.output,
        first.parameters,
        first.macs,
        first.call,
    )
    assert ("ReLU", 0, 0) == (second.type, second.parameters, second.macs)


class Shrinking(nn.Module):
    """A network that runs one convolution at two sizes, and a part with a convolution in it twice."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.part = nn.Sequential(nn.Conv2d(3, 3, 1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        small: torch.Tensor = self.conv(self.pool(self.conv(images)))
        again: torch.Tensor = self.part(self.part(small))
        return again


class Twice(nn.Module):
    """A network that runs its part twice, one beside the other."""

    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        self.part = part

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        both: torch.Tensor = self.part(images) + self.part(images)
        return both


class Product(nn.Module):
    """A matrix times a vector."""

    def forward(self, matrices: torch.Tensor) -> torch.Tensor:
        return matrices @ torch.zeros(8)


def rows(model: nn.Module) -> list[tuple[str, int, int, int]]:
    """Name, call, parameters and multiply-adds of each layer, for a picture of 8 x 8 pixels."""
    count = count_macs(model, torch.zeros(1, 3, 8, 8))
    return [(layer.name, layer.call, layer.parameters, layer.macs) for layer in count.layers]


def test_each_call_has_a_row_and_parameters_count_at_the_first() -> None:
    assert [("conv", 1, 84), ("conv", 2, 0), ("", 1, 3)] == [row[:3] for row in rows(Nowhere())[:3]]


def test_what_does_not_run_comes_last_with_its_parameters() -> None:
    assert ("auxiliary", 0, 42, 0) == rows(Nowhere())[-1]


def test_each_call_has_the_multiply_adds_of_its_own_input() -> None:
    expected = [
        ("conv", 1, 84, 64 * 81),
        ("pool", 1, 0, 0),
        ("conv", 2, 0, 16 * 81),
        ("part.0", 1, 12, 16 * 9),
        ("part.0", 2, 0, 16 * 9),
    ]
    assert expected == rows(Shrinking())


def test_each_call_has_the_shape_of_its_own_output() -> None:
    layers = count_macs(Shrinking(), torch.zeros(1, 3, 8, 8)).layers
    assert [(1, 3, 8, 8), (1, 3, 4, 4)] == [layer.output for layer in layers if layer.name == "conv"]


def test_multiply_adds_that_the_second_counter_does_not_see_stand_at_the_first_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(dispatched.MACS, "aten::mv")
    assert [("part", 1, 0, 2 * 3 * 8 * 8), ("part", 2, 0, 0)] == rows(Twice(Product()))

"""What is counted, and how exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import Mock

import pytest
import torch
from torch import nn
from torch.nn import functional

import suites.architectures  # noqa: F401  (declares)
from bench.cell import Cell, Cost, Samples, canonical
from bench.clock import Clock
from bench.declare.artifact import PRODUCERS, Shelf
from bench.declare.beyond.variants import SIZE, options_of
from bench.declare.catalog import ARCHITECTURES, MEASURES
from bench.lazy import lazy
from bench.measures.counting import dispatched, multiply_adds, traced
from bench.measures.counts import count_macs, count_parameters
from bench.network.building import build_untouched
from bench.network.subject import Subject

models = lazy("torchvision.models")
LIGHT = ("googlenet", "resnet18", "efficientnet_b0", "vit_b_16", "swin_t")
TORCHVISION = [item.name for item in ARCHITECTURES if item.name in models.list_models(models)]


COUNTED_WITHOUT_AUXILIARY = {"googlenet"}
"""Of Inception V3 torchvision counts the auxiliary head, of GoogLeNet it does not."""
WEIGHTS = [pytest.param(n, w, id=str(w)) for n in TORCHVISION for w in models.get_model_weights(n)]
"""Every set of weights that torchvision publishes for its builders."""


def sized(name: str, side: int) -> str:
    """The architecture, or its variant, that takes pictures of this size, in pixels."""
    free = SIZE in options_of(ARCHITECTURES.get(name).build)
    return f"{name}:{SIZE}={side}" if free else name


def by_size() -> Iterator[Any]:
    """One set of weights for each size that a builder has weights for: their multiply-adds are the same."""
    for name in TORCHVISION:
        sizes = {w.transforms.keywords["crop_size"]: w for w in reversed(models.get_model_weights(name))}
        for weights in sizes.values():
            yield pytest.param(name, weights, id=str(weights), marks=() if name in LIGHT else pytest.mark.slow)


class Function(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        return self.function(*tensors)


class Branching(nn.Module):
    """A transformer layer that looks at the values of its input."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.layer(tokens) if tokens.sum() < 1 else tokens
        return result


def measured(name: str, architecture: str, resolution: int) -> Samples:
    cell = Cell(architecture, name, Cost(mode="infer", resolution=resolution))
    with TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        for artifact in MEASURES.get(name).artifacts(cell):
            PRODUCERS.get(artifact.kind)(artifact, shelf, lambda _: None)
        return MEASURES.get(name).function(Subject(cell, shelf, lambda _: None), Clock(0))


def test_a_convolution_costs_its_outputs_times_its_fan_in() -> None:
    count = count_macs(nn.Conv2d(3, 8, 5, stride=2, padding=2), torch.zeros(1, 3, 28, 28))
    assert 8 * 14 * 14 * 3 * 5 * 5 == count.total == count.second_counter


def test_a_grouped_convolution_costs_its_share_of_the_input_channels() -> None:
    count = count_macs(nn.Conv2d(64, 128, 3, groups=32), torch.zeros(1, 64, 9, 9))
    assert 128 * 7 * 7 * 2 * 3 * 3 == count.total == count.second_counter


def test_a_convolution_whose_padding_is_a_word_counts_as_a_convolution() -> None:
    count = count_macs(nn.Conv2d(3, 8, 3, padding="same"), torch.zeros(1, 3, 9, 9))
    assert {"conv": 8 * 9 * 9 * 3 * 3 * 3} == count.by_operator


def test_a_linear_layer_costs_inputs_times_outputs_for_each_row() -> None:
    count = count_macs(nn.Linear(20, 30), torch.zeros(4, 7, 20))
    assert 4 * 7 * 20 * 30 == count.total == count.second_counter


def test_scaled_dot_product_attention_costs_both_its_products() -> None:
    attend = Function(functional.scaled_dot_product_attention)
    count = count_macs(attend, torch.zeros(2, 3, 5, 8), torch.zeros(2, 3, 7, 8), torch.zeros(2, 3, 7, 4))
    assert {"attention": 2 * 3 * 5 * 7 * (8 + 4)} == count.by_operator
    assert count.total == count.second_counter


def test_the_fused_attention_of_inference_costs_four_projections_and_two_products() -> None:
    layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
    count = count_macs(layer, torch.zeros(2, 5, 16))
    assert {"linear": 2 * 5 * (4 * 16 * 16 + 2 * 16 * 32), "attention": 2 * 2 * 5 * 5 * 16} == count.by_operator
    assert count.total == count.second_counter


def test_a_broadcast_product_costs_one_dot_product_for_each_element_of_the_result() -> None:
    count = count_macs(Function(torch.matmul), torch.zeros(5, 4), torch.zeros(3, 4, 6))
    assert 3 * 5 * 6 * 4 == count.total == count.second_counter


def test_an_added_batch_of_products_costs_the_products() -> None:
    count = count_macs(Function(torch.baddbmm), torch.zeros(2, 3, 5), torch.zeros(2, 3, 7), torch.zeros(2, 7, 5))
    assert 2 * 3 * 5 * 7 == count.total == count.second_counter


def test_an_einsum_costs_one_multiply_add_for_each_combination_of_its_indices() -> None:
    product = Function(lambda a, b: torch.einsum("b i d, b j d -> b i j", a, b))
    count = count_macs(product, torch.zeros(2, 3, 4), torch.zeros(2, 5, 4))
    assert {"einsum": 2 * 3 * 5 * 4} == count.by_operator
    assert count.total == count.second_counter


def test_an_einsum_of_three_tensors_costs_its_contractions_from_the_left() -> None:
    product = Function(lambda a, b, c: torch.einsum("ij,jk,kl->il", a, b, c))
    count = count_macs(product, torch.zeros(2, 3), torch.zeros(3, 4), torch.zeros(4, 5))
    assert {"einsum": 2 * 3 * 4 + 2 * 4 * 5} == count.by_operator
    assert count.counters_agree


def test_normalisation_and_pooling_are_named_but_not_counted() -> None:
    count = count_macs(nn.Sequential(nn.BatchNorm2d(3), nn.AdaptiveAvgPool2d(1)), torch.zeros(1, 3, 8, 8))
    assert 0 == count.total == count.second_counter
    assert {"batch_norm", "adaptive_avg_pool2d"} == set(count.beyond)


def test_operators_without_a_count_are_listed_with_their_calls() -> None:
    count = count_macs(nn.Sequential(nn.GELU(), nn.GELU(), nn.MaxPool2d(2)), torch.zeros(1, 3, 8, 8))
    assert {"aten::gelu": 2, "aten::max_pool2d": 1} == count.uncounted


def test_of_counters_that_disagree_both_figures_are_told_and_the_larger_one_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(dispatched.MACS, "aten::mv", lambda out, matrix, vector: 4000)
    count = count_macs(Function(torch.matmul), torch.zeros(5, 4), torch.zeros(4))
    assert (4000, "no: 20 and 4,000", False) == (count.total, count.agreement, count.counters_agree)


def test_a_model_that_looks_at_values_is_counted_twice_on_real_tensors() -> None:
    count = count_macs(Branching(), torch.zeros(2, 5, 16))
    assert count.second_counter_ran_on.startswith("real tensors, since the meta device refused: ")
    assert 2 * 5 * (4 * 16 * 16 + 2 * 16 * 32) + 2 * 2 * 5 * 5 * 16 == count.total == count.second_counter


def test_a_network_that_leaves_torch_for_numpy_is_counted_on_real_tensors() -> None:
    count = count_macs(Function(lambda x: torch.from_numpy(x.numpy() * 2) @ x.T), torch.zeros(5, 4))
    assert 5 * 4 * 5 == count.total
    assert "TypeError" not in count.agreement


def test_a_network_that_asserts_what_only_real_tensors_keep_is_counted_on_them() -> None:
    def on_the_cpu(x: torch.Tensor) -> torch.Tensor:
        assert x.device.type == "cpu"
        return x @ x.T

    assert 5 * 4 * 5 == count_macs(Function(on_the_cpu), torch.zeros(5, 4)).total


@pytest.fixture
def no_tracer(monkeypatch: pytest.MonkeyPatch) -> None:
    """fvcore is as it would be beside a torch without its tracer."""

    def fail() -> None:
        raise AttributeError("module 'torch.jit' has no attribute '_get_trace_graph'\nmore")

    monkeypatch.setattr(traced, "_fvcore", fail)


@pytest.mark.parametrize("name", LIGHT)
def test_where_fvcore_cannot_count_torchs_counter_gives_the_same_figures(
    name: str, request: pytest.FixtureRequest
) -> None:
    model, images = build_untouched(ARCHITECTURES.get(name).build, 1000), torch.empty(1, 3, 224, 224)
    both = count_macs(model, images)
    request.getfixturevalue("no_tracer")
    alone = count_macs(model, images)
    assert (both.total, both.activations, both.layers) == (alone.total, alone.activations, alone.layers)


@pytest.mark.usefixtures("no_tracer")
def test_a_count_by_torchs_counter_alone_says_why_and_that_nothing_agrees() -> None:
    count = count_macs(nn.Linear(4, 5), torch.zeros(1, 4))
    assert ("nothing", False) == (count.traced_on, count.counters_agree)
    assert (
        "fvcore cannot count here: AttributeError: module 'torch.jit' has no attribute '_get_trace_graph'"
        == count.only_counter
    )


def test_want_of_memory_while_fvcore_counts_is_not_taken_for_a_missing_tracer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(multiply_adds, "trace", Mock(side_effect=MemoryError))
    with pytest.raises(MemoryError):
        count_macs(nn.Linear(4, 5), torch.zeros(1, 4))


def test_counting_leaves_the_weights_where_they_are() -> None:
    model = nn.Linear(4, 5)
    count_macs(model, torch.zeros(1, 4))
    assert "cpu" == model.weight.device.type


def test_frozen_parameters_count_among_all_parameters_and_change_no_multiply_adds() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 3))
    free = count_macs(model, torch.zeros(1, 1, 4, 4))
    model[0].requires_grad_(False)
    assert free == count_macs(model, torch.zeros(1, 1, 4, 4))
    assert (47, 27) == (count_parameters(model).total, count_parameters(model).trainable)


def test_a_shared_tensor_counts_once() -> None:
    first, second = nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False)
    second.weight = first.weight
    assert 16 == count_parameters(nn.Sequential(first, second)).total


def test_bytes_cover_parameters_and_buffers() -> None:
    count = count_parameters(nn.BatchNorm2d(8))
    assert (16, 17, 4 * 32 + 8) == (count.total, count.buffers, count.bytes)


def test_googlenet_is_counted_with_and_without_its_auxiliary_heads() -> None:
    samples = measured("parameters", "googlenet", 224)
    assert (13004888.0,) == samples.values
    assert {"aux1": 3188968, "aux2": 3191016} == samples.details["auxiliary"]
    assert 6624904 == samples.details["without_auxiliary"]


def test_the_multiply_adds_of_vit_b_16_follow_from_its_dimensions() -> None:
    tokens, width, hidden, layers, patch = 197, 768, 3072, 12, 16
    layer = tokens * (4 * width * width + 2 * width * hidden) + 2 * tokens * tokens * width
    embedding = (tokens - 1) * width * 3 * patch * patch
    samples = measured("macs", "vit_b_16", 224)
    assert (float(layers * layer + embedding + width * 1000),) == samples.values
    assert samples.details["second_counter_agrees"]


def test_the_multiply_adds_of_the_lecture_cnn_follow_from_its_layers() -> None:
    samples = measured("macs", "lecture_cnn", 28)
    assert (float(28 * 28 * 416 - 28 * 28 * 16 + 14 * 14 * 32 * 16 * 25 + 1568 * 10),) == samples.values


def test_the_details_of_a_count_are_plain_data() -> None:
    details = measured("macs", "lenet5", 32).details
    assert "one multiply-add counts one" in canonical(details)


@pytest.fixture(scope="module")
def as_torchvision() -> Callable[[str, int], int]:
    """Parameters as torchvision counts them, by builder and size of the input; counted once for all weights."""

    @cache
    def count(name: str, side: int) -> int:
        item = ARCHITECTURES.get(sized(name, side))
        found = count_parameters(build_untouched(item.build, 1000), item.auxiliary)
        return found.without_auxiliary if name in COUNTED_WITHOUT_AUXILIARY else found.total

    return count


@pytest.mark.parametrize(("name", "weights"), WEIGHTS)
def test_parameters_are_those_of_torchvisions_metadata(
    name: str, weights: Any, as_torchvision: Callable[[str, int], int]
) -> None:
    assert weights.meta["num_params"] == as_torchvision(name, weights.transforms.keywords["crop_size"])


@pytest.mark.parametrize(("name", "weights"), list(by_size()))
def test_multiply_adds_are_those_of_torchvisions_metadata_within_its_rounding(name: str, weights: Any) -> None:
    side = weights.transforms.keywords["crop_size"]
    samples = measured("macs", sized(name, side), side)
    assert weights.meta["_ops"] == pytest.approx(samples.values[0] / 1e9, rel=0, abs=0.0005)
    assert samples.details["second_counter_agrees"]

"""Layers as tables print them, on networks whose layers are few or can be counted by hand."""

from __future__ import annotations

import pytest

import suites.architectures  # noqa: F401  # declares
from suites.checks import _models as models
from suites.checks import layers


def test_parameters_are_those_of_the_whole_network() -> None:
    assert 60_000 == layers.parameters(architecture="lenet5_1998").value


def test_auxiliary_heads_can_be_left_out() -> None:
    heads = ("aux1", "aux2")
    inside = sum(p.numel() for h in heads for p in models.built("googlenet").get_submodule(h).parameters())
    whole = models.parameters("googlenet")
    assert whole - inside == layers.parameters(architecture="googlenet", auxiliary=False).value


def test_all_parameters_of_a_new_network_are_trainable() -> None:
    assert 0 == layers.frozen_parameters(architecture="lecture_cnn").value
    assert 28_938 == layers.trainable_parameters(architecture="lecture_cnn").value


def test_multiply_adds_follow_from_the_shapes() -> None:
    # 28^2 positions x 16 filters of 5^2, 14^2 x 32 of 16 x 5^2, and the linear layer
    expected = 784 * 16 * 25 + 196 * 32 * 400 + 1568 * 10
    assert expected == layers.macs(architecture="lecture_cnn").value


def test_multiply_adds_grow_with_the_picture() -> None:
    assert 4 * 73_728 * 56**2 == layers.macs(architecture="block_basic:norm=false", resolution=112).value


def test_layers_are_counted_from_one_in_the_order_in_which_they_run() -> None:
    kinds = [layers.layer_kind(architecture="lecture_cnn", layer=i).value for i in (1, 2, 3, 7)]
    assert ["Conv2d-1", "ReLU-2", "MaxPool2d-3", "Linear-7"] == kinds


def test_the_size_of_the_batch_is_left_open_in_a_shape() -> None:
    assert [-1, 32, 14, 14] == layers.layer_shape(architecture="lecture_cnn", layer=4).value


def test_a_layer_has_its_weights_and_biases() -> None:
    assert 32 * 16 * 25 + 32 == layers.layer_parameters(architecture="lecture_cnn", layer=4).value


@pytest.mark.parametrize("layer", [0, 8])
def test_a_layer_that_is_not_there_is_refused(layer: int) -> None:
    with pytest.raises(ValueError, match="the layers 1 to 7"):
        layers.layer_parameters(architecture="lecture_cnn", layer=layer)


def test_inputs_are_those_of_a_linear_layer() -> None:
    assert 32 * 7 * 7 == layers.in_features(architecture="lecture_cnn", layer=7).value
    with pytest.raises(ValueError, match="not a linear layer"):
        layers.in_features(architecture="lecture_cnn", layer=1)


def test_a_module_is_printed_as_torch_prints_it() -> None:
    text = "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)"
    assert text == layers.printed_module(architecture="lecture_cnn", module="conv1.2").value


def test_levels_are_the_parts_of_the_network() -> None:
    assert "c1, s2, c3, s4, c5, f6, output" == layers.children(architecture="lenet5_1998").value
    assert 7 == layers.count_children(architecture="lenet5_1998").value


def test_modules_are_counted_by_class() -> None:
    assert 8 == layers.count_modules(architecture="vgg11", kind="Conv2d").value


def test_only_kinds_that_run_are_present() -> None:
    asked = ["Conv2d", "BatchNorm2d", "ReLU"]
    assert "Conv2d, ReLU" == layers.kinds_present(architecture="vgg11", kinds=asked).value


@pytest.mark.parametrize(("architecture", "expected"), [("vgg11", False), ("vgg11_bn", True)])
def test_normalisation_is_found_where_it_is(architecture: str, expected: bool) -> None:
    assert expected is layers.has_kind(architecture=architecture, kind="BatchNorm2d").value


@pytest.mark.parametrize(("kind", "expected"), [("Conv2d", True), ("Dropout", False)])
def test_a_kind_without_parameters_learns_nothing(kind: str, expected: bool) -> None:
    assert expected is layers.learnable(architecture="vgg11", kind=kind).value


def test_a_shared_model_has_shapes_but_no_memory() -> None:
    assert {"meta"} == {p.device.type for p in models.built("vgg11").parameters()}


def test_weights_from_a_seed_are_the_same_again() -> None:
    first = models.real("lecture_cnn").state_dict()
    again = models.real.__wrapped__("lecture_cnn").state_dict()
    assert all(first[name].equal(again[name]) for name in first)

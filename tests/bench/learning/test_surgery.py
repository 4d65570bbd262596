"""Replacing heads, finding the upper stage, freezing what lies below."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture
from bench.declare.loading.discovery import load_catalogs
from bench.learning.surgery import (
    ModuleModes,
    freeze_below,
    names_from,
    replace_heads,
    set_train,
    upper_names,
)


@pytest.fixture
def plain() -> Architecture:
    """A declaration that names neither head nor upper stage."""
    load_catalogs()
    return replace(ARCHITECTURES.get("resnet18"), head="", upper=())


def small() -> nn.Sequential:
    trunk = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    return nn.Sequential(trunk, nn.Linear(4, 8), nn.Linear(8, 3))


def test_a_new_head_has_the_targets_classes() -> None:
    model = small()
    replace_heads(model, ("2",), classes=7, seed=0)
    assert (7, 8) == model.get_parameter("2.weight").shape


def test_a_new_head_depends_on_the_seed_alone() -> None:
    first, second = small(), small()
    replace_heads(first, ("2",), 7, seed=5)
    torch.rand(3)
    replace_heads(second, ("2",), 7, seed=5)
    assert first.get_parameter("2.weight").equal(second.get_parameter("2.weight"))


def test_two_new_heads_are_drawn_apart() -> None:
    model = nn.ModuleDict({"one": nn.Linear(4, 3), "two": nn.Linear(4, 3)})
    replace_heads(model, ("one", "two"), 3, seed=5)
    assert not model.get_parameter("one.weight").equal(model.get_parameter("two.weight"))


def test_a_new_head_of_maps_is_a_convolution() -> None:
    model = nn.Sequential(nn.Conv2d(4, 3, 1))
    replace_heads(model, ("0",), 7, seed=0)
    assert (2, 7, 5, 5) == model(torch.zeros(2, 4, 5, 5)).shape


@pytest.mark.parametrize(
    ("name", "upper"),
    [
        ("resnet18", ("layer4",)),
        ("vit_reduced", ("encoder.layers.encoder_layer_3", "encoder.ln")),
        ("swin_reduced", ("features.4", "features.5", "norm")),
    ],
)
def test_without_a_declaration_the_upper_stage_is_the_last_one(
    name: str, upper: tuple[str, ...], plain: Architecture
) -> None:
    load_catalogs()
    item = ARCHITECTURES.get(name)
    assert upper[-1] == upper_names(item.build(10), plain, (item.head,))[-1]
    assert set(upper_names(item.build(10), plain, (item.head,))) <= set(upper)


@pytest.mark.parametrize(
    "name", ["lecture_cnn", "lenet5", "resnet18", "googlenet", "efficientnet_lite0", "vit_reduced", "swin_reduced"]
)
def test_a_declared_upper_stage_is_part_of_the_model(name: str) -> None:
    load_catalogs()
    item = ARCHITECTURES.get(name)
    model = item.build(10)
    inside = set(dict(model.named_modules()))
    assert set(upper_names(model, item, (item.head,))) <= inside


def test_freezing_takes_gradients_from_what_is_not_named() -> None:
    model = small()
    freeze_below(model, ("1", "2"))
    assert {"1.weight", "1.bias", "2.weight", "2.bias"} == {
        n for n, p in model.named_parameters() if p.requires_grad
    }


def test_frozen_batchnorm_and_dropout_stay_in_eval_mode() -> None:
    model = small()
    set_train(model, ("1", "2"))
    assert {"1", "2"} == {name for name, module in model.named_modules() if module.training}


def test_modes_are_set_again_after_a_model_has_answered() -> None:
    model = small()
    modes = ModuleModes(model, ("1", "2"))
    model.eval()
    modes.set()
    assert {"1", "2"} == {name for name, module in model.named_modules() if module.training}


def test_a_name_that_begins_alike_is_not_inside() -> None:
    model = nn.ModuleDict({"stage1": nn.Linear(2, 2), "stage10": nn.Linear(2, 2)})
    freeze_below(model, ("stage1",))
    assert {"stage1.weight", "stage1.bias"} == {n for n, p in model.named_parameters() if p.requires_grad}


def test_all_of_a_model_is_named_by_the_empty_name() -> None:
    model = small()
    set_train(model, ("",))
    assert all(module.training for module in model.modules())


def test_a_stage_learns_with_all_that_is_in_it_and_after_it(plain: Architecture) -> None:
    model = ARCHITECTURES.get("vit_reduced").build(10)
    layer = "encoder.layers.encoder_layer_3"
    freeze_below(model, names_from(model, layer, plain, ("heads.head",)))
    learns = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    whole = {name for name, _ in model.named_parameters() if name.startswith((layer, "encoder.ln", "heads"))}
    assert f"{layer}.self_attention.in_proj_weight" in whole
    assert whole == learns

"""What the declared architectures are."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import suites.models
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.declarations import Architecture
from bench.lazy import lazy
from bench.network.building import build_untouched
from suites.architectures.lecture_cnn import lecture_cnn

models = lazy("torchvision.models")
load_catalogs()


def params(*wanted: bool | Callable[[Architecture], bool]) -> list[Any]:
    """The whole classifiers that fit; those of the zoo, which the counts cover as well, are slow all together."""
    items = [item for item in ARCHITECTURES if "block" not in item.tags]
    return [
        pytest.param(item, id=item.name, marks=pytest.mark.slow if in_zoo(item) else ())
        for item in items
        if all(fits(item) if callable(fits) else fits for fits in wanted)
    ]


def in_zoo(item: Architecture) -> bool:
    return "torchvision_zoo" in item.place


ALL = params()
REDUCED = params(lambda item: bool(item.reduced_of))
LIMITED = params(lambda item: item.min_resolution > 1)
WITH_FREE_HEAD = params(lambda item: "fixed-head" not in item.tags and "squeezenet" not in item.name)
IN_TORCHVISION = params(
    lambda item: (
        item.name in models.list_models(models) and hasattr(models.get_model_weights(item.name), "IMAGENET1K_V1")
    )
)


def shapes_of(item: Architecture, classes: int = 1000) -> nn.Module:
    """The model on the meta device: all its shapes, none of its memory."""
    return build_untouched(item.build, classes).eval().to("meta")


def run(model: nn.Module, item: Architecture, resolution: int) -> torch.Tensor:
    logits: torch.Tensor = model(torch.empty(1, item.channels, resolution, resolution, device="meta"))
    return logits


def parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def test_the_lecture_cnn_has_the_layer_table_of_the_slides() -> None:
    model = lecture_cnn(10)
    layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert [416, 12832, 15690] == [parameters(layer) for layer in layers]


def test_the_lecture_cnn_has_28938_parameters() -> None:
    assert 28938 == parameters(lecture_cnn(10))


@pytest.mark.parametrize("kernel_size", [1, 3, 7])
def test_the_kernel_size_of_the_lecture_cnn_is_free_and_keeps_the_feature_maps(kernel_size: int) -> None:
    assert (2, 10) == lecture_cnn(10, kernel_size=kernel_size)(torch.zeros(2, 1, 28, 28)).shape


def test_an_even_kernel_size_is_refused() -> None:
    with pytest.raises(ValueError, match="odd"):
        lecture_cnn(10, kernel_size=4)


def test_lenet5_as_it_is_taught_has_61706_parameters() -> None:
    assert 61706 == parameters(ARCHITECTURES.get("lenet5").build(10))


def test_the_lineage_is_declared_in_the_order_of_the_lecture() -> None:
    resnets = [f"resnet{depth}" for depth in (18, 34, 50, 101, 152)]
    efficientnets = [f"efficientnet_b{i}" for i in range(8)]
    first = ["lecture_cnn", "lenet5", "alexnet", "googlenet", "vgg16", "vgg19", *resnets, "resnext50_32x4d"]
    assert [*first, *efficientnets, "vit_b_16", "dpt_tiny", "swin_t"] == [
        item.name for item in ARCHITECTURES if item.lecture
    ]


def test_declaring_architectures_loads_no_torch() -> None:
    code = "import sys, suites.architectures; print({'torch', 'torchvision', 'numpy'} & set(sys.modules))"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "set()\n" == finished.stdout


def test_models_written_here_import_torchvision_only_through_the_loader_that_repairs_it() -> None:
    direct = re.compile(r"^\s*(import|from) torchvision", re.MULTILINE)
    files = Path(suites.models.__path__[0]).glob("*.py")
    assert [] == [file.name for file in files if direct.search(file.read_text())]


@pytest.mark.parametrize("item", ALL)
def test_an_architecture_gives_one_logit_a_class(item: Architecture) -> None:
    assert (1, 7) == run(shapes_of(item, 7), item, item.resolution).shape


@pytest.mark.parametrize("item", ALL)
def test_an_architecture_runs_at_its_minimum_resolution(item: Architecture) -> None:
    assert (1, 7) == run(shapes_of(item, 7), item, item.min_resolution).shape


@pytest.mark.parametrize("item", LIMITED)
def test_an_architecture_fails_one_pixel_below_its_minimum_resolution(item: Architecture) -> None:
    with pytest.raises((RuntimeError, AssertionError, ValueError)):
        run(shapes_of(item), item, item.min_resolution - 1)


@pytest.mark.parametrize("item", WITH_FREE_HEAD)
def test_the_head_is_a_linear_layer_with_one_output_a_class(item: Architecture) -> None:
    head = shapes_of(item, 7).get_submodule(item.head)
    assert isinstance(head, nn.Linear)
    assert 7 == head.out_features


@pytest.mark.parametrize("item", WITH_FREE_HEAD)
def test_the_upper_modules_have_parameters_apart_from_the_head_and_leave_lower_ones_frozen(
    item: Architecture,
) -> None:
    model = shapes_of(item)
    named = [model.get_submodule(name) for name in (item.head, *item.upper)]
    together = parameters(nn.ModuleList(named))
    assert sum(parameters(module) for module in named) == together < parameters(model)


@pytest.mark.parametrize("item", REDUCED)
def test_a_reduced_architecture_is_smaller_than_the_one_that_it_stands_for(item: Architecture) -> None:
    assert "reduced" in item.name
    full = ARCHITECTURES.get(item.reduced_of)
    assert full.family == item.family
    assert parameters(shapes_of(item)) < parameters(shapes_of(full)) / 5


@pytest.mark.slow
@pytest.mark.parametrize("item", REDUCED)
def test_a_reduced_architecture_learns_a_handful_of_pictures_in_seconds(item: Architecture) -> None:
    torch.manual_seed(0)
    model = item.build(4).train()
    images, labels = torch.randn(16, 3, item.resolution, item.resolution), torch.arange(16) % 4
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(12):
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2


def test_googlenet_runs_its_auxiliary_heads_in_training_only() -> None:
    item = ARCHITECTURES.get("googlenet")
    model = shapes_of(item, 7).train()
    images = torch.empty(2, 3, 64, 64, device="meta")
    assert [(2, 7)] * 3 == [logits.shape for logits in model(images)]
    assert (2, 7) == model.eval()(images).shape


@pytest.mark.parametrize("item", IN_TORCHVISION)
def test_single_crop_errors_are_those_of_the_weights_metadata(item: Architecture) -> None:
    weights = models.get_model_weights(item.name).IMAGENET1K_V1
    accuracy = weights.meta["_metrics"]["ImageNet-1K"]
    figures = {
        f.quantity: f.value
        for f in item.published
        if f.protocol == "single crop" and f.source == f"torchvision {weights}"
    }
    assert {f"top{k}_error": round(100 - accuracy[f"acc@{k}"], 3) for k in (1, 5)} == figures


@pytest.mark.parametrize("item", ALL)
def test_one_protocol_of_one_source_gives_one_figure(item: Architecture) -> None:
    figures = Counter((f.quantity, f.protocol, f.source) for f in item.published)
    assert [] == [figure for figure, times in figures.items() if times > 1]


def test_the_efficientnets_state_the_validation_errors_that_the_lecture_prints() -> None:
    top1 = [77.11, 79.13, 80.07, 81.59, 82.89, 83.60, 83.95, 84.26]
    top5 = [93.35, 94.47, 94.90, 95.67, 96.37, 96.71, 96.76, 96.97]
    printed = [(round(100 - a, 2), round(100 - b, 2)) for a, b in zip(top1, top5, strict=True)]
    stated = [
        tuple(f.value for f in ARCHITECTURES.get(f"efficientnet_b{i}").published if "Table 8" in f.source)
        for i in range(8)
    ]
    assert printed == stated


def test_families_stand_in_the_order_of_the_lecture_before_what_it_does_not_have() -> None:
    families = [family for family, _ in groupby(item.family for item in ARCHITECTURES)]
    assert [
        "Lecture CNN",
        "LeNet",
        "AlexNet",
        "ZFNet",
        "GoogLeNet",
        "Building block",
        "VGG",
        "PReLU-net",
        "Plain network",
        "ResNet",
        "ResNeXt",
        "Wide ResNet",
        "Building block",
        "EfficientNet",
        "ViT",
        "DPT",
        "Swin",
        "Swin V2",
        "Swin",
        "Building block",
        "EfficientNet",
    ] == families[:21]

"""The block that a network is made of, beside the figures of the papers."""

from __future__ import annotations

from functools import cache

import pytest
import torch

import suites.architectures  # noqa: F401  (declares)
from bench.declare.catalog import ARCHITECTURES
from bench.measures.counting.block import Block
from bench.measures.counting.multiply_adds import MacCount
from bench.measures.counts import count_macs
from bench.network.building import build_untouched
from bench.network.subject import classes_of

CONV = {"Conv2d": "conv", "BatchNorm2d": "", "ReLU": "", "SiLU": "", "GELU": "", "LayerNorm": "norm", "relu": ""}
"""Kinds in short; what accompanies a layer is left out."""


@cache
def counted(name: str) -> MacCount:
    item = ARCHITECTURES.get(name)
    images = torch.empty(1, item.channels, item.resolution, item.resolution)
    return count_macs(build_untouched(item.build, classes_of(item)), images)


def block_of(name: str) -> Block:
    block = counted(name).block
    assert block is not None
    return block


def in_short(block: Block) -> str:
    words = []
    for step in block.steps:
        word = CONV.get(step.kind, step.kind)
        if word == "conv":
            depthwise = 1 < step.settings.get("groups", 1) == step.settings["in"]
            word = f"{'dw' if depthwise else ''}{step.settings['kernel']}x{step.settings['kernel']}"
        words += [word] if word else []
    return " ".join(words)


@pytest.mark.parametrize(
    ("name", "type_", "repeats", "steps"),
    [
        # arXiv:1512.03385, figure 5
        ("resnet18", "BasicBlock", 8, "3x3 3x3 add"),
        ("resnet50", "Bottleneck", 16, "1x1 3x3 1x1 add"),
        # arXiv:1512.03385, figure 3, middle
        ("plain18", "PlainBlock", 8, "3x3 3x3"),
        # arXiv:1611.05431, figure 3c
        ("resnext50_32x4d", "Bottleneck", 16, "1x1 3x3 1x1 add"),
        # arXiv:1409.4842, figure 2b
        ("googlenet_2014", "Inception", 9, "1x1 1x1 3x3 1x1 5x5 MaxPool2d 1x1 cat"),
        # arXiv:1409.1556, table 1, column D
        ("vgg16", "VGG", 5, "3x3 3x3 3x3 MaxPool2d"),
        # arXiv:1801.04381, figure 4d, with arXiv:1709.01507, figure 2
        ("efficientnet_b0", "MBConv", 16, "1x1 dw5x5 AdaptiveAvgPool2d 1x1 1x1 Sigmoid mul 1x1 add"),
        # arXiv:2010.11929, figure 1
        ("vit_b_16", "EncoderBlock", 12, "norm MultiheadAttention add norm Linear Linear add"),
        # arXiv:2103.14030, figure 3b
        ("swin_t", "SwinTransformerBlock", 12, "norm ShiftedWindowAttention add norm Linear Linear add"),
        ("lenet5", "Sequential", 1, "5x5 Tanh AvgPool2d 5x5 Tanh AvgPool2d Linear Tanh Linear Tanh Linear"),
    ],
)
def test_the_block_is_that_of_the_paper(name: str, type_: str, repeats: int, steps: str) -> None:
    block = block_of(name)
    assert (type_, repeats, steps) == (block.type, block.repeats, in_short(block))


@pytest.mark.parametrize(
    ("name", "joins"),
    [
        ("resnet18", {"add": [4, -1]}),
        ("efficientnet_b0", {"mul": [5, 10], "add": [13, -1]}),
        ("googlenet_2014", {"cat": [1, 5, 9, 12]}),
    ],
)
def test_sums_products_and_concatenations_take_what_the_paper_draws(
    name: str, joins: dict[str, list[int]]
) -> None:
    found = {step.kind: sorted(step.inputs) for step in block_of(name).steps if len(step.inputs) > 1}
    assert {kind: sorted(inputs) for kind, inputs in joins.items()} == found


def test_both_sums_of_a_transformer_block_take_what_went_past() -> None:
    sums = [set(step.inputs) for step in block_of("vit_b_16").steps if step.kind == "add"]
    assert [{-1, 1}, {2, 6}] == sums


def test_of_blocks_that_differ_the_most_frequent_is_taken() -> None:
    block = block_of("resnet50")
    assert ("layer1.1", 12) == (block.name, block.alike)


def test_the_cardinality_of_resnext_is_told() -> None:
    assert [32] == [
        step.settings["groups"] for step in block_of("resnext50_32x4d").steps if "groups" in step.settings
    ]


def test_the_channels_of_each_resolution_are_those_of_the_outermost_results() -> None:
    # arXiv:1905.11946, table 1; 1280 are those of the last 1x1 convolution
    expected = {"112": 16, "56": 24, "28": 40, "14": 112, "7": 1280}
    assert expected == counted("efficientnet_b0").widths

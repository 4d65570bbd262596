"""Families of timm and transformers that people use most: built, counted by both counters, trained for a step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from bench.declare.artifact import Shelf
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.declarations import Architecture
from bench.lazy import load
from bench.measures.counts import count, count_of
from bench.network.building import build_cheaply
from bench.network.outputs import NetworkOutputs

TIMM = (
    "vit_tiny_patch16_224",
    "vit_small_patch14_dinov2",
    "vit_small_patch16_dinov3",
    "deit_tiny_patch16_224",
    "beit_base_patch16_224",
    "eva02_tiny_patch14_224",
    "swin_tiny_patch4_window7_224",
    "swinv2_tiny_window8_256",
    "maxvit_pico_rw_256",
    "convnext_atto",
    "convnextv2_atto",
    "mobilenetv3_small_050",
    "mobilenetv4_conv_small_035",
    "tf_efficientnetv2_b0",
    "efficientnet_b0",
    "regnety_002",
    "resnet10t",
    "densenet121",
    "fastvit_t8",
    "hgnetv2_b0",
    "levit_128s",
    "mobilevit_xxs",
)
"""A small member of each."""
HF = (
    "vit",
    "deit",
    "beit",
    "dinov2",
    "swin",
    "swinv2",
    "convnext",
    "convnextv2",
    "resnet",
    "regnet",
    "mobilenet_v2",
    "mobilevit",
)
NOT_TRACED = ("hf/swin", "hf/swinv2", "hf/mobilenet_v2")
"""They compute sizes in a way that torch.jit cannot trace: one counter is left, which is said."""


def named(name: str) -> Architecture:
    load("torchvision")  # both import it: its operators must be repaired first
    library = "timm" if name.startswith("timm/") else "transformers"
    pytest.importorskip(library)
    load_catalogs()
    return ARCHITECTURES.get(name)


NAMES = [*(f"timm/{name}" for name in TIMM), *(f"hf/{name}" for name in HF)]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", NAMES)
def test_both_counters_agree_or_name_what_they_do_not_know(name: str, tmp_path: Path) -> None:
    item = named(name)
    artifact = count_of(item, item.resolution)
    shelf = Shelf(tmp_path)
    count(artifact, shelf, lambda *_: None)
    found = json.loads(shelf.path(artifact).read_text())
    expected = "torch's counter alone" if name in NOT_TRACED else "yes"
    assert ([], expected) == (found["incomplete"], found["agreement"].partition(":")[0])


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", NAMES)
def test_a_step_of_training_changes_the_network_from_stem_to_head(name: str) -> None:
    item = named(name)
    torch.manual_seed(0)
    model = build_cheaply(item.build, 5).train()
    before = {key: tensor.detach().clone() for key, tensor in model.named_parameters()}
    images = torch.rand(2, item.channels, item.resolution, item.resolution)
    scores = NetworkOutputs(item.build, 5).scores(model(images))
    assert (2, 5) == scores.shape
    torch.nn.functional.cross_entropy(scores, torch.tensor([1, 3])).backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    changed = [not tensor.equal(before[key]) for key, tensor in model.named_parameters() if tensor.ndim > 1]
    assert all(tensor.isfinite().all() for tensor in model.parameters())
    # branches whose end is zero at first, as in Swin V2, learn from the second step on
    assert any(changed[:4])
    assert any(changed[-4:])

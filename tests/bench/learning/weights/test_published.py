"""Weights of networks that torchvision publishes, as they lie in its files and in those of its users."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from bench.declare.artifact import Artifact, Shelf
from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture
from bench.declare.loading.discovery import load_catalogs
from bench.errors import UsageError
from bench.lazy import load
from bench.learning.data.images import Normalisation, Stored
from bench.learning.weights.checkpoints.filed import shapes
from bench.learning.weights.checkpoints.states import choose
from bench.learning.weights.files import forget_digests
from bench.learning.weights.preprocessing import forget_preprocessing, preprocessing_of
from bench.learning.weights.sources import Origin, checkpoint_content, fetch_weights, initial_model
from bench.network.building import build_untouched
from tests.bench.learning.weights import tiny

load("torchvision.models")
from torchvision.models import VisionTransformer  # noqa: E402 - its operators must be repaired first
from torchvision.models._api import Weights, WeightsEnum  # noqa: E402
from torchvision.transforms._presets import ImageClassification  # noqa: E402

DENSENETS = ("densenet121", "densenet161", "densenet169", "densenet201")
MNASNETS = ("mnasnet0_5", "mnasnet1_0")


def declared(name: str) -> Architecture:
    load_catalogs()
    return ARCHITECTURES.get(name)


def as_published(state: Mapping[str, Any]) -> dict[str, Any]:
    """A DenseNet's state by the names that the published files have, which are of 2017."""
    pattern = re.compile(r"(denselayer\d+\.(?:norm|conv))([12])\.")
    return {pattern.sub(r"\1.\2.", name): tensor for name, tensor in state.items() if "num_batches" not in name}


@pytest.mark.parametrize("name", DENSENETS)
def test_every_dense_network_has_its_published_names(name: str) -> None:
    build = declared(name).build
    model = build_untouched(build, 1000)
    own = {key for key in model.state_dict() if "num_batches" not in key}
    assert own == choose(as_published(model.state_dict()), shapes(model, build, 1000)).tensors.keys()


def in_hub(folder: Path, monkeypatch: pytest.MonkeyPatch, content: Any) -> None:
    """Have torchvision publish a file, and its hub keep what is fetched below the folder."""
    torch.save(content, folder / "draft.pth")
    digest = hashlib.sha256((folder / "draft.pth").read_bytes()).hexdigest()
    file = (folder / "draft.pth").rename(folder / f"published-{digest[:8]}.pth")
    weights = Weights(url=file.as_uri(), transforms=partial(ImageClassification, crop_size=32), meta={})
    published = cast(WeightsEnum, WeightsEnum("published", {"DEFAULT": weights}))
    monkeypatch.setenv("TORCH_HOME", str(folder / "home"))
    monkeypatch.setattr("torchvision.models.get_model_weights", lambda _: published)


def begun(architecture: Architecture, weights: str, folder: Path, checkpoint: Artifact | None = None) -> nn.Module:
    stored = Stored(torch.zeros(6, 1, 8, 8, dtype=torch.uint8), *(torch.zeros(6, dtype=torch.int64),) * 3)
    forget_digests()
    forget_preprocessing()
    origin = Origin(architecture, weights, 0, preprocessing_of(architecture, weights), checkpoint)
    return initial_model(origin, stored, 10, Shelf(folder)).model


def test_published_weights_with_old_names_are_used_with_imagenet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dense = declared("densenet121")
    state = build_untouched(dense.build, 1000).state_dict()
    for tensor in state.values():
        tensor.fill_(2)
    in_hub(tmp_path, monkeypatch, as_published(state))
    fetch_weights(dense)
    found = begun(dense, "imagenet", tmp_path).get_parameter("features.denseblock1.denselayer1.norm1.weight")
    assert 2.0 == found.mean()


@pytest.mark.parametrize("name", MNASNETS)
@pytest.mark.parametrize("form", ["whole", "plain", "safetensors", "wrapped", "renamed"])
def test_a_network_that_asks_for_its_states_version_begins_from_any_form(
    tmp_path: Path, name: str, form: str
) -> None:
    mnasnet = declared(name)
    model = mnasnet.build(10)
    state = model.state_dict()
    path = tmp_path / ("weights.safetensors" if form == "safetensors" else "weights.pt")
    if form == "safetensors":
        save_file(state, path)
    else:
        forms = {
            "whole": state,
            "plain": dict(state),
            "wrapped": nn.DataParallel(model).state_dict(),
            "renamed": OrderedDict((f"backbone.{key}", tensor) for key, tensor in state.items()),
        }
        torch.save(forms[form], path)
    found = begun(mnasnet, f"file:{path}", tmp_path).state_dict()
    assert [] == [key for key, tensor in state.items() if not tensor.equal(found[key])]


@pytest.mark.parametrize("kept", [True, False], ids=["version kept", "version lost"])
def test_a_checkpoint_of_our_own_serves_such_a_network(tmp_path: Path, kept: bool) -> None:
    mnasnet = declared("mnasnet0_5")
    model = mnasnet.build(10)
    content = checkpoint_content(model, Normalisation((0.5,), (0.5,)), {})
    content["state"] = content["state"] if kept else dict(content["state"])
    artifact = Artifact("checkpoint", (("source", "mnist5k"),), (), "code")
    shelf = Shelf(tmp_path)
    with shelf.writing(artifact) as path:
        torch.save(content, path)
    found = begun(mnasnet, "pretrain:mnist5k", tmp_path, artifact).state_dict()
    assert [] == [key for key, tensor in model.state_dict().items() if not tensor.equal(found[key])]


def test_a_checkpoint_of_a_training_that_failed_is_refused_by_the_name_of_its_tensor(tmp_path: Path) -> None:
    lenet = declared("lenet5")
    model = lenet.build(10)
    model.get_parameter("c1.bias").data[0] = float("nan")
    artifact = Artifact("checkpoint", (("source", "mnist5k"),), (), "code")
    with Shelf(tmp_path).writing(artifact) as path:
        torch.save(checkpoint_content(model, Normalisation((0.5,), (0.5,)), {}), path)
    with pytest.raises(
        ValueError, match=r"'pretrain:mnist5k' for lenet5 holds NaN or infinite values in c1\.bias"
    ):
        begun(lenet, "pretrain:mnist5k", tmp_path, artifact)


def test_a_vision_transformer_reads_its_old_names_itself(tmp_path: Path) -> None:
    def small(classes: int) -> nn.Module:
        sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 8, "mlp_dim": 8, "num_classes": classes}
        model: nn.Module = VisionTransformer(image_size=32, patch_size=16, **sizes)
        return model

    state = small(10).state_dict()
    old = {key.replace("mlp.0", "mlp.linear_1").replace("mlp.3", "mlp.linear_2"): t for key, t in state.items()}
    torch.save(tiny.prefixed(old, "module."), tmp_path / "old.pt")
    assert 1.0 == tiny.notes_of(tmp_path / "old.pt", build=small)["share"]


def test_a_network_whose_convolutions_alone_were_wrapped_is_whole(tmp_path: Path) -> None:
    alexnet = declared("alexnet")
    model = build_untouched(alexnet.build, 10)
    for tensor in model.state_dict().values():
        tensor.fill_(2)
    model.features = nn.DataParallel(cast(nn.Module, model.features))
    torch.save(model.state_dict(), tmp_path / "alexnet.pt")
    found = begun(alexnet, f"file:{tmp_path / 'alexnet.pt'}", tmp_path)
    assert 2.0 == found.get_parameter("features.0.weight").mean()


@pytest.mark.parametrize(("larger", "smaller"), [("resnet34", "resnet18"), ("resnet18", "resnet34")])
def test_a_network_of_another_depth_is_refused(tmp_path: Path, larger: str, smaller: str) -> None:
    torch.save(
        {k: t.fill_(1) for k, t in build_untouched(declared(larger).build, 10).state_dict().items()},
        tmp_path / "other.pt",
    )
    with pytest.raises(UsageError, match=rf"does not fit {smaller}: .*layer1\.2\.conv1\.weight"):
        begun(declared(smaller), f"file:{tmp_path / 'other.pt'}", tmp_path)

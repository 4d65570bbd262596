"""EfficientNet-Lite: TensorFlow's padding, and published weights that fit and know what they see."""

import hashlib
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from torch import nn

from bench.declare.catalog import ARCHITECTURES
from bench.lazy import load
from evobench import Unsupported
from suites.architectures.efficientnet_lite import CROP_PADDING, LITE0, LITE1, LITE2, Shipped
from suites.models.efficientnet_lite import SamePadding, efficientnet_lite0

SHIPPED = [
    pytest.param(
        weights,
        resolution,
        id=f"lite{weights.size}",
        marks=pytest.mark.skipif(
            find_spec(weights.package.replace("-", "_")) is None, reason=f"{weights.package} is not installed"
        ),
    )
    for weights, resolution in ((LITE0, 224), (LITE1, 240), (LITE2, 260))
]


@pytest.mark.parametrize(
    ("weights", "parameters"),
    [(LITE0, 4_652_008), (LITE1, 5_416_680), (LITE2, 6_092_072)],
    ids=lambda x: str(x)[:16],
)
def test_it_has_as_many_parameters_as_published(weights: Shipped, parameters: int) -> None:
    # 4.7, 5.4 and 6.1 M in the table of the models' README
    assert parameters == sum(p.numel() for p in weights.build(1000).parameters())


@pytest.mark.parametrize(("size", "accuracy"), [(0, 75.1), (1, 76.7), (2, 77.6)])
def test_its_published_error_is_that_of_the_authors_readme(size: int, accuracy: float) -> None:
    # the column of FP32; others who tested the same checkpoints print other figures
    (figure,) = ARCHITECTURES.get(f"efficientnet_lite{size}").published
    assert round(100 - accuracy, 1) == figure.value


@pytest.mark.parametrize(("weights", "resolution"), SHIPPED)
def test_every_tensor_of_the_package_has_its_place(weights: Shipped, resolution: int) -> None:
    ours = weights.build(1000).state_dict()
    assert {name: tensor.shape for name, tensor in ours.items()} == {
        name: tensor.shape for name, tensor in weights.load().items()
    }


@pytest.mark.parametrize(("weights", "resolution"), SHIPPED)
def test_the_packages_tensors_come_in_our_order(weights: Shipped, resolution: int) -> None:
    stored = torch.load(weights.file(), map_location="cpu", weights_only=True)
    # kind of layer and of tensor, in both spellings
    theirs = [(name.rpartition(".")[2], "bn" in name) for name in stored]
    model = weights.build(1000)
    norms = {name for name, module in model.named_modules() if isinstance(module, nn.BatchNorm2d)}
    assert theirs == [(n.rpartition(".")[2], n.rpartition(".")[0] in norms) for n in model.state_dict()]


@pytest.mark.parametrize(("side", "kernel", "padding"), [(224, 3, (0, 1)), (224, 5, (1, 2)), (7, 3, (1, 1))])
def test_same_padding_puts_the_odd_pixel_last(side: int, kernel: int, padding: tuple[int, int]) -> None:
    padded = SamePadding(kernel, stride=2)(torch.ones(1, 1, side, side))[0, 0, side // 2]
    assert padding == (int(padded.argmax()), len(padded) - side - int(padded.argmax()))


def test_batchnorm_has_tensorflows_epsilon() -> None:
    assert {1e-3} == {m.eps for m in efficientnet_lite0(10).modules() if isinstance(m, nn.BatchNorm2d)}


@pytest.mark.parametrize(("weights", "resolution"), SHIPPED)
@pytest.mark.parametrize(
    ("photograph", "index"),
    [("coffee", 967), ("chelsea", 285), ("rocket", 657)],
    ids=["espresso", "Egyptian cat", "missile"],
)
def test_it_knows_what_a_photograph_shows(photograph: str, index: int, weights: Shipped, resolution: int) -> None:
    v2 = load("torchvision.transforms.v2")
    picture = getattr(load("skimage.data"), photograph)()
    prepare = v2.Compose(
        [
            v2.Resize(resolution + CROP_PADDING),
            v2.CenterCrop(resolution),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        ]
    )
    model = weights.build(1000)
    model.load_state_dict(weights.load())
    with torch.inference_mode():
        answer = model.eval()(prepare(torch.from_numpy(picture).permute(2, 0, 1))[None])[0]
    assert index in answer.topk(5).indices.tolist()


def test_a_file_of_other_content_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "weights.pth"
    other.write_bytes(b"other")
    monkeypatch.setattr(Shipped, "file", lambda _: other)
    with pytest.raises(ValueError, match=hashlib.sha256(b"other").hexdigest()[:16]):
        LITE0.load()


def test_without_the_package_the_weights_are_unsupported() -> None:
    with pytest.raises(Unsupported, match="need the package 'efficientnet-lite9-pytorch-model'"):
        replace(LITE0, size=9).load()

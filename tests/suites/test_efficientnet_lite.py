"""EfficientNet-Lite0: TensorFlow's padding, and published weights that fit and know what they see."""

import hashlib
from pathlib import Path

import pytest
import torch
from torch import nn

from bench.lazy import load
from evobench import Unsupported
from suites.architectures import efficientnet_lite
from suites.architectures.efficientnet_lite import lite0_weights
from suites.models.efficientnet_lite import SamePadding, efficientnet_lite0


@pytest.fixture(scope="module")
def pretrained() -> nn.Module:
    model = efficientnet_lite0(1000)
    model.load_state_dict(lite0_weights())
    return model.eval()


def test_it_has_as_many_parameters_as_published() -> None:
    # 4.7 M in the table of the model's README
    assert 4_652_008 == sum(p.numel() for p in efficientnet_lite0(1000).parameters())


def test_every_tensor_of_the_package_has_its_place() -> None:
    ours = efficientnet_lite0(1000).state_dict()
    assert {name: tensor.shape for name, tensor in ours.items()} == {
        name: tensor.shape for name, tensor in lite0_weights().items()
    }


def test_the_packages_tensors_come_in_our_order() -> None:
    file = efficientnet_lite._weights_file()
    stored = torch.load(file, map_location="cpu", weights_only=True)
    # kind of layer and of tensor, in both spellings
    theirs = [(name.rpartition(".")[2], "bn" in name) for name in stored]
    model = efficientnet_lite0(1000)
    norms = {name for name, module in model.named_modules() if isinstance(module, nn.BatchNorm2d)}
    assert theirs == [(n.rpartition(".")[2], n.rpartition(".")[0] in norms) for n in model.state_dict()]


@pytest.mark.parametrize(("side", "kernel", "padding"), [(224, 3, (0, 1)), (224, 5, (1, 2)), (7, 3, (1, 1))])
def test_same_padding_puts_the_odd_pixel_last(side: int, kernel: int, padding: tuple[int, int]) -> None:
    padded = SamePadding(kernel, stride=2)(torch.ones(1, 1, side, side))[0, 0, side // 2]
    assert padding == (int(padded.argmax()), len(padded) - side - int(padded.argmax()))


def test_batchnorm_has_tensorflows_epsilon() -> None:
    assert {1e-3} == {m.eps for m in efficientnet_lite0(10).modules() if isinstance(m, nn.BatchNorm2d)}


@pytest.mark.parametrize(
    ("photograph", "index"),
    [("coffee", 967), ("chelsea", 285), ("rocket", 657)],
    ids=["espresso", "Egyptian cat", "missile"],
)
def test_it_knows_what_a_photograph_shows(photograph: str, index: int, pretrained: nn.Module) -> None:
    v2 = load("torchvision.transforms.v2")
    picture = getattr(load("skimage.data"), photograph)()
    prepare = v2.Compose(
        [
            v2.Resize(256),
            v2.CenterCrop(224),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        ]
    )
    with torch.inference_mode():
        answer = pretrained(prepare(torch.from_numpy(picture).permute(2, 0, 1))[None])[0]
    assert index in answer.topk(5).indices.tolist()


def test_a_file_of_other_content_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "weights.pth"
    other.write_bytes(b"other")
    monkeypatch.setattr(efficientnet_lite, "_weights_file", lambda: other)
    with pytest.raises(ValueError, match=hashlib.sha256(b"other").hexdigest()[:16]):
        lite0_weights()


def test_without_the_package_the_weights_are_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficientnet_lite, "PACKAGE", "not-installed-at-all")
    with pytest.raises(Unsupported, match="not-installed-at-all"):
        lite0_weights()

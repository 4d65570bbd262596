"""Networks as ONNX files: what lies in them, what onnxruntime answers, and what is said where it does not."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from torch import nn

from bench.cell import Cost
from bench.errors import Unsupported
from bench.network.onnx import Exported, Mismatch, check, export
from bench.network.onnx_session import OnnxSession


class Two(nn.Module):
    """Answers with the scores and what they are made from, by names."""

    def __init__(self) -> None:
        super().__init__()
        self.below, self.head = nn.Conv2d(3, 8, 3), nn.Linear(8, 5)

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        features = self.below(images).mean((2, 3))
        return {"logits": self.head(features), "features": features}


class Drawn(nn.Module):
    """Draws what it answers with, which is another each time."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean((2, 3)) + torch.rand(len(images), 3)


class Looking(nn.Module):
    """Goes the way that the values of its images say."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean((2, 3)) if images.sum() > 0 else images.amax((2, 3))


IMAGES = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(1))
OTHERS = torch.randn(5, 3, 8, 8, generator=torch.Generator().manual_seed(2))


def plain() -> nn.Module:
    torch.manual_seed(0)
    below = (nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten())
    return nn.Sequential(*below, nn.Linear(4 * 36, 7)).eval()


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of `plain` for one image."""
    path = tmp_path_factory.mktemp("fixed") / "net.onnx"
    export(plain(), IMAGES, path)
    return path


@pytest.fixture(scope="module")
def dynamic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of `plain` for any number of images."""
    path = tmp_path_factory.mktemp("dynamic") / "net.onnx"
    export(plain(), IMAGES, path, dynamic=True)
    return path


def test_a_file_answers_as_its_network_does(fixed: Path) -> None:
    assert 1e-5 > check(plain(), IMAGES, fixed)


def test_one_exported_from_a_single_image_takes_any_number_of_them(dynamic: Path) -> None:
    assert 1e-5 > check(plain(), OTHERS, dynamic)


def test_input_and_output_have_names(fixed: Path) -> None:
    graph = onnx.load(fixed).graph
    assert (["images"], ["scores"]) == ([i.name for i in graph.input], [o.name for o in graph.output])


def test_only_a_dynamic_file_leaves_the_number_of_images_open(fixed: Path, dynamic: Path) -> None:
    first = [onnx.load(path).graph.input[0].type.tensor_type.shape.dim[0] for path in (fixed, dynamic)]
    assert [1, "batch"] == [first[0].dim_value, first[1].dim_param]


def test_the_version_of_the_operators_is_that_of_the_file(tmp_path: Path) -> None:
    opset = export(plain(), IMAGES, tmp_path / "net.onnx")
    assert [opset] == [item.version for item in onnx.load(tmp_path / "net.onnx").opset_import if not item.domain]


def test_answers_of_several_tensors_are_all_compared(tmp_path: Path) -> None:
    model = Two().eval()
    export(model, IMAGES, tmp_path / "net.onnx")
    assert model.below.bias is not None
    with torch.no_grad():  # features are one more each, and scores are what they were
        model.below.bias.add_(1)
        model.head.bias.sub_(model.head.weight.sum(1))
    with pytest.raises(Mismatch, match="away from torch's"):
        check(model, IMAGES, tmp_path / "net.onnx")


def test_another_network_than_that_of_the_file_is_told(fixed: Path) -> None:
    other = plain()
    with torch.no_grad():
        next(other.parameters()).mul_(1.01)
    with pytest.raises(
        Mismatch, match=r"up to .* of the largest one away from torch's, where 0\.0001 is tolerated"
    ):
        check(other, IMAGES, fixed)


def test_the_tolerance_is_the_caller_s(fixed: Path) -> None:
    other = plain()
    with torch.no_grad():
        next(other.parameters()).mul_(1.01)
    assert 1e-4 < check(other, IMAGES, fixed, tolerance=0.5) < 0.5


def test_a_network_that_draws_its_answers_is_told(tmp_path: Path) -> None:
    export(Drawn().eval(), IMAGES, tmp_path / "net.onnx")
    with pytest.raises(Mismatch, match="away from torch's"):
        check(Drawn().eval(), IMAGES, tmp_path / "net.onnx")


def test_answers_that_are_not_finite_cannot_be_checked(fixed: Path) -> None:
    with pytest.raises(Mismatch, match="not finite"):
        check(plain(), torch.full_like(IMAGES, torch.inf), fixed)


def test_a_network_without_a_form_in_onnx_is_unsupported_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match=r"^it cannot be exported to ONNX: \w+: [^\n\x1b]+$"):
        export(Looking().eval(), IMAGES, tmp_path / "net.onnx")


def test_without_the_packages_it_is_unsupported_and_told_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(Unsupported, match=r"^ONNX needs onnxruntime: pip install 'evobench\[onnx\]'$"):
        export(plain(), IMAGES, tmp_path / "net.onnx")


def test_a_head_of_zeros_does_not_hide_that_the_outputs_differ() -> None:
    class Hidden(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(3, 5)
            nn.init.zeros_(self.head.weight)
            nn.init.zeros_(self.head.bias)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            scores: torch.Tensor = self.head(Drawn()(images))
            return scores

    with pytest.raises(Mismatch, match="away from torch's"):
        Exported(Hidden().eval(), IMAGES, Cost(mode="infer", resolution=8), {})()


def test_what_is_told_has_how_many_parameters_were_filled() -> None:
    told: dict[str, Any] = {}
    model = plain()
    with torch.no_grad():
        model[-1].bias.zero_()  # type: ignore[index]
    Exported(model, IMAGES, Cost(mode="infer", resolution=8), told)()
    assert 2 == told["onnx"]["filled"]  # the bias of the normalisation is zero, too


def test_exporting_says_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        export(plain(), IMAGES, tmp_path / "net.onnx")
    assert ("", "") == capfd.readouterr()


def test_onnxruntime_is_asked_to_tell_its_maker_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "")  # so that it is put back afterwards
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY")
    with pytest.raises(Unsupported):
        OnnxSession(tmp_path / "gone.onnx", IMAGES)
    assert "1" == os.environ["ORT_DISABLE_TELEMETRY"]

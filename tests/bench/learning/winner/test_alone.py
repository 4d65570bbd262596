"""A network that was taken away says of files, without evobench, what the harness says of its data set."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from bench.cell import Cell, Learning
from bench.data.place import settle
from bench.declare.artifact import Shelf
from bench.declare.catalog import ARCHITECTURES, DATASETS, architecture
from bench.lazy import load
from bench.learning.data.images import read_dataset
from bench.learning.experiment import prepare
from bench.learning.winner.forms import stands_alone
from bench.learning.winner.seeing import answers
from bench.learning.winner.standalone import seeing_source
from tests.bench.learning.winner.winning import as_files, photographs, scores_alone, scores_here, won
from tests.bench.stripes import cell_of

CLOSE = 1e-4
SOURCE = '''
import torch
from torch import nn


class Small(nn.Module):
    """Two convolutions."""

    def __init__(self, classes):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 16, 3, 2))
        self.fc = nn.Linear(16, classes)

    def forward(self, x):
        return self.fc(self.body(x).mean((2, 3)))
'''


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    DATASETS.forget()
    yield
    DATASETS.forget()
    settle(None)


@pytest.mark.parametrize(
    ("scenario", "travels"),
    [
        ({"mode": "features+softmax", "weights": "pretrain:stripes", "target": "waves"}, "program"),
        ({"mode": "features@lower+svm", "weights": "pretrain:stripes"}, "program"),
        ({"mode": "features-bn+softmax"}, "program"),
        ({"mode": "finetune:upper", "weights": "pretrain:stripes"}, "program"),
    ],
    ids=lambda value: value["mode"] if isinstance(value, dict) else "",
)
def test_pictures_in_memory_are_answered_alike_as_files(
    world: None, tmp_path: Path, scenario: dict[str, Any], travels: str
) -> None:
    cell, shelf = cell_of(**{**scenario, "target": "stripes"}), Shelf(tmp_path / "shelf")
    told = won(cell, shelf, tmp_path / "model")
    assert travels in told["form"]
    assert told["onnx"]["difference"] <= CLOSE
    alone = scores_alone(tmp_path / "model", as_files(tmp_path / "pictures"))
    assert scores_here(cell, shelf).tolist() == [pytest.approx(alone[name], abs=CLOSE) for name in sorted(alone)]


def declare(name: str, build: Any) -> None:
    build.__name__ = name
    architecture(family="F", year=2026, paper="p", resolution=64, min_resolution=32)(build)


def trained_on(pictures: Path, side: int) -> Learning:
    return Learning(
        weights="random",
        target=f"folder:{pictures}",
        mode="scratch",
        augmentation="none",
        resolution=side,
        shots=4,
        steps=3,
        batch=8,
        lr=0.01,
    )


def own_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network in a file that stands alone."""
    file = tmp_path / "my_small_net.py"
    file.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("my_small_net", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "my_small_net", module)
    spec.loader.exec_module(module)

    def build(num_classes: int) -> nn.Module:
        model: nn.Module = module.Small(num_classes)
        return model

    declare("my_small_net", build)


@pytest.mark.parametrize(
    ("name", "side", "travels"),
    [
        ("my_small_net", 48, "its own source file"),
        ("shufflenet_v2_x0_5", 64, "torchvision's builder"),
        ("timm/test_resnet", 64, "timm's builder"),
        ("lecture_cnn", 28, "its own source file"),
    ],
)
def test_files_are_answered_alike_whatever_they_hold(
    world: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, side: int, travels: str
) -> None:
    if name == "my_small_net":
        own_source(tmp_path, monkeypatch)
    pictures = photographs(tmp_path / "photos")
    where = trained_on(pictures, side)
    cell, shelf = Cell(name, "top1", where), Shelf(tmp_path / "shelf")
    assert travels in won(cell, shelf, tmp_path / "model")["form"]
    alone = scores_alone(tmp_path / "model", pictures)
    paths = read_dataset(prepare(cell, where, shelf).needs.target, shelf).paths
    assert len(paths) == len(alone)
    here = dict(zip(paths, scores_here(cell, shelf).tolist(), strict=True))
    assert here == {path: pytest.approx(alone[str(pictures / path)], abs=CLOSE) for path in paths}


def test_a_builder_that_computes_otherwise_under_the_same_names_is_not_taken(world: None, tmp_path: Path) -> None:
    def build(num_classes: int) -> nn.Module:
        model: nn.Module = load("torchvision.models").shufflenet_v2_x0_5(num_classes=num_classes)
        model.register_forward_pre_hook(lambda _, inputs: (inputs[0].flip(-1),))
        return model

    del ARCHITECTURES._items["shufflenet_v2_x0_5"]
    declare("shufflenet_v2_x0_5", build)
    pictures = photographs(tmp_path / "photos")
    where = trained_on(pictures, 64)
    told = won(Cell("shufflenet_v2_x0_5", "top1", where), Shelf(tmp_path / "shelf"), tmp_path / "model")
    assert "program" in told["form"]


def test_one_picture_alone_is_answered_as_it_is_among_others(world: None, tmp_path: Path) -> None:
    cell, shelf = cell_of(mode="features+softmax"), Shelf(tmp_path / "shelf")
    won(cell, shelf, tmp_path / "model")
    pictures = as_files(tmp_path / "pictures", 17)
    among = scores_alone(tmp_path / "model", pictures)
    only = scores_alone(tmp_path / "model", pictures / "016.png")
    assert among[str(pictures / "016.png")] == pytest.approx(only[str(pictures / "016.png")], abs=CLOSE)


def test_a_pipe_is_told_of_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert [(tmp_path / "pipe.png", None, "cannot be read: it is not a regular file")] == list(
        answers(torch.nn.Identity(), tmp_path, {})
    )


def test_nothing_but_numpy_pillow_and_torch_is_imported_by_what_reads_pictures(tmp_path: Path) -> None:
    text = seeing_source()
    asked = {
        line.split()[1].partition(".")[0] for line in text.splitlines() if line.startswith(("import", "from"))
    }
    assert asked <= sys.stdlib_module_names | {"numpy", "PIL", "torch", "__future__"}
    (tmp_path / "a.py").write_text("import torch\nimport math\n")
    (tmp_path / "b.py").write_text("def f():\n    from evobench import lazy\n")
    assert (True, False) == (stands_alone(tmp_path / "a.py"), stands_alone(tmp_path / "b.py"))
    assert torch.__name__ in asked

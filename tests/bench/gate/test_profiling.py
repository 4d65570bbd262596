"""Profiles by real workers, each with its side's own code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.cell import Cell, Cost
from bench.compare.causes.found import causes_of_count, causes_of_memory
from bench.compare.causes.rows import rows_of
from bench.declare.catalog import load_catalogs
from bench.gate import profiling
from bench.gate.profiling import NoProfile, layers, tensors, times
from bench.gate.sides import CodeSide, SideServer
from bench.gate.steps import Servers

ROOT = Path(__file__).parents[3]
CATALOG = '''
"""A network of two layers."""
import time
from torch import nn
from evobench import architecture

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Conv2d(4, width, 3, padding=1)
        self.outer = nn.Conv2d(width, 4, 1)

    def forward(self, images):
        return self.outer(self.inner(images))

@architecture(family="Profiles", year=2026, paper="none", resolution=8, min_resolution=8, channels=1)
def profiled_net(num_classes: int) -> nn.Module:
    """Small."""
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), Block(8), nn.Flatten(), nn.Linear(256, num_classes))
'''
SLEEPS = CATALOG.replace("return self.outer", "time.sleep(0.002)\n        return self.outer")
CONVERTS = CATALOG.replace("self.inner(images)", "self.inner(images.double().float())")
WIDER = CATALOG.replace("Block(8)", "Block(64)")
LONGER = CATALOG.replace("Block(8),", "Block(8), Block(8),")


def cell(measure: str, mode: str = "infer", batch: int = 4) -> Cell:
    return Cell("profiled_net", measure, Cost(mode=mode, resolution=8, batch=batch))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few steps of a few processes."""
    load_catalogs()
    monkeypatch.setattr(profiling, "PAIRS", 2)
    monkeypatch.setattr(profiling, "MOST", 2)


@contextmanager
def sides(folder: Path, head: str) -> Iterator[Servers]:
    """Base as it is, and a head."""

    def side(name: str, source: str) -> CodeSide:
        (folder / name).mkdir()
        (folder / name / "models.py").write_text(source)
        paths = (folder / name, folder / name / "shelf", (str(folder / name / "models.py"),))
        return CodeSide(name, Path(sys.executable), (ROOT,), *paths)

    with SideServer(side("base", CATALOG), ()) as base, SideServer(side("head", head), ()) as other:
        yield Servers(base, other, base)


def test_a_sleep_of_a_module_is_found_in_it(tmp_path: Path) -> None:
    with sides(tmp_path, SLEEPS) as servers:
        found = times(servers, cell("latency"))
    own = {row["path"]: row["amount"] for row in found.head[0] if row["item"] == "python"}
    assert own["1"] >= 0.002
    assert (2, 2, 4) == (len(found.base), len(found.head), found.steps)


def test_a_slower_operator_with_the_same_result_is_found_in_its_layer(tmp_path: Path) -> None:
    with sides(tmp_path, CONVERTS) as servers:
        found = times(servers, cell("train_step", "train"))
    new = {(r["path"], r["item"]) for r in found.head[0]} - {(r["path"], r["item"]) for r in found.base[0]}
    assert {("1", "aten::to"), ("1", "ToCopyBackward0")} == new


def test_a_larger_layer_is_found_by_its_tensors(tmp_path: Path) -> None:
    with sides(tmp_path, WIDER) as servers:
        found = tensors(servers, cell("peak_memory", "train", batch=64))
    causes = causes_of_memory(rows_of(found.base, found.head))
    assert any(cause.name == "activations of 1.inner (Conv2d), 64x64x8x8 float32" for cause in causes)


def test_another_layer_is_found_by_its_counts(tmp_path: Path) -> None:
    with sides(tmp_path, LONGER) as servers:
        found = layers(servers, cell("parameters"))
    rows = [row for row in rows_of(found.base, found.head) if row.item == "parameters"]
    causes = causes_of_count(rows)
    assert {("2.inner (Conv2d)", None, 296.0), ("2.outer (Conv2d)", None, 36.0)} == {
        (cause.name, cause.base, cause.head) for cause in causes
    }


def test_a_side_that_fails_has_no_profile(tmp_path: Path) -> None:
    broken = CATALOG.replace("return self.outer", "raise ValueError('broken')\n        return self.outer")
    with sides(tmp_path, broken) as servers, pytest.raises(NoProfile, match="head: ValueError: broken"):
        times(servers, cell("latency"))

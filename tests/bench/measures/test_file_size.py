"""The size of a model's file, counted without writing one."""

from pathlib import Path

import pytest
import torch

import suites.architectures  # noqa: F401  (declares)
from bench.cell import Cell, Cost
from bench.clock import Clock
from bench.declare.artifact import Shelf
from bench.declare.catalog import ARCHITECTURES
from bench.measures.file_size import file_size
from bench.network.subject import Subject


def counted(name: str) -> float:
    cell = Cell(name, "file_size", Cost(mode="infer", resolution=32))
    return file_size(Subject(cell, Shelf(Path("unused")), lambda _: None), Clock(0)).values[0]


@pytest.mark.parametrize("name", ["lenet5", "resnet18"])
def test_it_is_the_length_of_the_file_that_torch_writes(name: str, tmp_path: Path) -> None:
    torch.save(
        ARCHITECTURES.get(name).build(10 if name == "lenet5" else 1000).state_dict(), tmp_path / "archive.pt"
    )
    assert (tmp_path / "archive.pt").stat().st_size == counted(name)


def test_a_file_of_hundreds_of_megabytes_is_counted_without_one() -> None:
    assert 4 * 138357544 == pytest.approx(counted("vgg16"), rel=1e-3)

"""What a side takes from its own version of the repository."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from bench.cell import Cell, Learning
from bench.gate.sides import CodeSide
from tests.bench.gate.fakes import trained


def test_a_side_reads_its_own_version_of_weights_in_the_repository(tmp_path: Path) -> None:
    work, tree = tmp_path / "mine", tmp_path / "tree"
    (tree / "w").mkdir(parents=True)
    (tree / "w/net.pt").write_text("")
    own = CodeSide("main", Path(sys.executable), (), tree, tree, (), (work, tree))
    assert f"file:{tree}/w/net.pt" == weights_of(own.its_own(learning(f"file:{work}/w/net.pt")))


def test_weights_that_the_repository_does_not_keep_are_the_same_for_both(tmp_path: Path) -> None:
    own = CodeSide(
        "main", Path(sys.executable), (), tmp_path, tmp_path, (), (tmp_path / "mine", tmp_path / "tree")
    )
    name = f"file:{tmp_path}/mine/w/net.pt"
    assert name == weights_of(own.its_own(learning(name)))


def learning(weights: str) -> Cell:
    cell = trained(0)
    assert isinstance(cell.scenario, Learning)
    return replace(cell, scenario=replace(cell.scenario, weights=weights))


def weights_of(item: Cell) -> str:
    assert isinstance(item.scenario, Learning)
    return item.scenario.weights

"""The command for further seeds, read by the parser of `run`: it plans the trainings that there are, and more."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bench.cell import Cell, Learning, scenario_to_dict
from bench.cli.options.what import wish_of
from bench.cli.verbs.run import VERB
from bench.declare.catalog import load_catalogs
from bench.run.plan import cells_of
from bench.run.runs import Wish
from reports.choosing.again import command_for


def _wish(command: str) -> Wish:
    load_catalogs(())
    parser = argparse.ArgumentParser()
    VERB.configure(parser)
    return wish_of(parser.parse_args(shlex.split(command)[2:]))


def _trained(command: str) -> dict[Cell, Learning]:
    """The trainings of a plan."""
    cells = cells_of(_wish(command).steps())
    return {cell: cell.scenario for cell in cells if isinstance(cell.scenario, Learning)}


def _rows(cells: Mapping[Cell, Learning]) -> Sequence[Mapping[str, Any]]:
    return [{"architecture": cell.architecture, **scenario_to_dict(where)} for cell, where in cells.items()]


def _again(command: str, wanted: Mapping[Cell, Learning], seeds: int) -> str:
    target = next(iter(wanted.values())).target
    return " ".join(command_for(command, _wish(command).given(), _rows(wanted), target, seeds, ()))


@pytest.mark.parametrize(
    ("command", "mode"),
    [
        (
            "evobench run --arch lenet5,lecture_cnn,resnet18 --target uci-digits --seeds 2 --budget 5m",
            "finetune:all",
        ),
        (
            "evobench run --arch lenet5,lecture_cnn --mode features+softmax,finetune:upper --folds 3",
            "finetune:upper",
        ),
        ("evobench run --arch lenet5,lecture_cnn --lr 0.01,0.001 --shots 5,all --first-seed 7", "finetune:all"),
        ("evobench run --arch lenet5,lecture_cnn --tune 4 --shots 20 --steps 30", "features+softmax"),
        ("evobench run --suite transfer --arch lenet5,lecture_cnn", "finetune:all"),
        ("evobench run --suite transfer --arch lenet5,lecture_cnn", "features+svm"),
        ("evobench run --suite transfer --arch lenet5,resnet18", "features+softmax"),
    ],
)
def test_the_same_trainings_are_planned_with_more_seeds(command: str, mode: str) -> None:
    wanted = {
        cell: where
        for cell, where in _trained(command).items()
        if where.mode == mode and where.augmentation == "none" and cell.architecture != "resnet18"
        if (where.lr, where.shots) == _first(command, mode) and where.target == "uci-digits"
    }
    assert wanted
    first = min(where.seed for where in wanted.values())
    planned = _trained(_again(command, wanted, 5))
    assert wanted.keys() <= planned.keys()
    assert set(range(first, first + 5)) == {where.seed for where in planned.values()}
    assert {cell.architecture for cell in wanted} == {cell.architecture for cell in planned}
    assert 5 * len({cell.arm for cell in wanted}) <= len(planned)


def _first(command: str, mode: str) -> tuple[float, int | None]:
    where = next(where for where in _trained(command).values() if where.mode == mode)
    return where.lr, where.shots


def test_no_command_is_made_of_a_text_that_is_not_one() -> None:
    assert () == command_for("evobench run 'x", {}, [{"architecture": "lenet5", "duration": 0}], "t", 9, ())


def test_the_folder_of_a_run_from_elsewhere_is_named_by_its_whole_path() -> None:
    rows = [{"architecture": "lenet5", "duration": 0}]
    words = command_for(
        "evobench run --target folder:my photos --catalog mine.py --lanes 2",
        {"target": ["folder:/a/my photos"], "catalogs": ["/b/mine.py"]},
        rows,
        "folder:/a/my photos",
        9,
        ("--store x.sqlite",),
    )
    assert (
        "evobench run",
        "--catalog /b/mine.py",
        "--lanes 2",
        "--arch lenet5",
        "--target 'folder:/a/my photos'",
        "--seeds 9",
        "--store x.sqlite",
    ) == words

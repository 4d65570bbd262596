"""How the nature of a measure decides what its cells are compared by."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cell import Cell, Cost, Learning, Record
from bench.compare.runs import compare
from bench.compare.verdict import Comparison
from bench.declare.nature import Nature
from bench.store.database import CellRow, Declaration, RunRow, Store
from reports.ci.dashboards import github_action_benchmark_accuracy
from tests.bench.compare.judgements import LESS_ACCURATE, SMALL
from tests.reports.trainings import USUAL


def compared(path: Path, nature: str, *, kind: str = "cost", repeats: str = "never") -> Comparison:
    """The verdict on one cell of this nature, whose figure grew from 4 to 5 while less is better."""
    scenario = Cost(mode="infer", resolution=8) if kind == "cost" else Learning(**USUAL)
    cell = Cell("net", "own", scenario)
    told = {"name": "own", "unit": "1", "better": "lower", "details": []}
    with Store.create(path) as store:
        for run, value in (("base", 4.0), ("head", 5.0)):
            begun = RunRow(run, "2026-01-02T03:04:05+00:00", "default", "", {}, "h", {})
            content = {**told, "nature": nature, "kind": kind, "repeats": repeats}
            store.begin_run(begun, [Declaration("measure", "own", content)], [CellRow(cell, ("own",), 1.0, 1)])
            store.add_record(run, Record(cell=cell, replicate=0, status="ok", unit="1", values=(value,)))
        (found,) = compare(store, "base", "head", 0.05, False)
        return found


def test_a_count_that_repeats_anywhere_is_compared_exactly(tmp_path: Path) -> None:
    found = compared(tmp_path / "s.sqlite", "count", repeats="anywhere")
    assert ("regression", "exact") == (found.verdict, found.note)


def test_a_count_that_does_not_repeat_is_not_judged_by_one_process(tmp_path: Path) -> None:
    assert "undecided" == compared(tmp_path / "s.sqlite", "count").verdict


@pytest.mark.parametrize("nature", ["loss", "ratio", "count"])
def test_what_is_learned_and_is_no_share_is_not_left_out(tmp_path: Path, nature: str) -> None:
    found = compared(tmp_path / "s.sqlite", nature, kind="learning")
    assert ("undecided", False) == (found.verdict, found.share)


def test_a_share_that_tells_of_pictures_is_no_accuracy_on_a_dashboard() -> None:
    accuracies = replace(SMALL, found=(LESS_ACCURATE, replace(LESS_ACCURATE, nature=Nature.PICTURES)))
    assert 1 == len(json.loads(github_action_benchmark_accuracy(accuracies)))

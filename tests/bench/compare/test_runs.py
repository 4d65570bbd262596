"""Verdicts of two runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.compare.runs import compare
from bench.compare.verdict import Comparison
from bench.errors import NotComparable
from bench.store.database import Store
from tests.reports.lineages import MEASURES

Build = Callable[[Path, Any], Any]


@pytest.fixture
def judge(tmp_path: Path, build_run: Build, plan: Any) -> Callable[..., tuple[Comparison, ...]]:
    """Compares the small run with a variation of it."""

    def _judge(force: bool = False, base: Any = plan, **changes: object) -> tuple[Comparison, ...]:
        path = tmp_path / "two.sqlite"
        build_run(path, replace(base, id="base"))
        build_run(path, replace(base, id="head", **changes))
        with Store.open(path) as store:
            return compare(store, "base", "head", tolerance=0.05, force=force)

    return _judge


def _verdicts(found: tuple[Comparison, ...], *measures: str) -> Counter[str]:
    return Counter(item.verdict for item in found if item.measure in measures)


def test_equal_runs_have_no_regression(judge: Any, plan: Any) -> None:
    found = judge(base=replace(plan, processes=5))
    assert {"fine", "undecided"} == {item.verdict for item in found}


def test_a_slowdown_over_several_processes_is_a_regression(judge: Any, plan: Any) -> None:
    found = judge(base=replace(plan, processes=5), slowdown=1.5, seed=1)
    assert Counter({"regression": 13}) == _verdicts(found, "latency", "throughput", "train_step")


def test_a_speedup_over_several_processes_is_an_improvement(judge: Any, plan: Any) -> None:
    found = judge(base=replace(plan, processes=5), slowdown=0.5, seed=1)
    assert Counter({"improvement": 13}) == _verdicts(found, "latency", "throughput", "train_step")


def test_one_process_on_each_side_decides_nothing_about_speed(judge: Any) -> None:
    found = judge(slowdown=1.5, seed=1)
    assert Counter({"undecided": 13}) == _verdicts(found, "latency", "throughput", "train_step")


def test_a_changed_count_is_exact_and_reported(judge: Any, plan: Any) -> None:
    heavier = (replace(plan.lineages[0], parameters=30_000), *plan.lineages[1:])
    found = judge(lineages=heavier)
    changed = [item for item in found if item.measure == "parameters" and item.verdict != "fine"]
    assert [("lecture_cnn parameters infer 28px b1", "regression", 30_000)] == [
        (item.cell, item.verdict, item.head) for item in changed
    ]


def test_a_clear_loss_of_accuracy_is_a_regression(judge: Any) -> None:
    assert Counter({"regression": 24}) == _verdicts(judge(accuracy=-0.2), "top1")


def test_accuracy_that_is_equal_image_by_image_is_fine(judge: Any) -> None:
    assert Counter({"fine": 24}) == _verdicts(judge(), "top1")


def test_a_gain_of_one_image_is_no_improvement(judge: Any) -> None:
    assert {"improvement", "regression"}.isdisjoint(_verdicts(judge(accuracy=1 / 360), "top1"))


def test_a_cell_that_now_fails_is_a_regression(judge: Any) -> None:
    found = judge(outcome="failed", reason="boom")
    assert {("regression", "failed: boom")} == {
        (item.verdict, item.note) for item in found if item.base is not None
    }


def test_a_cell_that_failed_before_is_no_improvement(judge: Any, plan: Any) -> None:
    found = judge(base=replace(plan, outcome="failed"), outcome="mixed")
    assert {("undecided", "was failed, is ok")} == {
        (item.verdict, item.note) for item in found if item.head is not None
    }


def test_a_cell_that_fails_in_both_runs_is_undecided(judge: Any, plan: Any) -> None:
    found = judge(base=replace(plan, outcome="failed"))
    assert {"undecided"} == {item.verdict for item in found if item.note == "failed in both"}


def test_where_nothing_is_better_a_time_only_changes(
    judge: Any, plan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    neither = tuple((name, unit, "neither", *rest) for name, unit, _, *rest in MEASURES)
    monkeypatch.setattr("tests.reports.conftest.MEASURES", neither)
    found = judge(base=replace(plan, processes=5), slowdown=1.5, seed=1)
    assert Counter({"changed": 13}) == _verdicts(found, "latency", "throughput", "train_step")


def test_a_cell_that_was_not_run_is_undecided(judge: Any) -> None:
    found = judge(outcome="none")
    assert {"undecided"} == {item.verdict for item in found}


def test_the_gravest_verdict_comes_first(judge: Any, plan: Any) -> None:
    found = judge(accuracy=-0.2, seed=1)
    assert "regression" == found[0].verdict
    assert "fine" == found[-1].verdict


def test_speeds_of_different_hosts_do_not_compare(judge: Any) -> None:
    with pytest.raises(NotComparable, match="speeds of different hosts do not compare"):
        judge(host_key="host-b")


def test_force_compares_speeds_of_different_hosts(judge: Any) -> None:
    assert 55 == len(judge(force=True, host_key="host-b"))


def test_runs_without_a_common_cell_do_not_compare(judge: Any) -> None:
    with pytest.raises(NotComparable, match="no cell in common"):
        judge(lineages=(), learners=())

"""What a judgement says of itself, and what it takes from the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.compare.judgement import Judgement, judgement_of
from bench.compare.runs import compare
from bench.errors import Exit
from bench.store.database import Store
from tests.bench.compare.judgements import BROKEN, FINE, LESS_ACCURATE, NOTHING, OPEN, SLOWER, SMALL

Build = Callable[[Path, Any], Any]


@pytest.fixture
def judged(tmp_path: Path, build_run: Build, plan: Any) -> Judgement:
    """Two runs, of which the second is less accurate and cannot measure throughput."""
    path = tmp_path / "two.sqlite"
    build_run(path, replace(plan, id="base", processes=2))
    build_run(path, replace(plan, id="head", processes=2, accuracy=-0.2))
    with Store.open(path) as store:
        found = compare(store, "base", "head", tolerance=0.05, force=False)
        return judgement_of(store, "base", "head", found)


def test_a_regression_makes_it_fail() -> None:
    assert Exit.REGRESSION == SMALL.exit_code


def test_undecided_cells_make_it_fail_where_that_is_asked_for() -> None:
    judgement = replace(SMALL, found=(OPEN, FINE))
    assert Exit.OK == judgement.exit_code
    assert Exit.REGRESSION == replace(judgement, fail_on=frozenset({"undecided"})).exit_code


def test_nothing_compared_is_no_failure() -> None:
    assert Exit.OK == NOTHING.exit_code


def test_the_worst_is_what_was_not_measured_then_what_became_worst() -> None:
    assert (BROKEN, SLOWER, LESS_ACCURATE, OPEN, FINE) == SMALL.worst_first


def test_what_makes_it_fail_comes_before_graver_verdicts_that_do_not() -> None:
    assert OPEN == replace(SMALL, fail_on=frozenset({"undecided"})).worst_first[0]


def test_its_samples_are_those_of_all_processes_of_head(judged: Judgement) -> None:
    item = next(item for item in judged.found if item.measure == "latency")
    with_one = next(item for item in judged.found if item.measure == "top1")
    assert (40, 360) == (len(judged.samples[item.key]), len(judged.samples[with_one.key]))


def test_its_conditions_are_plain_data(judged: Judgement) -> None:
    item = next(item for item in judged.found if item.measure == "latency")
    assert "lecture_cnn" == judged.conditions[item.key]["architecture"]
    assert 28 == judged.conditions[item.key]["resolution"]


def test_it_names_the_runs_unless_they_have_other_names(judged: Judgement) -> None:
    assert ("base", "head") == (judged.base, judged.head)


def test_runs_can_have_other_names(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "one.sqlite", plan)
    with Store.open(tmp_path / "one.sqlite") as store:
        judgement = judgement_of(store, plan.id, plan.id, (), names=("main", "this tree"))
    assert ("main", "this tree") == (judgement.base, judgement.head)


def test_it_knows_what_head_could_not_measure(tmp_path: Path, build_run: Build, plan: Any) -> None:
    build_run(tmp_path / "two.sqlite", replace(plan, id="base"))
    build_run(tmp_path / "two.sqlite", replace(plan, id="head", outcome="failed", reason="boom"))
    with Store.open(tmp_path / "two.sqlite") as store:
        found = compare(store, "base", "head", tolerance=0.05, force=False)
        judgement = judgement_of(store, "base", "head", found)
    assert {"failed: boom"} == {judgement.failures[item.key] for item in judgement.failing}

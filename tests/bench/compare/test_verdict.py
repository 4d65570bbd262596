"""What all verdicts share."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from bench.compare.verdict import Comparison, direction, least_gain, without_figure
from bench.statistics.intervals import Interval
from tests.bench.compare.judgements import ERRATIC, OPEN


@pytest.mark.parametrize(
    ("expected", "better", "change"),
    [
        ("regression", "lower", 0.1),
        ("improvement", "lower", -0.1),
        ("improvement", "higher", 0.1),
        ("regression", "higher", -0.1),
        ("changed", "neither", 0.1),
        ("changed", "neither", -0.1),
    ],
)
def test_the_measure_decides_which_direction_is_worse(expected: str, better: str, change: float) -> None:
    assert expected == direction(better, change)


@pytest.mark.parametrize("base", ["failed", "oom", "timeout", "unsupported", "not run"])
def test_a_figure_where_there_was_none_is_no_improvement(base: str) -> None:
    assert "undecided" == without_figure(base, "ok")


@pytest.mark.parametrize("head", ["failed", "oom", "timeout"])
def test_a_head_that_fails_where_base_has_a_figure_is_a_regression(head: str) -> None:
    assert "regression" == without_figure("ok", head)


@pytest.mark.parametrize("head", ["unsupported", "not run"])
def test_a_figure_that_is_gone_without_a_failure_is_undecided(head: str) -> None:
    assert "undecided" == without_figure("ok", head)


@pytest.mark.parametrize("status", ["failed", "oom", "timeout", "not run"])
def test_what_fails_on_both_sides_is_undecided(status: str) -> None:
    assert "undecided" == without_figure(status, status)


def test_what_applies_to_neither_side_is_fine() -> None:
    assert "fine" == without_figure("unsupported", "unsupported")


@pytest.mark.parametrize(("expected", "better"), [(-0.03, "higher"), (-0.01, "lower"), (-0.03, "neither")])
def test_the_worst_end_of_an_interval_depends_on_the_measure(expected: float, better: str) -> None:
    assert expected == least_gain(better, Interval(-0.03, 0.01, "t"))


@pytest.mark.parametrize("item", [OPEN, ERRATIC], ids=lambda item: item.verdict)
def test_a_comparison_survives_as_plain_data(item: Comparison) -> None:
    assert item == Comparison.from_dict(json.loads(json.dumps(asdict(item))))


def test_a_comparison_of_an_older_store_knows_no_spread() -> None:
    older = {name: value for name, value in asdict(ERRATIC).items() if name != "spread"}
    assert replace(ERRATIC, spread=None) == Comparison.from_dict(older)

"""JSON for github-action-benchmark and Bencher."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bench.compare.judgement import Judgement
from reports.ci import load_forms
from reports.ci.text import plain
from tests.bench.compare.judgements import (
    HOSTILE,
    LESS_ACCURATE,
    LESS_WATCHED,
    NOTHING,
    SLOWER,
    SMALL,
    hostile,
    large,
)

TIME = [
    {
        "name": "resnet18 latency infer 224px b1",
        "unit": "ms",
        "value": 11.2,
        "range": "11.02 to 11.38, p5 to p95",
        "extra": "regression: 10.0 ms → 11.2 ms, ratio 1.120 [1.080, 1.150], band 1.2 %, 14 pairs",
    },
    {
        "name": "vgg16 throughput infer 224px b8",
        "unit": "ms/image",
        "value": 5.26316,
        "range": "5.025 to 5.525, p5 to p95",
        "extra": "undecided: 200/s → 190/s, ratio 0.950 [0.900, 1.010], band 2.0 %, 28 pairs: the budget ended",
    },
]
ACCURACY = [
    {
        "name": "lenet5 random>digits8 scratch aug:none seed0",
        "unit": "%",
        "value": 75.0,
        "range": "30.06 to 95.44, 95 %, Wilson",
        "extra": "regression: 80.0 % → 75.0 %, -5.0 points [-8.0, -2.0], 4 images",
    }
]
BENCHER = {
    "resnet18 infer 224px b1": {"latency": {"value": 11.2e6, "lower_value": 11.02e6, "upper_value": 11.38e6}},
    "lenet5 random>digits8 scratch aug:none seed0": {
        "top1": {"value": 0.75, "lower_value": 0.300642, "upper_value": 0.954413}
    },
    "vgg16 infer 224px b8": {"throughput": {"value": 190.0, "lower_value": 181.0, "upper_value": 199.0}},
    "lenet5 infer 32px b1": {"parameters": {"value": 61706.0}},
}


def read(name: str, judgement: Judgement) -> Any:
    return json.loads(load_forms().get(name).build(judgement))


@pytest.mark.parametrize(
    ("name", "golden"),
    [
        ("github-action-benchmark-time", TIME),
        ("github-action-benchmark-accuracy", ACCURACY),
        ("bencher", BENCHER),
    ],
)
def test_a_dashboard_gets_what_head_measured(name: str, golden: object) -> None:
    assert golden == read(name, SMALL)


def test_the_share_of_several_trainings_has_no_interval_of_one() -> None:
    mean = replace(LESS_ACCURATE, head=0.7)
    assert "range" not in read("github-action-benchmark-accuracy", replace(SMALL, found=(mean,)))[0]


def test_measures_of_one_cell_lie_side_by_side_for_bencher() -> None:
    memory = replace(SLOWER, cell="resnet18 peak_memory infer 224px b1", measure="peak_memory", unit="B", key="m")
    found = read("bencher", replace(SMALL, found=(SLOWER, memory)))
    assert {"resnet18 infer 224px b1": ["latency", "peak-memory"]} == {k: list(v) for k, v in found.items()}


def test_cells_of_one_name_are_two_charts() -> None:
    two = replace(SMALL, found=(SLOWER, replace(SLOWER, key="f6")))
    assert {"resnet18 latency infer 224px b1 #a1", "resnet18 latency infer 224px b1 #f6"} == {
        entry["name"] for entry in read("github-action-benchmark-time", two)
    }


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_a_figure_that_is_none_is_left_out(value: float | None) -> None:
    judgement = replace(SMALL, found=(replace(SLOWER, head=value),))
    assert ([], {}) == (read("github-action-benchmark-time", judgement), read("bencher", judgement))


def test_nothing_compared_is_an_empty_list() -> None:
    assert [] == read("github-action-benchmark-time", NOTHING)


def test_a_hostile_name_is_a_name() -> None:
    assert f"{plain(HOSTILE)} latency 0" == read("github-action-benchmark-time", hostile())[0]["name"]
    assert f"{plain(HOSTILE)} 0" == next(iter(read("bencher", hostile())))


def test_many_cells_are_all_there() -> None:
    assert 2000 == len(read("bencher", large(2000)))


@pytest.mark.parametrize("name", ["bencher", "github-action-benchmark-time", "pytest-benchmark"])
def test_what_was_dropped_has_no_figure_to_be_drawn(name: str) -> None:
    assert "macs" not in load_forms().get(name).build(LESS_WATCHED)


@pytest.mark.parametrize(
    "judged", [{"key": "py3.11"}, {"found": tuple(replace(i, job="py3.11") for i in SMALL.found)}]
)
def test_the_charts_of_two_jobs_have_names_of_their_own(judged: dict[str, Any]) -> None:
    entries = read("github-action-benchmark-time", replace(SMALL, **judged))
    assert f"{SLOWER.cell} [py3.11]" == entries[0]["name"]
    assert "resnet18 infer 224px b1 [py3.11]" in read("bencher", replace(SMALL, **judged))


def test_a_chart_says_of_an_accepted_change_why() -> None:
    entries = read("github-action-benchmark-time", replace(SMALL, accepted={SLOWER.key: "a wider stem"}))
    assert entries[0]["extra"].startswith("regression (accepted): 10.0 ms → 11.2 ms, ")
    assert "accepted: a wider stem" in entries[0]["extra"]

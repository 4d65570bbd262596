"""Which architecture is an answer to a person's limits."""

from __future__ import annotations

import pytest

from reports.candidates.choice import BEATEN, ChoiceAnswer, Option, answer

SMALL = Option("small", {"top1": 0.7, "latency": 0.002, "memory": 5e7})
MIDDLE = Option("middle", {"top1": 0.8, "latency": 0.010, "memory": 9e7})
LARGE = Option("large", {"top1": 0.9, "latency": 0.100, "memory": 4e8})
POOR = Option("poor", {"top1": 0.75, "latency": 0.020, "memory": 2e7})
UNTIMED = Option("untimed", {"top1": 0.95, "memory": 1e8}, {"latency": "oom"})
UNKNOWN = Option("unknown", {"latency": 0.001, "memory": 1e7})
ALL = (SMALL, MIDDLE, LARGE, POOR, UNTIMED, UNKNOWN)


def test_what_keeps_the_limits_and_is_beaten_by_none_is_chosen_the_best_first() -> None:
    assert ("large", "middle", "small") == answer((SMALL, MIDDLE, LARGE), {"latency": 1.0}).chosen


def test_each_that_is_left_out_is_so_for_one_reason() -> None:
    assert {
        "too slow": ("large",),
        BEATEN: ("poor",),
        "no latency (oom)": ("untimed",),
        "no accuracy": ("unknown",),
    } == answer(ALL, {"latency": 0.05}).left_out


def test_a_missing_figure_comes_before_a_missed_limit() -> None:
    assert {"no latency (oom)": ("untimed",)} == answer([UNTIMED], {"latency": 0.05, "top1": 0.99}).left_out


def test_what_equals_its_limit_keeps_it() -> None:
    assert ("middle",) == answer([MIDDLE], {"latency": 0.010, "top1": 0.8, "memory": 9e7}).chosen


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        ({}, ("top1", "latency", "memory")),
        ({"top1": 0.5}, ("top1", "latency", "memory")),
        ({"memory": 1e9}, ("top1", "memory")),
        ({"memory": 1e9, "latency": 1.0}, ("top1", "latency", "memory")),
        ({"macs": 1e9}, ("top1", "macs")),
    ],
)
def test_wanted_are_the_accuracy_and_the_limited_costs_or_all_costs(
    limits: dict[str, float], wanted: tuple[str, ...]
) -> None:
    assert wanted == answer(ALL, limits).wanted


def test_without_any_accuracy_the_costs_alone_count() -> None:
    assert (("unknown",), ("latency", "memory")) == _chosen_and_wanted(answer([UNKNOWN], {}))


def test_of_equals_all_are_kept_in_their_order() -> None:
    twin = Option("twin", SMALL.values)
    assert ("small", "twin") == answer([SMALL, twin], {}).chosen


def test_one_that_is_as_good_in_all_and_better_in_one_beats_another() -> None:
    slower = Option("slower", {**SMALL.values, "latency": 0.003})
    assert ("small",) == answer([slower, SMALL], {}).chosen


def test_where_nothing_keeps_the_limits_the_nearest_is_least_beyond_any_of_them() -> None:
    found = answer(ALL, {"latency": 0.001, "top1": 0.75})
    assert ((), "small") == (found.chosen, found.nearest)


def test_the_nearest_must_have_all_that_is_wanted() -> None:
    assert "" == answer([UNTIMED, UNKNOWN], {"latency": 0.0001, "top1": 0.99}).nearest


def test_an_accuracy_of_zero_is_nearest_to_nothing() -> None:
    useless = Option("useless", {"top1": 0.0, "latency": 0.001})
    assert "" == answer([useless], {"top1": 0.95}).nearest


def test_where_there_is_an_answer_there_is_no_nearest() -> None:
    assert "" == answer(ALL, {}).nearest


def test_nothing_to_choose_from_has_no_answer() -> None:
    assert ChoiceAnswer((), (), {}, "") == answer([], {})


def _chosen_and_wanted(found: ChoiceAnswer) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return found.chosen, found.wanted

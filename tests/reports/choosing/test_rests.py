"""What a choice rests on."""

from __future__ import annotations

import pytest

from bench.compare.choosing.settling import LimitQuestion, PairQuestion
from reports.candidates.choice import RESPECTS, Option, ranked_by
from reports.choosing.rests import questions_of

SMALL = Option("small", {"top1": 0.7, "latency": 0.002})
MIDDLE = Option("middle", {"top1": 0.8, "latency": 0.010})
LARGE = Option("large", {"top1": 0.9, "latency": 0.100})
POOR = Option("poor", {"top1": 0.65, "latency": 0.020})
UNTIMED = Option("untimed", {"top1": 0.95})


def test_the_chosen_are_compared_with_the_next_better_one() -> None:
    found = questions_of((SMALL, LARGE, MIDDLE), {}, RESPECTS)
    assert (PairQuestion(("middle", "large")), PairQuestion(("small", "middle"))) == found


def test_what_is_beaten_is_compared_with_the_best_that_beats_it() -> None:
    found = questions_of((POOR, SMALL, MIDDLE), {}, RESPECTS)
    assert (PairQuestion(("small", "middle")), PairQuestion(("poor", "middle"))) == found


def test_what_another_limit_leaves_out_or_what_lacks_a_figure_is_no_question() -> None:
    assert (PairQuestion(("small", "middle")),) == questions_of(
        (SMALL, MIDDLE, LARGE, UNTIMED), {"latency": 0.05}, RESPECTS
    )


def test_a_least_value_is_asked_of_those_that_it_keeps_and_of_those_that_it_leaves_out() -> None:
    found = questions_of((SMALL, MIDDLE), {"top1": 0.75}, RESPECTS)
    assert (LimitQuestion(("small",), 0.75), LimitQuestion(("middle",), 0.75)) == found


def test_of_what_would_be_beaten_at_the_least_value_it_is_not_asked() -> None:
    found = questions_of((POOR, MIDDLE), {"top1": 0.75}, RESPECTS)
    assert (LimitQuestion(("middle",), 0.75),) == found


def test_without_a_figure_to_rank_by_there_is_no_question() -> None:
    assert () == questions_of([Option("a", {"latency": 1.0}), Option("b", {"latency": 2.0})], {}, RESPECTS)


@pytest.mark.parametrize("names", [("a", "b")])
def test_of_a_loss_the_better_one_is_the_lower(names: tuple[str, str]) -> None:
    options = [Option("a", {"nll": 0.3, "latency": 2.0}), Option("b", {"nll": 0.5, "latency": 1.0})]
    assert (PairQuestion(names[::-1]),) == questions_of(options, {}, ranked_by("nll"))

"""Where the wall time of a comparison goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.gate.timings import Timings
from tests.bench.gate.fakes import COUNTED, TIMED


class Hand:
    """A clock that stands still until somebody moves it on."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        """Where it stands, in seconds."""
        return self.at


@pytest.fixture
def hand() -> Hand:
    """At the beginning."""
    return Hand()


def spent(hand: Hand) -> Timings:
    """Ten seconds: five of steps, of two cells, two of a server, one of counting, two of nothing in particular."""
    timings = Timings(hand)
    for cell, seconds in ((TIMED, 1.0), (COUNTED, 1.0), (TIMED, 3.0)):
        with timings.of("steps", cell):
            hand.at += seconds
    with timings.of("exact counts", COUNTED):
        hand.at += 1.0
    with timings.of("starting servers"):
        hand.at += 2.0
    hand.at += 2.0
    return timings


def test_the_whole_is_told_in_seconds_and_shares(hand: Hand) -> None:
    assert (
        "where 10.0 s went:",
        "     2.0 s  20 %  starting servers",
        "     1.0 s  10 %  exact counts",
        "     5.0 s  50 %  steps",
        "     2.0 s  20 %  the rest",
    ) == spent(hand).lines()[:5]


def test_what_each_cell_took_is_told_the_longest_first(hand: Hand) -> None:
    assert (
        f"     4.0 s  40 %  {TIMED}: steps 4.0 s",
        f"     2.0 s  20 %  {COUNTED}: exact counts 1.0 s, steps 1.0 s",
    ) == spent(hand).lines()[5:]


def test_what_fails_has_taken_its_time_too(hand: Hand) -> None:
    timings = Timings(hand)
    with pytest.raises(ZeroDivisionError), timings.of("steps", TIMED):
        hand.at += 1.0
        raise ZeroDivisionError
    assert {("steps", str(TIMED)): 1.0} == timings.spent


def test_of_servers_the_start_and_the_end_are_told_and_not_what_they_serve(hand: Hand) -> None:
    @contextmanager
    def servers() -> Iterator[str]:
        hand.at += 2.0
        yield "ready"
        hand.at += 1.0

    timings = Timings(hand)
    with timings.of_servers(servers()) as given:
        hand.at += 100.0
    assert ("ready", {("starting servers", ""): 2.0, ("ending", ""): 1.0}) == (given, timings.spent)


def test_a_comparison_that_has_not_begun_has_no_shares(hand: Hand) -> None:
    assert ("where 0.0 s went:",) == Timings(hand).lines()

"""The clock, on a time that the test moves: no test waits, none depends on the machine."""

from collections.abc import Callable

import pytest

from bench.measures import clock as clock_module
from bench.measures.clock import MAXIMUM, MINIMUM, Clock


class Hands:
    """A time that passes only while a call runs."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def perf_counter(self) -> float:
        return self.seconds

    def call(self, *durations: float) -> Callable[[], None]:
        """A call that takes these seconds, one after the other; the last goes on for ever."""
        left = list(durations)

        def step() -> None:
            self.seconds += left.pop(0) if len(left) > 1 else left[0]

        return step


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """The time that clocks read."""
    hands = Hands()
    monkeypatch.setattr(clock_module, "time", hands)
    return hands


def test_one_call_takes_its_seconds(hands: Hands) -> None:
    assert 0.25 == Clock(1).once(hands.call(0.25))


def test_the_minimum_of_samples_is_taken_even_where_the_seconds_are_over(hands: Hands) -> None:
    samples = Clock(1).sample(hands.call(10.0))
    assert (10.0,) * MINIMUM == samples.values
    assert "the seconds were over" == samples.details["ended"]


def test_the_slow_first_call_is_kept_apart_as_warm_up(hands: Hands) -> None:
    samples = Clock(100).sample(hands.call(8.0, 1.0))
    assert (8.0, 1.0, 1.0) == samples.warmup
    assert {1.0} == set(samples.values)


def test_warm_up_goes_on_until_two_calls_agree(hands: Hands) -> None:
    samples = Clock(100).sample(hands.call(8.0, 4.0, 2.0, 1.0, 1.0625, 1.0))
    assert (8.0, 4.0, 2.0, 1.0, 1.0625) == samples.warmup


def test_warm_up_that_never_settles_leaves_three_quarters_of_the_time_for_samples(hands: Hands) -> None:
    doubling = [2.0 ** (i % 2) for i in range(100)]
    samples = Clock(100).sample(hands.call(*doubling))
    assert 25 <= sum(samples.warmup) <= 27
    assert sum(samples.values) >= 70


def test_sampling_ends_with_the_seconds(hands: Hands) -> None:
    samples = Clock(20).sample(hands.call(1.0))
    assert 20 == len(samples.warmup) + len(samples.values)


def test_sampling_ends_with_the_most_samples(hands: Hands) -> None:
    samples = Clock(1e9).sample(hands.call(1.0))
    assert MAXIMUM == len(samples.values)
    assert "the most samples were taken" == samples.details["ended"]


def test_the_time_that_building_took_is_not_left_for_sampling(hands: Hands) -> None:
    clock = Clock(20)
    hands.call(15.0)()
    samples = clock.sample(hands.call(1.0))
    assert 5 == len(samples.warmup) + len(samples.values)

"""The clock, on a time that the test moves: no test waits, none depends on the machine."""

from collections.abc import Callable

import pytest
import torch

from bench import clock as clock_module
from bench.clock import CHECKED, LEAST, MAXIMUM, MINIMUM, RECENT, SPLITS, TAIL, Clock, is_known

KNOWN = "the median is known to 1 %"
OVER = "time limit reached"
MOST = "the most samples were taken"


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

    def noisy(self, seconds: float = 1.0) -> Callable[[], None]:
        """A call whose median is never known to 1 %: now it takes the seconds, now twice that."""
        return self.call(*([seconds, 2 * seconds] * 5000))


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """The time that clocks read."""
    hands = Hands()
    monkeypatch.setattr(clock_module, "time", hands)
    return hands


def test_one_call_takes_its_seconds(hands: Hands) -> None:
    assert 0.25 == Clock(1).once(hands.call(0.25))


def test_the_minimum_of_samples_is_taken_even_where_the_seconds_are_over(hands: Hands) -> None:
    clock = Clock(1)
    hands.call(2.0)()
    samples = clock.sample(hands.call(10.0))
    assert ((10.0,) * 2, (10.0,) * MINIMUM) == (samples.warmup, samples.values)
    assert OVER == samples.details["ended"]


def test_the_slow_first_call_is_kept_apart_as_warm_up(hands: Hands) -> None:
    samples = Clock(100).sample(hands.call(8.0, 1.0))
    assert (8.0, *(1.0,) * (1 + RECENT)) == samples.warmup
    assert {1.0} == set(samples.values)


def test_the_first_call_is_told_apart(hands: Hands) -> None:
    assert 8.0 == Clock(100).sample(hands.call(8.0, 1.0)).details["first_call"]


def test_a_second_sampling_of_one_clock_tells_of_the_very_first_call(hands: Hands) -> None:
    clock = Clock(100)
    clock.sample(hands.call(8.0, 1.0), share=0.5)
    assert 8.0 == clock.sample(hands.call(2.0, 1.0)).details["first_call"]


def test_warm_up_goes_on_while_calls_get_faster(hands: Hands) -> None:
    samples = Clock(100).sample(hands.call(8.0, 4.0, 2.0, 1.0, 1.0625, 1.0))
    assert (8.0, 4.0, 2.0, 1.0, 1.0625, 1.0, 1.0) == samples.warmup


def test_two_slow_calls_that_agree_do_not_end_the_warm_up(hands: Hands) -> None:
    samples = Clock(100).sample(hands.call(8.0, 2.0, 2.0, 1.0))
    assert {1.0} == set(samples.values)


def test_one_slow_call_does_not_prolong_the_warm_up(hands: Hands) -> None:
    samples = Clock(100).sample(hands.call(1.0, 1.0, 3.0, 1.0))
    assert (1.0, 1.0, 3.0, 1.0) == samples.warmup


def test_warm_up_that_never_settles_leaves_three_quarters_of_the_seconds_for_samples(hands: Hands) -> None:
    samples = Clock(100).sample(hands.call(10.0, 8.5, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0))
    assert (10.0, 8.5, 7.0, 6.0, 5.0) == samples.warmup


def test_what_the_first_call_takes_beyond_an_ordinary_one_lies_outside_the_seconds(hands: Hands) -> None:
    clock = Clock(20)
    hands_before = hands.seconds
    clock.sample(hands.call(1000.0, 1.0), most=3)
    spent = hands.seconds - hands_before
    assert 20 + 999 - spent == clock.left()


def test_an_ordinary_first_call_lies_within_the_seconds(hands: Hands) -> None:
    samples = Clock(20).sample(hands.noisy())
    assert 20 <= sum(samples.warmup) + sum(samples.values) <= 21


def test_a_first_call_that_is_faster_than_the_second_leaves_no_more_seconds(hands: Hands) -> None:
    clock = Clock(20)
    clock.sample(hands.call(1.0, 2.0), most=3)
    assert 20 - hands.seconds == clock.left()


def test_sampling_ends_with_the_seconds(hands: Hands) -> None:
    samples = Clock(20).sample(hands.noisy())
    assert OVER == samples.details["ended"]


def test_sampling_ends_with_the_most_samples(hands: Hands) -> None:
    samples = Clock(1e9).sample(hands.noisy())
    assert (MAXIMUM, MOST) == (len(samples.values), samples.details["ended"])


def test_a_caller_may_want_fewer_samples(hands: Hands) -> None:
    samples = Clock(100).sample(hands.call(1.0), most=5)
    assert (5, MOST) == (len(samples.values), samples.details["ended"])


def test_sampling_ends_when_the_median_is_known(hands: Hands) -> None:
    samples = Clock(100).sample(hands.call(1.0))
    assert KNOWN == samples.details["ended"]


def test_a_streak_that_agrees_must_last_half_of_the_seconds(hands: Hands) -> None:
    clock = Clock(100)
    samples = clock.sample(hands.call(1.0))
    assert 0.5 * (100 - len(samples.warmup)) <= sum(samples.values) <= 0.6 * 100


def test_a_median_of_fewer_than_ten_is_not_known(hands: Hands) -> None:
    samples = Clock(13).sample(hands.call(1.0))
    assert (9, OVER) == (len(samples.values), samples.details["ended"])


def test_precision_does_not_end_sampling_where_a_99th_percentile_is_in_reach(hands: Hands) -> None:
    samples = Clock(1.25 * TAIL).sample(hands.call(1.0))
    assert TAIL <= len(samples.values) < 1.2 * TAIL
    assert KNOWN == samples.details["ended"]


def test_a_thousand_samples_have_a_99th_percentile(hands: Hands) -> None:
    samples = Clock(1e9).sample(hands.noisy())
    assert 2.0 == samples.details["p99"]


def test_fewer_samples_have_no_99th_percentile(hands: Hands) -> None:
    assert "p99" not in Clock(100).sample(hands.noisy()).details


def test_a_share_of_the_seconds_is_left_for_what_comes_after(hands: Hands) -> None:
    clock = Clock(100)
    clock.sample(hands.noisy(), share=0.8)
    assert 20 == pytest.approx(clock.left(), abs=2)


def test_each_part_has_its_own_seconds(hands: Hands) -> None:
    parts = Clock(1e9).split({"forward": hands.call(1.0), "backward": hands.call(2.0)})
    assert {"forward": [1.0] * SPLITS, "backward": [2.0] * SPLITS} == parts


def test_parts_end_with_the_seconds(hands: Hands) -> None:
    parts = Clock(12).split({"forward": hands.call(1.0), "backward": hands.call(2.0)})
    assert [4, 4] == [len(seconds) for seconds in parts.values()]


def test_the_minimum_of_parts_is_timed_even_where_the_seconds_are_over(hands: Hands) -> None:
    parts = Clock(1).split({"forward": hands.call(10.0)})
    assert [10.0] * MINIMUM == parts["forward"]


@pytest.mark.parametrize(
    ("values", "known"),
    [
        pytest.param([1.0] * 7, False, id="too few"),
        pytest.param([1.0] * 10, True, id="all equal"),
        pytest.param([9.0, *[1.0] * 8, 9.0], False, id="an outlier among few"),
        pytest.param([9.0, *[1.0] * 98, 9.0], True, id="outliers among many"),
        pytest.param([1.0, 1.03] * 500, False, id="two levels, 3 % apart"),
        pytest.param([1.0, 1.015] * 500, True, id="two levels, 1.5 % apart"),
    ],
)
def test_a_median_is_known_when_its_order_statistics_are_within_1_percent(
    values: list[float], known: bool
) -> None:
    assert known is is_known(values)


@pytest.fixture
def waited_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The CUDA devices that were waited for, in order."""
    seen: list[str] = []
    monkeypatch.setattr(torch.cuda, "synchronize", seen.append)
    return seen


def test_a_call_waits_for_its_own_device_before_and_after(hands: Hands, waited_for: list[str]) -> None:
    Clock(1, "cuda:1").once(hands.call(1.0))
    assert ["cuda:1", "cuda:1"] == waited_for


@pytest.mark.usefixtures("waited_for")
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_what_is_built_before_the_first_call_takes_none_of_the_seconds(hands: Hands, device: str) -> None:
    clock = Clock(10, device)
    hands.call(600.0)()
    assert 10 == clock.left()
    clock.once(hands.call(1.0))
    assert 9 == clock.left()


@pytest.mark.parametrize(("device", "seconds"), [("cuda:0", LEAST), ("mps", LEAST), ("cpu", 0.4)])
def test_an_accelerator_is_sampled_for_long_enough_to_leave_its_idle_clock_rate(
    device: str, seconds: float
) -> None:
    assert seconds == Clock(0.4, device).seconds


@pytest.mark.usefixtures("waited_for")
def test_a_short_cell_on_an_accelerator_is_warmed_up_and_sampled_though_building_took_longer(
    hands: Hands,
) -> None:
    clock = Clock(0.4, "cuda")
    hands.call(3.0)()
    samples = clock.sample(hands.call(0.5, 0.03125))
    assert 1 + RECENT <= len(samples.warmup)
    assert (KNOWN, True) == (samples.details["ended"], len(samples.values) >= CHECKED)

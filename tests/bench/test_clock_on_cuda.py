"""The clock on a GPU, on the stand-in for CUDA: the device's own time, calls that nobody waits for, warming up."""

import math
from collections.abc import Callable
from statistics import median

import pytest
import torch

from bench.clock import BLOCK, BLOCKS, MINIMUM, ON_DEVICE, WORK, Clock
from tests.standin.cuda import StandIn

KERNELS = 5
RUNS = 1.1e-3
"""Seconds of a kernel."""
CALL = "call"


@pytest.fixture
def call(cuda: StandIn) -> Callable[[], object]:
    """A call of a few kernels that run for long, which the stand-in's list of calls mentions."""
    cuda.launching, cuda.running = 1e-5, lambda name, elements: RUNS
    there = torch.zeros(2, device="cuda")

    def launch() -> None:
        cuda.note(CALL)
        for _ in range(KERNELS):
            there.add_(1)

    return launch


@pytest.fixture(params=[(1e-3, 1e-4), (1e-4, 1e-2)], ids=["launching binds", "the device binds"])
def pace(request: pytest.FixtureRequest, cuda: StandIn, call: Callable[[], object]) -> tuple[float, float]:
    """Seconds in which a kernel is launched, and in which it runs."""
    launching, running = request.param
    cuda.launching, cuda.running = launching, lambda name, elements: running
    return launching, running


def test_the_device_s_own_time_holds_no_launching(call: Callable[[], object], pace: tuple[float, float]) -> None:
    _, running = pace
    assert KERNELS * running == pytest.approx(median(Clock(2, "cuda").on_device(call)))


def test_calls_that_are_queued_take_what_the_slower_of_host_and_device_takes(
    call: Callable[[], object], pace: tuple[float, float]
) -> None:
    found = Clock(2, "cuda").queued(call, KERNELS * sum(pace))
    assert KERNELS * max(pace) == pytest.approx(median(found), rel=0.05)


def test_nothing_is_waited_for_within_a_block(cuda: StandIn, call: Callable[[], object]) -> None:
    Clock(2, "cuda").queued(call, KERNELS * RUNS)
    order = [name for name, _ in cuda.named("synchronize", "Event.record", CALL, "Event.synchronize")]
    calls = math.ceil(BLOCK / (KERNELS * RUNS))
    block = ["synchronize", "Event.record", *[CALL] * calls, "Event.record", "Event.synchronize"]
    assert BLOCKS * block == order


def test_a_block_grows_until_it_is_long_enough(cuda: StandIn, call: Callable[[], object]) -> None:
    Clock(2, "cuda").queued(call, 1.0)  # so long a call took when it was waited for
    assert 4 + 8 + BLOCKS * 16 == len(cuda.named(CALL))


def test_where_the_host_is_never_ahead_the_device_s_own_time_holds_waiting(
    cuda: StandIn, call: Callable[[], object]
) -> None:
    def waits() -> None:
        torch.cuda.synchronize("cuda")
        call()

    cuda.launching, cuda.running = 1e-3, lambda name, elements: 1e-4
    found = Clock(2, "cuda").on_device(waits)
    assert len(found) >= MINIMUM
    assert KERNELS * 1e-3 == pytest.approx(median(found), rel=0.05)


def test_the_device_s_own_time_waits_for_no_more_than_one_call_at_a_time(
    cuda: StandIn, call: Callable[[], object]
) -> None:
    Clock(2, "cuda").on_device(call)
    order = [name for name, _ in cuda.named("synchronize", "Event.record", CALL, "Event.synchronize")]
    sample = ["synchronize", "Event.record", CALL, "Event.record", "Event.synchronize"]
    assert MINIMUM * sample == order[-MINIMUM * len(sample) :]


def test_the_device_s_own_time_is_taken_a_hundred_times_at_most(cuda: StandIn, call: Callable[[], object]) -> None:
    assert ON_DEVICE == len(Clock(1e6, "cuda").on_device(call))


def test_half_of_the_seconds_leaves_the_other_half(cuda: StandIn, call: Callable[[], object]) -> None:
    cuda.running = lambda name, elements: 0.1
    clock = Clock(40, "cuda")
    clock.once(call)
    clock.on_device(call, share=1 / 2)
    assert 20 == pytest.approx(clock.left(), abs=2)


@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_elsewhere_there_is_no_clock_of_the_device(device: str) -> None:
    clock = Clock(1, device)
    assert ([], []) == (clock.on_device(lambda: None), clock.queued(lambda: None, 1.0))


def test_a_gpu_works_for_a_while_before_it_is_sampled(cuda: StandIn, call: Callable[[], object]) -> None:
    samples = Clock(2, "cuda").sample(call, most=10)
    assert cuda.time.seconds - sum(samples.values) - sum(samples.warmup) >= WORK


def test_a_gpu_that_has_worked_need_not_do_so_again(cuda: StandIn, call: Callable[[], object]) -> None:
    clock = Clock(2, "cuda")
    clock.sample(call, most=10)
    before = cuda.time.seconds
    samples = clock.sample(call, most=10)
    assert cuda.time.seconds - before == pytest.approx(sum(samples.values) + sum(samples.warmup))


def test_minutes_of_compiling_leave_the_seconds_of_a_gpu_whole(cuda: StandIn, call: Callable[[], object]) -> None:
    minutes = [200.0]

    def compiled() -> None:
        cuda.time.sleep(minutes.pop() if minutes else 0.0)
        call()

    samples = Clock(2, "cuda").sample(compiled)
    assert samples.details["first_call"] >= 200
    assert len(samples.values) > 100


def test_a_restarted_clock_of_a_gpu_counts_from_the_next_call(cuda: StandIn, call: Callable[[], object]) -> None:
    clock = Clock(2, "cuda")
    clock.sample(call, most=3)
    cuda.time.sleep(60)
    clock.restart()
    cuda.time.sleep(60)
    assert (2, None) == (clock.left(), clock.first_call)

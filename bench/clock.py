"""The only module that reads clocks."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from bench.cell import Samples, quantile
from bench.lazy import lazy

torch = lazy("torch")

MINIMUM = 3
"""Samples that are taken at least, even when the seconds are over."""
MAXIMUM = 2000
PRECISION = 0.01
"""Share of the median within which its interval must lie on either side before sampling may end early."""
CHECKED = 10
"""Number of samples from which on the interval of the median is checked."""
SETTLED = 0.5
"""Share of the seconds that must be sampled before precision ends it.

A shared machine changes speed within seconds, so that all of a short streak can be fast and agree.
"""
TAIL = 1000
"""Samples that a 99th percentile needs, so that ten lie beyond it."""
STEADY = 0.10
"""Warm-up ends when none of the last calls is faster than the best before them by more than this share."""
RECENT = 3
"""Number of last calls that decide whether a call is steady; several, since one slow call on a noisy machine says
little."""
WARMUP = 0.25
"""Share of the seconds that warming up may take, not counting its first call."""
LEAST = 2.0
"""Least seconds of sampling on an accelerator: in fewer it has not left its idle clock rate."""
WORK = 0.3
"""Seconds that an accelerator works before anything is sampled, so that its clock rate has risen."""
SPLITS = 20
"""Largest number of times that a call is timed in parts."""
ON_DEVICE = 100
"""Largest number of calls that are timed by the device's own clock."""
BLOCK = 0.05
"""Least seconds that a block of calls takes on the device, whose calls are launched without waiting."""
BLOCKS = 10
"""Largest number of such blocks."""
IN_BLOCK = 4
"""Least number of calls in a block, so that most calls follow directly after another one."""
LEAST_BUSY, LONGER, MOST_BUSY = 1 << 22, 4, 1 << 30
"""Cycles that keep the device busy while a call is launched: at first, the factor when too few, and the limit.

At 2 GHz these are 2 milliseconds and half a second.
"""


class Clock:
    """Times synchronised calls on one device until their median is known well enough or the seconds are over."""

    def __init__(self, seconds: float, device: str = "cpu") -> None:
        on_cpu = device == "cpu"
        self.seconds = seconds if on_cpu else max(seconds, LEAST)
        """Wall time from the first call that is timed, warm-up included; the minimum of samples outranks it.

        What comes before, such as building the model, is not a part of it.
        """
        self.device = device
        self.first_call: float | None = None
        """Seconds of the very first call that was sampled: compilation, autotuning, layout of memory."""
        self._begin: float | None = None
        self._outside = 0.0
        self._work = 0.0 if on_cpu else WORK
        """Seconds of work that warming up still lacks."""

    def now(self) -> float:
        """Monotonic seconds."""
        return time.perf_counter()

    def left(self) -> float:
        """Seconds that are left; negative once they are over.

        What the first call of a shape takes beyond the second lies outside: it compiles, which is paid once, takes
        as long as it takes and would leave nothing for the samples. An ordinary call's time is never outside.
        """
        spent = 0.0 if self._begin is None else self.now() - self._begin
        return self.seconds + self._outside - spent

    def restart(self) -> None:
        """Restart the count of seconds at the next call, which is then the first call."""
        self._begin, self._outside, self.first_call = None, 0.0, None

    def once(self, call: Callable[[], object]) -> float:
        """Seconds of one call, with the device idle before and after."""
        self._synchronise()
        start = time.perf_counter()
        if self._begin is None:
            self._begin = start
        call()
        self._synchronise()
        return time.perf_counter() - start

    def sample(self, call: Callable[[], object], share: float = 1.0, most: int = MAXIMUM) -> Samples:
        """Warm up on the call itself until it is steady, then time it call by call.

        Args:
            call: one sample.
            share: of the seconds that are left, warm-up included, that this may take.
            most: samples at which it ends.

        Returns:
            Raw seconds, one per call, in order; the warm-up's apart. The details say what `ended` it, what
            the clock's `first_call` took and, from a thousand samples on, their `p99`, both in seconds.
        """
        warmup, stop = self._warm_up(call, share)
        begin = self.left()
        values: list[float] = []
        while not (ended := self._ending(values, begin, stop, most)):
            values.append(self.once(call))
        details = {"ended": ended, "first_call": self.first_call}
        if len(values) >= TAIL:
            details["p99"] = quantile(sorted(values), 0.99)
        return Samples(tuple(values), tuple(warmup), details)

    def split(self, parts: Mapping[str, Callable[[], object]]) -> dict[str, list[float]]:
        """Time the parts of a call one after the other, with the device idle in between.

        Returns:
            Raw seconds by part, in order: at least `MINIMUM`, at most `SPLITS`, while seconds are left.
        """
        found: dict[str, list[float]] = {name: [] for name in parts}
        for done in range(SPLITS):
            if done >= MINIMUM and self.left() <= 0:
                break
            for name, part in parts.items():
                found[name].append(self.once(part))
        return found

    def on_device(self, call: Callable[[], object], share: float = 1.0) -> list[float]:
        """Time calls by the device's own clock, from the first kernel of each to the end of its last.

        While a call is launched, the device is kept busy, so that it finds the kernels queued and does not wait
        for the host between them. The queue holds about a thousand: of a call with more, and of one that waits for
        the device itself, some waiting is left in. Caches are as the call before left them: the L2 is not emptied.

        Args:
            call: one sample.
            share: of the seconds that are left that this may take.

        Returns:
            Raw seconds, one per call, in order: `ON_DEVICE` at most, one where the seconds are over; none but on
            CUDA.
        """
        if not self._is_cuda:
            return []
        stop = max(0.0, self.left() * (1 - share))
        found: list[float] = []
        busy = LEAST_BUSY
        while not found or (len(found) < ON_DEVICE and self.left() > stop):
            seconds, ahead = self._between(call, busy)
            if ahead or busy == MOST_BUSY:
                found.append(seconds)
            else:
                busy *= LONGER
        return found

    def queued(self, call: Callable[[], object], seconds: float) -> list[float]:
        """Time calls that are launched one after the other; only the last call of a block is waited for.

        Args:
            call: one call.
            seconds: that one is known to take.

        Returns:
            Mean seconds of the calls of each block, which takes `BLOCK` or more: of `BLOCKS` at most, of one where
            the seconds are over; none but on CUDA.
        """
        if not self._is_cuda:
            return []
        calls = max(IN_BLOCK, math.ceil(BLOCK / seconds))

        def block() -> None:
            for _ in range(calls):
                call()

        found: list[float] = []
        while not found or (len(found) < BLOCKS and self.left() > 0):
            took, _ = self._between(block)
            if took >= BLOCK:
                found.append(took / calls)
            else:  # queued, they take less than one by one
                calls *= 2
        return found

    def _between(self, call: Callable[[], object], busy: int = 0) -> tuple[float, bool]:
        """Time a call by device events before and after it.

        Args:
            call: what is launched between them.
            busy: cycles for which the device is busy before the first mark.

        Returns:
            Seconds of the device; and whether all was launched before the device came to the first mark.
        """
        first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        self._synchronise()
        if busy:
            torch.cuda._sleep(busy)
        first.record()
        call()
        last.record()
        ahead = not first.query()
        last.synchronize()
        return float(first.elapsed_time(last)) / 1e3, ahead  # it tells milliseconds

    def _warm_up(self, call: Callable[[], object], share: float) -> tuple[list[float], float]:
        """Seconds of the calls, and how many seconds must be left when sampling stops."""
        warmup = [self.once(call)]
        if self.first_call is None:
            self.first_call = warmup[0]
        self._outside += warmup[0]
        self._work_on(call)
        total = self.left()
        until = total * (1 - share * WARMUP)
        while self.left() > until and not _steady(warmup):
            warmup.append(self.once(call))
        # where there is no second call, the seconds are over already
        self._outside -= min(warmup[:2])
        return warmup, max(0.0, total * (1 - share))

    def _work_on(self, call: Callable[[], object]) -> None:
        """Keep an accelerator busy until its clock rate is no longer the idle one; those calls are not kept."""
        while self._work > 0 and self.left() > 0:
            self._work -= self.once(call)

    def _ending(self, values: Sequence[float], begin: float, stop: float, most: int) -> str:
        """Why sampling ends now, in words; empty while it goes on."""
        n, left = len(values), self.left()
        if n >= most:
            return "the most samples were taken"
        if n >= MINIMUM and left <= stop:
            return "time limit reached"
        # looked at seldom, the more seldom the more there are: sorting takes time between the calls
        due = n >= CHECKED and n % (1 << (n.bit_length() - 4)) == 0
        spent = begin - left
        if not due or spent < SETTLED * (begin - stop):
            return ""
        tail_to_come = n < TAIL <= min(most, n + (left - stop) * n / spent)
        if tail_to_come or not is_known(values):
            return ""
        return f"the median is known to {100 * PRECISION:g} %"

    @property
    def _is_cuda(self) -> bool:
        return self.device.startswith("cuda")

    def _synchronise(self) -> None:
        if self._is_cuda:
            torch.cuda.synchronize(self.device)  # by itself it waits for the current device
        elif self.device == "mps":
            torch.mps.synchronize()


def is_known(values: Sequence[float], precision: float = PRECISION) -> bool:
    """Whether the 95 % interval of the median reaches no further than `precision` times it to either side.

    By order statistics, which presume no distribution, but independent samples. Those of one process are not, so
    that this says when more of them would add little; intervals for readers come from the medians of processes.
    """
    ordered, n = sorted(values), len(values)
    left_out = math.floor((n - 1 - 1.96 * math.sqrt(n)) / 2)  # the binomial's, by its normal form
    if left_out < 1:
        return False
    half = (ordered[-left_out - 1] - ordered[left_out]) / 2
    return half <= precision * median(ordered)


def _steady(warmup: Sequence[float]) -> bool:
    """Whether the last calls were hardly faster than the best one before them."""
    before, recent = warmup[:-RECENT], warmup[-RECENT:]
    return len(before) > 0 and min(recent) >= (1 - STEADY) * min(before)


class Stopwatch:
    """Seconds since the object was made, by which the driver knows what is left of a budget."""

    def __init__(self) -> None:
        self._begin = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._begin

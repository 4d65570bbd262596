"""The search for the batch of the highest throughput."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.clock import MINIMUM
from bench.machine.oom import is_out_of_memory
from bench.measures._halving import let_go
from bench.words import shortened

if TYPE_CHECKING:
    from bench.clock import Clock

LARGEST = 1024
"""Batch at which the search ends on a CPU."""
ELEMENTS = 1 << 28
"""Numbers of the images of a batch at which it ends on CUDA: 1024 images of 3 x 224 x 224 are within it."""
MOST = 1 << 16
"""Batch at which it ends there, however small an image is."""
GAIN = 0.05
"""A doubling that brings less than this share of images per second more brings nothing."""
FLAT = 2
"""Doublings in a row that must bring nothing before the search ends: one alone may be noise."""
TRIAL = 0.1
"""Share of the seconds left that one batch of the search takes: of ten doublings, a third remains for the best."""
TRIES = 10
"""Calls by which a batch of the search is judged, at most."""
LONGEST = 300
"""Characters of an error's words in what ended the search."""


@dataclass(frozen=True)
class Trial:
    """What a batch gave."""

    batch: int
    median: float
    """Images a second."""
    n: int
    """Calls."""


@dataclass(frozen=True)
class Search:
    """The batches that were tried."""

    trials: list[Trial]
    ended: str
    """By what, in words."""

    @property
    def best(self) -> int:
        """The batch that gave most images a second."""
        return max(self.trials, key=lambda trial: trial.median).batch

    @property
    def details(self) -> dict[str, Any]:
        """For the record."""
        trials = [asdict(trial) for trial in self.trials]
        return {"best_batch": self.best, "search": trials, "search_ended": self.ended}


def largest(device: str, elements: int) -> int:
    """Batch at which the search ends, a power of 2.

    Args:
        device: that is searched on.
        elements: numbers of one image.
    """
    if not device.startswith("cuda"):
        return LARGEST
    return int(min(MOST, 1 << max(0, (ELEMENTS // elements).bit_length() - 1)))


def searched(clock: Clock, last: int, rates_of: Callable[[int], Sequence[float]]) -> Search:
    """Try batches, doubled from 1, until the next brings nothing, does not fit or is not allowed.

    On CUDA any error of the runtime ends it, too, since libraries tell want of memory in many ways.

    Args:
        clock: of whose seconds enough are left for the best.
        last: the largest batch that is tried.
        rates_of: images a second of a few calls with a batch.

    Raises:
        Exception: of a single image; or one that tells of neither memory nor CUDA.
    """
    found: list[Trial] = []
    batch, best, flat = 1, 0.0, 0
    while True:
        rates = _tried(clock.device, batch, rates_of)
        if isinstance(rates, str):
            # not in the handler: there the error still holds what was allocated
            let_go(clock.device)
            return Search(found, rates)
        rate = median(rates)
        found.append(Trial(batch, rate, len(rates)))
        flat = flat + 1 if rate < (1 + GAIN) * best else 0
        best = max(best, rate)
        if flat == FLAT:
            return Search(found, f"{FLAT} doublings in a row brought less than {100 * GAIN:g} % more")
        if batch == last:
            return Search(found, f"{last} is the largest batch that is tried")
        batch *= 2
        if not _fits(batch / rate, clock):
            return Search(found, "time limit reached")


def _fits(seconds: float, clock: Clock) -> bool:
    """Whether a batch that takes so long can be tried, and then timed if it is the best."""
    return 2 * (1 + MINIMUM) * seconds <= clock.left()


def _tried(device: str, batch: int, rates_of: Callable[[int], Sequence[float]]) -> Sequence[float] | str:
    """Images a second of a batch, or why the search ends with it."""
    try:
        return rates_of(batch)
    except Exception as error:
        if batch > 1 and is_out_of_memory(error):
            return f"memory did not suffice for a batch of {batch}"
        if batch == 1 or not (isinstance(error, RuntimeError) and device.startswith("cuda")):
            raise
        return f"a batch of {batch} failed: {shortened(str(error), LONGEST)}"

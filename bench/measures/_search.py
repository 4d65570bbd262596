"""Search for the batch of the highest throughput."""

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
"""Numbers in a batch of images at which the search ends on CUDA: 1024 images of 3 x 224 x 224 are below it."""
MOST = 1 << 16
"""Batch at which the search ends on CUDA, however small an image is."""
GAIN = 0.05
"""Growth of throughput, as a share, below which a doubling counts as useless."""
FLAT = 2
"""Useless doublings in a row after which the search ends: a single one may be noise."""
TRIAL = 0.1
"""Share of the seconds left that one batch of the search takes: of ten doublings, a third remains for the best."""
TRIES = 10
"""Largest number of calls by which a batch of the search is judged."""
LONGEST = 300
"""Most characters of an error's message in the reason why the search ended."""


@dataclass(frozen=True)
class BatchTrial:
    """Result of one batch."""

    batch: int
    median: float
    """Median throughput in images per second."""
    n: int
    """Number of calls."""


@dataclass(frozen=True)
class BatchSearch:
    """The batches that were tried."""

    trials: list[BatchTrial]
    ended: str
    """Reason why the search ended, in words."""

    @property
    def best(self) -> int:
        """The batch with the highest throughput."""
        return max(self.trials, key=lambda trial: trial.median).batch

    @property
    def details(self) -> dict[str, Any]:
        """Details of the search for the record."""
        trials = [asdict(trial) for trial in self.trials]
        return {"best_batch": self.best, "search": trials, "search_ended": self.ended}


def largest(device: str, elements: int) -> int:
    """Batch at which the search ends, a power of 2.

    Args:
        device: device to search on.
        elements: numbers of one image.
    """
    if not device.startswith("cuda"):
        return LARGEST
    return int(min(MOST, 1 << max(0, (ELEMENTS // elements).bit_length() - 1)))


def searched(clock: Clock, last: int, rates_of: Callable[[int], Sequence[float]]) -> BatchSearch:
    """Try batches, doubled from 1, until the next one is useless, does not fit or is not allowed.

    On CUDA any error of the runtime ends it, too, since libraries tell want of memory in many ways.

    Args:
        clock: clock, of whose seconds enough are left for the best batch.
        last: the largest batch that is tried.
        rates_of: images a second of a few calls with a batch.

    Raises:
        Exception: of a single image; or one that tells of neither memory nor CUDA.
    """
    found: list[BatchTrial] = []
    batch, best, flat = 1, 0.0, 0
    while True:
        rates = _tried(clock.device, batch, rates_of)
        if isinstance(rates, str):
            # not in the handler: there the error still holds what was allocated
            let_go(clock.device)
            return BatchSearch(found, rates)
        rate = median(rates)
        found.append(BatchTrial(batch, rate, len(rates)))
        flat = flat + 1 if rate < (1 + GAIN) * best else 0
        best = max(best, rate)
        if flat == FLAT:
            return BatchSearch(found, f"{FLAT} doublings in a row brought less than {100 * GAIN:g} % more")
        if batch == last:
            return BatchSearch(found, f"{last} is the largest batch that is tried")
        batch *= 2
        if not _fits(batch / rate, clock):
            return BatchSearch(found, "time limit reached")


def _fits(seconds: float, clock: Clock) -> bool:
    """Whether there is time to try a batch that takes so long, and to measure it if it is the best."""
    return 2 * (1 + MINIMUM) * seconds <= clock.left()


def _tried(device: str, batch: int, rates_of: Callable[[int], Sequence[float]]) -> Sequence[float] | str:
    """Throughput of a batch in images per second, or why the search ends with it."""
    try:
        return rates_of(batch)
    except Exception as error:
        if batch > 1 and is_out_of_memory(error):
            return f"memory did not suffice for a batch of {batch}"
        if batch == 1 or not (isinstance(error, RuntimeError) and device.startswith("cuda")):
            raise
        return f"a batch of {batch} failed: {shortened(str(error), LONGEST)}"

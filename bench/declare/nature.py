"""What sort of figure a measure gives, which decides how it is treated everywhere. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from bench.validity import FILLED, rules


class Nature(StrEnum):
    """The sort of a figure. Of several processes the median of their medians is shown, unless it says otherwise.

    The gate compares times and rates step by step, sizes and energies process by process, shares image by image.
    """

    TIME = "time"
    """Seconds. Measured again where something else disturbed the machine; not compared between hosts."""
    RATE = "rate"
    """Images a second, made from times and treated like them."""
    SIZE = "size"
    """Bytes. Its process does not keep memory that was freed, which would be part of a peak."""
    COUNT = "count"
    """A whole number; one that repeats anywhere is compared exactly."""
    SHARE = "share"
    """A share of test images, of 1 or 0 each: in percent, the mean, changes in points. Of learning alone."""
    RATIO = "ratio"
    """A number that is none of the others, such as one figure over another."""
    LOSS = "loss"
    """A mean over test images that is no share: the mean of processes."""
    ENERGY = "energy"
    """Joules."""
    PICTURES = "pictures"
    """A share of one that tells of the pictures it comes with: in percent, to be looked at."""

    @property
    def is_speed(self) -> bool:
        """Whether other work on the machine, or another machine, changes it."""
        return self in (Nature.TIME, Nature.RATE)

    @property
    def is_share(self) -> bool:
        """Whether people read it in percent, and its change as a difference."""
        return self in (Nature.SHARE, Nature.PICTURES)

    @property
    def is_mean(self) -> bool:
        """Whether the mean of samples, and of processes, is the figure; else it is the median."""
        return self.is_share or self is Nature.LOSS


BY_UNIT = {"s": Nature.TIME, "1/s": Nature.RATE, "B": Nature.SIZE, "J": Nature.ENERGY}
"""The units that belong to one nature alone; with any other a measure says its nature."""


def said_nature(unit: str, nature: str) -> Any:
    """As it is said or, where it is not, as the unit tells; what is neither is refused then."""
    return Nature(nature) if nature in {*Nature} else nature or BY_UNIT.get(unit, nature)


@dataclass(frozen=True)
class Detail:
    """A detail of a measure's samples that is shown beside its figure and has a column among the records."""

    name: str = field(metadata=rules(FILLED))
    """Key in the details of `Samples`."""
    unit: str = ""
    """SI unit, `1` of a number without one; empty: words, or yes and no."""
    column: str = ""
    """Name of the column, where it is another."""
    processes: Literal["median", "first"] = "median"
    """What is shown of several: of numbers the `median`, of words all that differ; or what the `first` one has."""
    bounds: bool = False
    """Whether the figure is only a lower bound where the detail is there: it says what is missing from it."""

    @property
    def heading(self) -> str:
        """Name of its column."""
        return self.column or self.name


HALVED = "halved_from"
"""Detail of a batch that was halved for want of memory: that of the cell; the detail `batch` is the one taken."""
OF_CLOCK = (Detail("p99", "s"), Detail("first_call", "s"), Detail("ended"))
"""What the clock tells of times and rates that it sampled."""

_OLDER_COUNTS = ("parameters", "macs", "activations")
OLDER_DETAILS = (
    *OF_CLOCK,
    Detail("best_batch", "1"),
    *(Detail(name, "B") for name in ("reserved", "device_process")),
    *(
        Detail(name, processes="first")
        for name in ("chance", "n_train", "n_test", "trainable", "without_auxiliary")
    ),
    *(Detail(name, processes="first") for name in ("val_top1", "top5", "macro_f1", "nll", "ece", "train_seconds")),
    Detail("started", column="did_start", processes="first"),
    Detail("second_counter_agrees", column="agreed", processes="first"),
    *(Detail(name, processes="first") for name in ("only_counter", "agreement")),
    Detail("incomplete", processes="first", bounds=True),
    *(Detail(name) for name in ("macs", "bytes", "intensity", "ridge", "limit", "attainable", "forward")),
    *(Detail(name) for name in ("matmul_rate", "copy_bandwidth")),
    Detail("preprocessing", processes="first"),
)
"""Of every measure of a run that does not tell its details."""


def nature_of(declared: Mapping[str, Any]) -> Nature:
    """The nature of a measure as a run declares it; of an older run, which does not tell it, by the unit.

    Args:
        declared: `nature`, or else `name`, `unit`, `kind` and `better`, as far as they are known.
    """
    if nature := declared.get("nature"):
        return Nature(nature)
    unit = declared["unit"]
    if unit == "1" and declared.get("kind") == "learning":
        return Nature.PICTURES if declared.get("better") == "neither" else Nature.SHARE
    if unit == "1" and declared["name"] in _OLDER_COUNTS:
        return Nature.COUNT
    return BY_UNIT.get(unit, Nature.RATIO)


def completed(declared: Mapping[str, Any]) -> dict[str, Any]:
    """A measure as a run declares it, with what older runs do not tell: nature, details, where a count repeats."""
    nature = nature_of(declared)
    repeats = {"repeats": "anywhere"} if nature is Nature.COUNT else {}
    details = [vars(detail) for detail in OLDER_DETAILS]
    return {"details": details, **repeats, **declared, "nature": nature}


def gain(better: str, change: float) -> float:
    """A change with its sign turned where less is better, so that more than 0 is always better.

    Args:
        better: of the measure: `lower` or `higher`. Of `neither` no change is a gain: ask before.
        change: later less earlier, or the logarithm of later over earlier.
    """
    return -change if better == "lower" else change

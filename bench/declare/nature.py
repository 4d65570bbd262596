"""Nature of a measure's figure, which decides how it is treated everywhere. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from bench.validity import FILLED, rules


class Nature(StrEnum):
    """Nature of a figure. Of several processes the median of their medians is shown, unless stated otherwise.

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
    """A share of test images, from values of 1 or 0: shown in percent, as a mean, changes in points. For learning
    alone."""
    RATIO = "ratio"
    """A number that is none of the others, such as one figure over another."""
    LOSS = "loss"
    """A mean over test images that is not a share, such as a loss: the mean of processes is shown."""
    ENERGY = "energy"
    """Joules."""
    PICTURES = "pictures"
    """A share of one that describes its pictures: shown in percent, for looking at."""

    @property
    def is_speed(self) -> bool:
        """Whether other work on the machine, or another machine, changes the figure."""
        return self in (Nature.TIME, Nature.RATE)

    @property
    def is_share(self) -> bool:
        """Whether people read the figure in percent, and its change as a difference."""
        return self in (Nature.SHARE, Nature.PICTURES)

    @property
    def is_mean(self) -> bool:
        """Whether the mean of samples and of processes is the figure; else it is the median."""
        return self.is_share or self is Nature.LOSS


BY_UNIT = {"s": Nature.TIME, "1/s": Nature.RATE, "B": Nature.SIZE, "J": Nature.ENERGY}
"""Units that belong to a single nature; with any other unit a measure declares its nature."""


def said_nature(unit: str, nature: str) -> Any:
    """The declared nature or, without one, that of the unit; an ambiguous unit is refused later."""
    return Nature(nature) if nature in {*Nature} else nature or BY_UNIT.get(unit, nature)


@dataclass(frozen=True)
class Detail:
    """A detail of a measure's samples that is shown beside its figure and has a column among the records."""

    name: str = field(metadata=rules(FILLED))
    """Key of the detail in `Samples`."""
    unit: str = ""
    """SI unit, `1` for a number without one; empty: words, or yes and no."""
    column: str = ""
    """Name of the column, where it differs from the key."""
    processes: Literal["median", "first"] = "median"
    """Summary over several processes: the `median` of numbers, all different words, or the value of the `first`
    one."""
    bounds: bool = False
    """Whether the presence of the detail makes the figure a lower bound, since it names what is missing from
    it."""

    @property
    def heading(self) -> str:
        """Name of the detail's column."""
        return self.column or self.name


NO_FVCORE = "fvcore cannot count here"
"""Words of a count that torch's counter has made alone, before the reason."""
HALVED = "halved_from"
"""Detail that holds the cell's batch where it was halved for want of memory; the detail `batch` is the one
taken."""
OF_CLOCK = (Detail("p99", "s"), Detail("first_call", "s"), Detail("ended"))
"""Details that the clock adds to times and rates that it sampled."""

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
"""Details of every measure in an older run that does not store them."""


def nature_of(declared: Mapping[str, Any]) -> Nature:
    """Nature of a measure in a run's declarations; in an older run, which does not store it, derived from the
    unit.

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
    """A measure in a run's declarations, completed with what older runs lack: nature, details, where a count
    repeats."""
    nature = nature_of(declared)
    repeats = {"repeats": "anywhere"} if nature is Nature.COUNT else {}
    details = [vars(detail) for detail in OLDER_DETAILS]
    return {"details": details, **repeats, **declared, "nature": nature}


def gain(better: str, change: float) -> float:
    """A change with its sign reversed where less is better, so that positive is always better.

    Args:
        better: better direction of the measure: `lower` or `higher`. Of `neither` no change is a gain: ask before.
        change: later less earlier, or the logarithm of later over earlier.
    """
    return -change if better == "lower" else change

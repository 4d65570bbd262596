"""Energy per image."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.cell import Samples
from bench.clock import MINIMUM
from bench.declare.catalog import measure
from bench.declare.nature import Detail
from bench.errors import Unsupported
from bench.machine.gpus.nvml import NvmlGpu, uuid_of
from bench.machine.rapl import Packages
from bench.measures._halving import fitting
from bench.measures.timing import forward, step

if TYPE_CHECKING:
    from bench.clock import Clock
    from bench.network.subject import Subject

MOST = 10
"""Most samples; with more seconds, each sample is longer, up to twice as long."""
WARM_UP = 0.2
"""Share of the seconds that warming up may take."""
IDLE, LEAST_IDLE, IDLE_SHARE = 1.0, 0.05, 0.1
"""Most and least seconds for which the idle machine is watched, and their share of the seconds left."""
STILL = 2.0
"""Seconds without a step after which a counter counts as stopped."""


@dataclass(frozen=True)
class Meter:
    """A counter of joules, which advances in steps."""

    joules: Callable[[], float]
    covers: str
    """Description of what the counter covers."""
    stretch: float
    """Seconds of one sample, if the time allows it."""
    step: float
    """Longest time between two steps of the counter, in seconds."""
    poll: float
    """Seconds between two readings while the machine is idle."""
    celsius: Callable[[], int | None] = lambda: None


@dataclass(frozen=True)
class Edge:
    """A reading of the counter just after it has stepped."""

    joules: float
    seconds: float
    calls: int
    """Calls until then."""
    late: float
    """Seconds for which the counter may already have had this reading."""


@dataclass(frozen=True)
class Stretch:
    """One sample: consecutive calls between two edges of the counter."""

    joules: float
    seconds: float
    calls: int
    uncertainty: float
    """Relative uncertainty of the joules per call, because an edge is seen some time after the counter's step."""


@measure(
    unit="J",
    better="lower",
    details=[
        Detail("power", "W"),
        Detail("idle_watts", "W"),
        Detail("idle_seconds", "s"),
        Detail("uncertainty", "1"),
        Detail("celsius_before", "°C"),
        Detail("celsius_after", "°C"),
        Detail("first_call", "s"),
    ],
)
def energy(subject: Subject, clock: Clock) -> Samples:
    """Energy per image of forward passes (or training steps) of one batch, of the whole GPU or all CPU packages.

    A counter stands still between its steps: a GPU's, by NVML, for 20 to 100 ms, a CPU's, by RAPL, for one. So a
    sample goes from edge to edge: calls run on end, the first step that is seen begins it, after the seconds of
    a stretch the next step ends it, and what was counted between the two is divided by the images in between.
    What is left of the error is that an edge is seen late, by one look (a call, or 2 ms of them) or one step,
    whichever is shorter: `uncertainty` is that time over the stretch's. What the sensor itself is off by is not
    known here.

    Nothing is subtracted: what the device takes when it is idle, or for others, is part of it. `idle_watts` says
    what it took for `idle_seconds` before the model was built, also from edge to edge; on CUDA with a context,
    which keeps a GPU more awake than none. A batch that a GPU does not hold is halved.

    Raises:
        Unsupported: there is no counter that can be read, or it stands still.
    """
    meter = _meter(subject.cost.device)
    before, idle = meter.celsius(), _idle(meter, clock)
    measured = fitting(subject, clock, lambda: _measured(subject, meter, clock))
    temperatures = {"celsius_before": before, "celsius_after": meter.celsius()}
    watts = {"idle_watts": idle.joules / idle.seconds, "idle_seconds": idle.seconds}
    details = {**measured.details, "covers": meter.covers, **watts, **temperatures}
    return Samples(measured.values, details=details)


def _measured(subject: Subject, meter: Meter, clock: Clock) -> Samples:
    call = step(subject) if subject.cost.mode == "train" else forward(subject)
    warmed = clock.sample(call, WARM_UP, MINIMUM)
    left = max(0.0, clock.left())
    count = max(1, min(MOST, int(left / meter.stretch)))
    seconds = min(left / count, 2 * meter.stretch)
    stretches = list(islice(_stretches(call, median(warmed.values), meter, clock, seconds), count))
    watts = [stretch.joules / stretch.seconds for stretch in stretches]
    details: dict[str, Any] = {
        "power": median(watts),
        "watts": watts,
        "uncertainty": max(stretch.uncertainty for stretch in stretches),
        "stretches": [asdict(stretch) for stretch in stretches],
        "first_call": warmed.details["first_call"],
    }
    return Samples(tuple(s.joules / (s.calls * subject.batch) for s in stretches), details=details)


def _meter(device: str) -> Meter:
    """The counter of a device.

    Raises:
        Unsupported: there is none that can be read here.
    """
    if device.startswith("cuda"):
        gpu = NvmlGpu(uuid_of(device))
        gpu.joules()  # a GPU without a counter says so now, not after building
        covers = "the whole GPU, idle included, by NVML's counter; not the host"
        return Meter(gpu.joules, covers, stretch=5.0, step=0.1, poll=0.002, celsius=gpu.celsius)
    if device == "cpu":
        covers = "all CPU packages, idle included, by RAPL's counters; not memory or board"
        return Meter(Packages().joules, covers, stretch=2.0, step=0.001, poll=0.0005)
    raise Unsupported(f"no energy counter of {device} is known")


def _idle(meter: Meter, clock: Clock) -> Stretch:
    """Power of the machine while this process only waits."""
    seconds = max(LEAST_IDLE, min(IDLE, IDLE_SHARE * clock.left()))

    def wait() -> int:
        time.sleep(meter.poll)
        return 0

    first = _edge(meter, clock, wait)
    time.sleep(seconds)
    return _between(first, _edge(meter, clock, wait))


def _stretches(
    call: Callable[[], object], took: float, meter: Meter, clock: Clock, seconds: float
) -> Iterator[Stretch]:
    """Call continuously; the edge that ends a stretch begins the next. Each call is synchronised, as when it is
    timed.

    Args:
        call: call whose energy is measured.
        took: seconds that it takes; where that is longer than a step, any reading is as good as an edge.
        meter: the counter.
        clock: tells the time.
        seconds: least seconds of a stretch.
    """

    def edge(calls: int = 0) -> Edge:
        if took >= meter.step:
            return Edge(meter.joules(), clock.now(), calls, meter.step)
        return _edge(meter, clock, lambda: _run(call, clock, meter.poll), calls)

    begin = edge()
    while True:
        end = edge(_run(call, clock, seconds - (clock.now() - begin.seconds)))
        yield _between(begin, end)
        begin = end


def _run(call: Callable[[], object], clock: Clock, seconds: float) -> int:
    """Call continuously for so many seconds, at least once; returns the number of calls."""
    begin, calls = clock.now(), 0
    while calls == 0 or clock.now() - begin < seconds:
        clock.once(call)
        calls += 1
    return calls


def _edge(meter: Meter, clock: Clock, work: Callable[[], int], calls: int = 0) -> Edge:
    """Go on with the work, and read the counter after each piece of it, until it has stepped.

    Args:
        meter: the counter.
        clock: tells the time.
        work: one piece; returns the calls that it made.
        calls: those since the edge before.

    Raises:
        Unsupported: it does not step.
    """
    begin = looked = clock.now()
    reading = meter.joules()
    while True:
        calls += work()
        joules, now = meter.joules(), clock.now()
        if joules > reading:
            return Edge(joules, now, calls, min(now - looked, meter.step))
        if now - begin > STILL:
            raise _standing_still(now - begin)
        looked = now


def _between(begin: Edge, end: Edge) -> Stretch:
    joules, seconds = end.joules - begin.joules, end.seconds - begin.seconds
    if joules <= 0:
        raise _standing_still(seconds)
    return Stretch(joules, seconds, end.calls, max(begin.late, end.late) / seconds)


def _standing_still(seconds: float) -> Unsupported:
    return Unsupported(f"the energy counter did not step within {seconds:.2g} s")

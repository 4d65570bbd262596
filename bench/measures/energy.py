"""How much energy an image takes."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.cell import Samples
from bench.clock import MINIMUM
from bench.declare.catalog import measure
from bench.declare.nature import Detail
from bench.errors import Unsupported
from bench.machine.nvml import Gpu, uuid_of
from bench.machine.rapl import Packages
from bench.measures.timing import forward, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.clock import Clock
    from bench.network.subject import Subject

STRETCH = 2.0
"""Seconds of one sample, where there are so many: the GPU's counter steps every 20 to 100 ms."""
MOST = 10
"""Samples at most; with seconds for more, each is longer, up to twice as long."""
WARM_UP = 0.2
"""Share of the seconds that warming up may take."""
IDLE = 1.0
"""Seconds for which the idle machine is watched, where there are ten times as many."""


@dataclass(frozen=True)
class Stretch:
    """One sample: calls on end between two readings of the counter."""

    joules: float
    seconds: float
    calls: int


@measure(unit="J", better="lower", details=[Detail("first_call", "s")])
def energy(subject: Subject, clock: Clock) -> Samples:
    """Energy per image of forward passes (or training steps) of one batch, of the whole GPU or all CPU packages.

    Nothing is subtracted: what the device takes when it is idle, or for others, is part of it. `idle_watts` says
    what it took in the second before the model was built, where there was time to look.
    """
    meter, covers = _meter(subject.cost.device)
    idle = _idle_watts(meter, clock)
    call = step(subject) if subject.cost.mode == "train" else forward(subject)
    warmed = clock.sample(call, WARM_UP, MINIMUM)
    left = max(0.0, clock.left())
    count = max(1, min(MOST, int(left / STRETCH)))
    seconds = min(left / count, 2 * STRETCH)
    stretches = [_run(call, meter, clock, seconds) for _ in range(count)]
    details: dict[str, Any] = {
        "covers": covers,
        "idle_watts": idle,
        "watts": [stretch.joules / stretch.seconds for stretch in stretches],
        "stretches": [asdict(stretch) for stretch in stretches],
        "first_call": warmed.details["first_call"],
    }
    return Samples(tuple(s.joules / (s.calls * subject.batch) for s in stretches), details=details)


def _meter(device: str) -> tuple[Callable[[], float], str]:
    """A counter of joules for a device, and what it covers, in words.

    Raises:
        Unsupported: there is none that can be read here.
    """
    if device.startswith("cuda"):
        gpu = Gpu(uuid_of(device))
        gpu.joules()  # a GPU without a counter says so now, not after building
        return gpu.joules, "the whole GPU, idle included, by NVML's counter; not the host"
    if device == "cpu":
        return Packages().joules, "all CPU packages, idle included, by RAPL's counters; not memory or board"
    raise Unsupported(f"no energy counter of {device} is known")


def _idle_watts(meter: Callable[[], float], clock: Clock) -> float | None:
    if clock.left() < 10 * IDLE:
        return None
    joules, begin = meter(), clock.now()
    time.sleep(IDLE)
    return (meter() - joules) / (clock.now() - begin)


def _run(call: Callable[[], object], meter: Callable[[], float], clock: Clock, seconds: float) -> Stretch:
    """Call on end for so many seconds, at least once; each call is synchronised, as when it is timed."""
    joules, begin, calls = meter(), clock.now(), 0
    while calls == 0 or clock.now() - begin < seconds:
        clock.once(call)
        calls += 1
    took = clock.now() - begin
    used = meter() - joules
    if used <= 0:
        raise Unsupported(f"the energy counter did not step within {took:.2g} s: it needs {STRETCH:g} s or more")
    return Stretch(used, took, calls)

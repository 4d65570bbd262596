"""Disturbances of a cell, derived from the readings before and after it: pure functions of two readings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from bench.machine.gpus.gpu import DISTURBING, GpuState
from bench.machine.gpus.neighbours import GpuNeighbours
from bench.machine.readings import MachineReading

N = TypeVar("N", int, float)
WAITED = 0.05
"""Share of the time that its threads waited for others' work above which a cell counts as disturbed.

On two cores it was at most 1 % with nobody else at work, and 46 % or more where there were more busy threads than
cores.
"""
OTHERS = 0.10
"""Share of its cores' time that others used above which a cell counts as disturbed, as caches and clock are
shared.

One busy loop on the second of two cores slowed cells of one thread by 15 %, though they hardly waited.
"""
AT_LEAST = 0.02
"""Least seconds of waiting or of others' work: less is a few time slices, which any daemon can take."""
STOLEN = 0.02
"""Share of the cores' busy time taken by a virtual machine's host above which a cell counts as disturbed."""
THROTTLED = 0.01
"""Share of the duration taken by the cgroup's quota above which a cell counts as disturbed: it stops all
threads."""
HOT = 0.01
"""Share of the duration with the GPU's clock lowered by heat above which a cell counts as disturbed."""
TICK = 0.01
"""Seconds per core by which the difference of two counts of /proc/stat can be off."""


@dataclass(frozen=True)
class Disturbance:
    """Disturbances of a cell from outside; None: could not be read, and `unread` says why."""

    seconds: float
    """Wall time between the readings."""
    ran: float | None = None
    """Seconds that the threads of the cell ran, summed."""
    waited: float | None = None
    """Seconds that the cell's threads could have run but had no core, because of others or of each other,
    summed."""
    others: float | None = None
    """Seconds of the cell's cores that went to anything but its threads and children."""
    others_share: float | None = None
    """The seconds of `others` as a share of the cores' time."""
    waited_for_others: float | None = None
    """Seconds of waiting that others can have caused: at most the time that they had."""
    waiting_share: float | None = None
    """Share of waiting for others in the time that the cell's threads ran or waited for others."""
    steal_share: float | None = None
    """Share of the cores' busy time that the host of the virtual machine took."""
    stolen: float | None = None
    """Seconds taken by the host beyond the counts' resolution, summed over the cores."""
    load_before: tuple[float, ...] | None = None
    """Mean number of running tasks in the 1, 5 and 15 minutes before."""
    throttled: float | None = None
    """Seconds of CPU time that the cgroup's quota stopped its group for."""
    pressure: dict[str, float] | None = None
    """Seconds in which some task of the group or machine waited for `cpu`, `memory` or `io`."""
    clock: tuple[float | None, float | None] = (None, None)
    """Mean frequency of the cell's cores before and after, in Hz."""
    temperature: tuple[float | None, float | None] = (None, None)
    """Temperature of the hottest sensor before and after, in degrees Celsius."""
    slowdowns: int | None = None
    """Times that heat made a core slow down."""
    gpu: dict[str, Any] | None = None
    """State of the GPU: `clock` (Hz), `temperature` (°C) and `slowed_by` before and after, `hot`, the seconds
    slowed by heat, and `capped`, the share of the time at the power cap."""
    neighbours: GpuNeighbours | None = None
    """Other processes on the cell's GPU."""
    on_gpu: bool = False
    """Whether the cell computes on CUDA: then its cores only have to launch, and others may use them."""
    unread: dict[str, str] = field(default_factory=dict)
    """Reasons why values are None."""

    def to_dict(self) -> dict[str, Any]:
        """The disturbance as plain data, with the result of `disturbed` as `reasons`."""
        return {**asdict(self), "reasons": list(disturbed(self))}


def between(before: MachineReading, after: MachineReading, others: GpuNeighbours | None = None) -> Disturbance:
    """Disturbance between two readings of one process.

    Args:
        before: reading of the cell's machine when the cell was ready.
        after: reading after the cell was measured.
        others: other processes on the cell's GPU.
    """
    ran, waited = _own_time(before, after)
    busy, stolen = _cores_time(before, after)
    cores = len(after.cores or ())
    slack = TICK * cores
    seconds = after.at - before.at
    # threads of one process wait for each other, too: where there are more of them than cores, and where the
    # system starts two on one core; that is not from outside
    own = None if ran is None else ran + after.children - before.children
    theirs = None if busy is None or own is None else max(0.0, busy - (stolen or 0.0) - own - slack)
    for_others = waited if waited is None or theirs is None else min(waited, theirs)
    return Disturbance(
        seconds=seconds,
        ran=ran,
        waited=waited,
        others=theirs,
        others_share=_share(theirs, cores * seconds),
        waited_for_others=for_others,
        waiting_share=None if ran is None else _share(for_others, ran + (for_others or 0.0)),
        steal_share=_share(stolen, busy),
        stolen=None if stolen is None else max(0.0, round(stolen - slack, 6)),
        load_before=before.load,
        throttled=_grown(before.throttled and before.throttled[1], after.throttled and after.throttled[1]),
        pressure=_pressure(before, after),
        clock=(before.clock, after.clock),
        temperature=(before.temperature, after.temperature),
        slowdowns=_grown(before.slowdowns, after.slowdowns),
        gpu=_gpu(before.gpu, after.gpu, seconds),
        neighbours=others,
        on_gpu=after.device.startswith("cuda"),
        unread={**before.unread, **after.unread},
    )


def disturbed(found: Disturbance) -> tuple[str, ...]:
    """Reasons why the cell's figures are not those of a quiet machine, in words; empty where they are."""
    return (*_of_cores(found), *_of_gpu(found), *_of_neighbours(found))


def _of_cores(found: Disturbance) -> list[str]:
    words = []
    if (found.waiting_share or 0) > WAITED and (found.waited_for_others or 0) > AT_LEAST:
        words.append(f"its threads waited {_percent(found.waiting_share)} of the time for a core")
    elif not found.on_gpu and (found.others_share or 0) > OTHERS and (found.others or 0) > AT_LEAST:
        words.append(f"other processes had {_percent(found.others_share)} of the cores' time")
    if (found.stolen or 0) > 0 and (found.steal_share or 0) > STOLEN:
        words.append(f"{_percent(found.steal_share)} of the cores' time was stolen")
    if (found.throttled or 0) > THROTTLED * found.seconds:
        words.append(f"throttled by the cgroup for {found.throttled:.2g} s")
    if found.slowdowns:
        words.append(f"heat slowed the cores down {found.slowdowns} times")
    return words


def _of_gpu(found: Disturbance) -> list[str]:
    gpu = found.gpu or {}
    if (gpu.get("hot") or 0) > HOT * found.seconds:
        return [f"heat slowed the GPU down for {gpu['hot']:.2g} s"]
    reasons = [words for moment in gpu.get("slowed_by", ()) for words in moment or () if words in DISTURBING]
    return [f"the GPU was slowed down: {', '.join(dict.fromkeys(reasons))}"] if reasons else []


def _of_neighbours(found: Disturbance) -> list[str]:
    working = found.neighbours.at_work if found.neighbours else ()
    return [f"process {one.pid} was at work on the GPU, too ({_percent(one.working)} of it)" for one in working]


def _own_time(before: MachineReading, after: MachineReading) -> tuple[float | None, float | None]:
    """Seconds that the threads ran and waited; threads that began in between count from their start."""
    if before.threads is None or after.threads is None:
        return None, None
    pairs = [(thread, before.threads.get(name)) for name, thread in after.threads.items()]
    ran = sum(now.ran - (then.ran if then else 0) for now, then in pairs)
    waited = sum(now.waited - (then.waited if then else 0) for now, then in pairs)
    return ran, waited


def _cores_time(before: MachineReading, after: MachineReading) -> tuple[float | None, float | None]:
    """Seconds that the cores had work, and that the host took from them."""
    if before.cores is None or after.cores is None:
        return None, None
    pairs = [(core, before.cores.get(name, core)) for name, core in after.cores.items()]
    return sum(now.busy - then.busy for now, then in pairs), sum(now.stolen - then.stolen for now, then in pairs)


def _pressure(before: MachineReading, after: MachineReading) -> dict[str, float] | None:
    if before.pressure is None or after.pressure is None:
        return None
    return {name: seconds - before.pressure.get(name, seconds) for name, seconds in after.pressure.items()}


def _gpu(before: GpuState | None, after: GpuState | None, seconds: float) -> dict[str, Any] | None:
    if before is None or after is None:
        return None
    return {
        "clock": (before.clock, after.clock),
        "temperature": (before.temperature, after.temperature),
        "slowed_by": (before.slowed_by, after.slowed_by),
        "hot": _grown(before.hot, after.hot),
        "capped": _share(_grown(before.capped, after.capped), seconds),
    }


def _grown(before: N | None, after: N | None) -> N | None:
    return None if before is None or after is None else after - before


def _share(part: float | None, whole: float | None) -> float | None:
    if part is None or whole is None:
        return None
    return part / whole if whole > 0 else 0.0


def _percent(share: float | None) -> str:
    percent = 100 * (share or 0)
    return f"{percent:.0f} %" if percent >= 1 else f"{percent:.1f} %"

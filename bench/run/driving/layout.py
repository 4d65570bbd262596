"""The schedule of what a run has to do, on the hosts that it may use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bench.declare.artifact import Shelf
from bench.execute.executor import Host
from bench.machine.device import indexed
from bench.run.driving.desk import Pace
from bench.run.driving.works import Works
from bench.run.forecast import Forecast
from bench.run.plan import PlanStep
from bench.run.schedule import Schedule
from bench.run.scheduling.work import Work


def schedule_of(works: Iterable[Work], hosts: Iterable[Host], pace: Pace) -> Schedule:
    """Nothing of the works has begun yet; `hosts` are as of `with_gpus`."""
    return Schedule(works, hosts, pace.lanes, pace.timings_on, pace.shares, pace.is_filled)


def with_gpus(hosts: Iterable[Host], works: Iterable[Work], pace: Pace) -> list[Host]:
    """The hosts; this machine with the GPUs that cells are dealt out to, else with those that they name."""
    named = dict.fromkeys(indexed(work.needs.device) for work in works if work.needs.device)
    own = pace.gpus or tuple(named)
    return [host if host.gpus or host.fingerprint else replace(host, gpus=own) for host in hosts]


def wall_share(
    steps: Iterable[PlanStep], hosts: Iterable[Host], pace: Pace, forecast: Forecast, shelf: Shelf | None = None
) -> float:
    """Wall time of the steps as a share of the sum of their times: below 1 where some steps run at once."""
    processes = [(step, i) for step in steps for i in range(step.planned.replicates)]
    works = Works(forecast, pace.memory_limit or 0, shelf).add(processes)
    total = sum(work.seconds for work in works)
    return schedule_of(works, with_gpus(hosts, works, pace), pace).left_seconds() / total if total else 1.0

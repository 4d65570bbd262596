"""Place of a run's results, the way in which they are measured, and how long that takes."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.cli.options.engines import LOCAL
from bench.declare.catalog import SUITES
from bench.run.driver import Pace
from bench.run.plan import PlanStep


@dataclass(frozen=True)
class How:
    """Place of the results, and the way in which they are measured."""

    store: Path
    pace: Pace
    device: str | None = None
    """Device; None: the CPU, or the resumed run's device."""
    resume: str | None = None
    """The run to resume, empty for the newest; None begins a new one."""
    fresh: bool = False
    """Whether figures that could stand for a cell are measured anew."""
    download: bool = False
    artifacts_limit: int | None = None
    """Bytes that the artifacts may take."""
    executor: str = LOCAL
    """`local`, `ray` or `ray:HOST:PORT`."""
    lanes: int | None = None
    """Jobs at once that are asked for on a cluster; None: as many as its hosts have cores. The pace has those of
    this machine."""
    kept: Mapping[str, Any] = field(default_factory=dict)
    """Settings that a new run keeps beside the request."""
    fills: bool = False
    """Whether a plan with open trainings is filled with evidence; else the plan alone is measured."""
    command: str = field(default_factory=lambda: shlex.join(["evobench", *sys.argv[1:]]))
    """Command that a new run says that it was asked for by."""
    again: str = "--resume"
    """What a person types to go on with a run that was cut off."""


def filled(how: How, profile: str, steps: Iterable[PlanStep]) -> How:
    """The same settings, with the seconds of its suites for which a run with open trainings is filled."""
    suites = {name for step in steps if step.planned.open for name in step.suites if name in SUITES}
    seconds = [SUITES.get(name).fills.get(profile, 0.0) for name in suites]
    return replace(how, pace=replace(how.pace, fills=(sum(seconds) or None) if how.fills else None))


def expected(pace: Pace, whole: float, compares: bool) -> float:
    """Wall seconds that a run is said to take before it begins.

    Args:
        pace: the time that the run may take.
        whole: seconds for all that is planned.
        compares: whether it names comparisons, which a run that is filled has always more to do for.
    """
    return pace.left if pace.is_filled and compares else min(pace.left, whole)

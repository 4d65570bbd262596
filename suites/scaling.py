"""Scaling: how cost grows with batch, resolution, depth, width, compound coefficient and patches.

    evobench run --suite scaling                      # declared: 3.2 minutes on 2 cores that nothing else uses
    evobench run --suite scaling --profile smoke      # 15 seconds: two sweeps, one process each
    evobench run --suite scaling --profile full       # declared: 23 minutes; five processes of each latency

On 2 cores for which six threads competed, the default took 8 minutes, and the exponents of latency had intervals
as wide as 1.

Numbers to expect, of MACs: twice the pixels a side are 4.0 times (ResNet-18, exponent 2.00; ViT-B/16 4.1, since
pairs of patches grow faster), twice the layers of ResNet 1.8 times, twice the width of EfficientNet-B0 3.6 times,
twice the resources of its compound rule 2.0 times (exponent 0.98: rounding adds to the 0.94 of the rule's
constants), twice the patches 2.0 times for ViT and, its windows being whole, for Swin. Latency of one image grows
about as the side from 64 to 448 pixels (ResNet-18, EfficientNet-B0), since small inputs leave the cores waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.declare.catalog import ARCHITECTURES, SWEEPS
from bench.declare.declarations import Profile
from evobench import Cell, Cost, Planned, Point, Setting, suite
from suites.memory import untuned

SMOKE = ("resolution_resnet18", "width_resnet50")


@dataclass(frozen=True)
class Depth:
    """How thoroughly a profile measures."""

    calls: int
    """Timed calls to aim at, in each process."""
    least: float
    """Seconds that even the smallest point is timed for, building included."""
    most: float
    """Seconds after which the calls are few enough; three are made all the same."""
    processes: int
    """Fresh processes of a latency; intervals come from their medians."""


DEPTHS: dict[Profile, Depth] = {
    "smoke": Depth(calls=3, least=0.3, most=1.0, processes=1),
    "default": Depth(calls=10, least=0.4, most=1.0, processes=3),
    "full": Depth(calls=50, least=3.0, most=20.0, processes=5),
}


def points(profile: Profile) -> Iterator[Point]:
    """The points of all sweeps that are declared (of two, in smoke), in their order."""
    for item in SWEEPS:
        if profile != "smoke" or item.name in SMOKE:
            yield from item.points()


@suite(title="Scaling")
def scaling(setting: Setting) -> Iterator[Planned]:
    """How counts, latency and memory grow along one axis at a time; the report fits the exponents."""
    depth = DEPTHS[setting.profile]
    for point in points(setting.profile):
        item = ARCHITECTURES.get(point.architecture)
        side = point.resolution or item.resolution
        one = Cost(mode="infer", resolution=side, threads=setting.threads)
        where = setting.cost("infer", side, point.batch)
        yield Planned(Cell(item.name, "parameters", one), 0.2)
        yield Planned(Cell(item.name, "macs", one), 0.6)
        yield Planned(Cell(item.name, "activations", one), 0.05)
        yield Planned(Cell(item.name, "latency", where), _timing(point, depth), depth.processes)
        yield Planned(Cell(item.name, "peak_memory", untuned(where)), 0.3 + 2 * point.forward)


def _timing(point: Point, depth: Depth) -> float:
    """Seconds of a process: building, warming up, the timed calls."""
    calls = max(3 * point.forward, min(depth.calls * point.forward, depth.most))
    return max(depth.least, 0.2 + 2 * point.forward + calls)

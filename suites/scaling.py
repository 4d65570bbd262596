"""Scaling: how cost grows with batch, resolution, depth, width, compound coefficient and patches.

    evobench run --suite scaling                      # 3 to 8 minutes on 2 cores
    evobench run --suite scaling --profile smoke      # less than half a minute: two sweeps, one process each
    evobench run --suite scaling --profile full       # five processes of each latency

On 2 cores for which six threads competed, the exponents of latency had intervals as wide as 1.

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
class ScalingDepth:
    """Effort of measuring in a profile."""

    sampling: float
    """Seconds that the clock of a latency may sample for; it ends earlier where the median is known."""
    processes: int
    """Fresh processes of a latency; intervals come from their medians."""


DEPTHS: dict[Profile, ScalingDepth] = {
    "smoke": ScalingDepth(sampling=0.3, processes=1),
    "default": ScalingDepth(sampling=0.5, processes=3),
    "full": ScalingDepth(sampling=5.0, processes=5),
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
        yield Planned(Cell(item.name, "parameters", one))
        yield Planned(Cell(item.name, "macs", one))
        yield Planned(Cell(item.name, "activations", one))
        yield Planned(Cell(item.name, "latency", where), depth.sampling, depth.processes)
        yield Planned(Cell(item.name, "peak_memory", untuned(where)))

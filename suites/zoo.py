"""The zoo: every classification model of torchvision. The counts: every architecture that is declared.

    evobench run --suite zoo                       # parameters, multiply-adds, activations: a minute or two
    evobench run --suite zoo --profile full        # latency and memory of all 80, too
    nox -s counts                                  # the suite counts, with its wall time and memory

Numbers to expect: 80 builders; 1.24 M parameters (squeezenet1_0) to 644.8 M (regnet_y_128gf).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bench.declare.catalog import ARCHITECTURES
from evobench import Cell, Cost, Planned, Setting, suite
from suites.memory import untuned
from suites.sizes import sizes_of
from suites.torchvision_builders import builders

SMOKE = ("alexnet", "squeezenet1_1", "resnet18", "mobilenet_v3_small", "vit_b_16")
SAMPLING = 2.0
"""Seconds that the clock of a latency may sample for."""
PROCESSES = 3


@suite(title="The zoo of torchvision")
def zoo(setting: Setting) -> Iterator[Planned]:
    """All of torchvision's classification models at their weights' own size: counts; in full, speed and memory."""
    names = [name for name in builders() if setting.profile != "smoke" or name in SMOKE]
    yield from _counts(names, setting)
    if setting.profile == "full":
        for name in names:
            for side in sizes_of(ARCHITECTURES.get(name)):
                where = setting.cost("infer", side)
                yield Planned(Cell(name, "latency", where), SAMPLING, PROCESSES)
                yield Planned(Cell(name, "peak_memory", untuned(where)))


@suite(title="Counts of all architectures")
def counts(setting: Setting) -> Iterator[Planned]:
    """Parameters, multiply-adds and activations of every declared architecture and every variant named."""
    declared = [item.name for item in ARCHITECTURES]
    names = dict.fromkeys((*declared, *setting.chosen))
    yield from _counts([name for name in names if setting.profile != "smoke" or name in SMOKE], setting)


def _counts(names: Iterable[str], setting: Setting) -> Iterator[Planned]:
    """A count depends neither on the device nor on threads: it stands for all of them."""
    for name in names:
        item = ARCHITECTURES.get(name)
        own = Cost(mode="infer", resolution=item.resolution, threads=setting.threads)
        yield Planned(Cell(name, "parameters", own))
        for side in sizes_of(item):
            yield Planned(Cell(name, "macs", replace(own, resolution=side)))
        yield Planned(Cell(name, "activations", own))

"""The blocks that the lecture argues with, one against the other: counts and speed; a little accuracy.

    evobench run --suite blocks                      # about 2 minutes on 2 cores
    evobench run --suite blocks --profile smoke      # counts alone, half a minute
    evobench run --suite blocks --profile full       # with accuracy of plain and residual networks, 15 minutes

Numbers to expect: 73,728, 69,632 and 70,144 weights of the basic, bottleneck and ResNeXt block; attention within
windows grows with the area of the picture, global attention with its square. Trained for 400 steps on MNIST-5k,
plain-34 stays 44 points under plain-18 (3 of 3 seeds lower), while ResNet-34 is as good as ResNet-18.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.declare.catalog import ARCHITECTURES, COMPARISONS
from evobench import Cell, Cost, Learning, Planned, Setting, Side, suite
from suites.sizes import with_costs

CALLS = {"default": 4, "full": 10}
"""Timed calls to aim at, in each process."""
LEAST = 0.3
"""Seconds that even the smallest block is timed for."""
PROCESSES = 3
ACCURACY = ("plain18", "resnet18", "plain34", "resnet34")
PIXELS, STEPS, SEEDS = 32, 400, 3


def sides() -> Iterator[Side]:
    """All sides of all comparisons that are declared, in their order; one that two comparisons share, once."""
    every = (side for item in COMPARISONS for side in item.sides())
    return iter({(side.architecture, side.resolution): side for side in every}.values())


@suite(title="Blocks")
def blocks(setting: Setting) -> Iterator[Planned]:
    """What the slides argue with: blocks, kernels, cardinality, shortcuts, scaling, patches, heads, windows."""
    for side in sides():
        item = ARCHITECTURES.get(side.architecture)
        where = setting.cost("infer", side.resolution or item.resolution)
        counted = Cost(
            mode="infer",
            resolution=where.resolution,
            device="cpu" if setting.on_cuda else setting.device,
            threads=setting.threads,
        )
        yield Planned(Cell(item.name, "parameters", counted), 0.1)
        yield Planned(Cell(item.name, "macs", counted), 0.4)
        yield Planned(Cell(item.name, "activations", counted), 0.05)
        if setting.profile != "smoke":
            seconds = max(LEAST, 0.2 + (CALLS[setting.profile] + 1) * side.forward)
            yield Planned(Cell(item.name, "latency", where), seconds, PROCESSES)
    if setting.profile == "full":
        yield from with_costs(_accuracy(setting), setting)


def _accuracy(setting: Setting) -> Iterator[Planned]:
    """Plain against residual at equal depth, from scratch: whether the deeper plain network is the worse one."""
    for seed in setting.learning.numbers(SEEDS):
        for name in ACCURACY:
            scenario = Learning(
                weights="random",
                target="mnist5k",
                mode="scratch",
                augmentation="none",
                resolution=PIXELS,
                shots=None,
                steps=STEPS,
                batch=32,
                lr=0.05,
                seed=seed,
                device=setting.device,
                threads=setting.learning_threads,
            )
            yield Planned(Cell(name, "top1", scenario), 45.0)

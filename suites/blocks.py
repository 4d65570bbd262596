"""The blocks that the lecture argues with, one against the other: counts and speed; a little accuracy.

    evobench run --suite blocks                      # about 2 minutes on 2 cores
    evobench run --suite blocks --profile smoke      # counts alone, half a minute
    evobench run --suite blocks --profile full       # with accuracy of plain and residual networks, 15 minutes

Numbers to expect: 73,728, 69,632 and 70,144 weights of the basic, bottleneck and ResNeXt block; attention within
windows grows with the area of the picture, global attention with its square. Trained for 400 steps on MNIST-5k,
plain-34 stays 44 points under plain-18 (3 of 3 seeds lower), while ResNet-34 is as good as ResNet-18.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bench.declare.catalog import ARCHITECTURES, COMPARISONS
from bench.declare.groups import DeclaredComparison
from evobench import Cell, Cost, Learning, Planned, Setting, Side, suite
from suites.sizes import with_costs

SAMPLING = {"default": 0.5, "full": 1.5}
"""Seconds that each process samples a latency for; the slowest blocks take longer, for the least of calls."""
PROCESSES = 3
AT_A_GLANCE = (
    "kernel_size",
    "inception_module",
    "residual_block",
    "depth_plain",
    "depth_residual",
    "cardinality",
    "attention_global",
    "attention_window",
)
"""Comparisons that are counted at a glance: those that take a few seconds."""
FIRST = 3
"""Sides of each that are."""
ACCURACY = ("plain18", "resnet18", "plain34", "resnet34")
PIXELS, STEPS, SEEDS = 32, 400, 3


def sides(items: Iterable[DeclaredComparison], most: int | None = None) -> Iterator[Side]:
    """The sides of comparisons, in their order; one that two comparisons share, once.

    Args:
        items: the comparisons.
        most: sides of each; None: all.
    """
    every = (side for item in items for side in tuple(item.sides())[:most])
    return iter({(side.architecture, side.resolution): side for side in every}.values())


@suite(title="Blocks")
def blocks(setting: Setting) -> Iterator[Planned]:
    """What the slides argue with: blocks, kernels, cardinality, shortcuts, scaling, patches, heads, windows."""
    for side in sides(COMPARISONS):
        yield from counted(side, ("parameters", "macs", "activations"), setting)
        if setting.profile != "smoke":
            item = ARCHITECTURES.get(side.architecture)
            where = setting.cost("infer", side.resolution or item.resolution)
            yield Planned(Cell(item.name, "latency", where), SAMPLING[setting.profile], PROCESSES)
    if setting.profile == "full":
        yield from with_costs(_accuracy(setting), setting)


def counted(side: Side, measures: Iterable[str], setting: Setting) -> Iterator[Planned]:
    """Counts of one side, which are the same on every machine."""
    item = ARCHITECTURES.get(side.architecture)
    where = Cost(
        mode="infer",
        resolution=side.resolution or item.resolution,
        device="cpu" if setting.on_cuda else setting.device,
        threads=setting.threads,
    )
    return (Planned(Cell(item.name, measure, where)) for measure in measures)


def at_a_glance(setting: Setting) -> Iterator[Planned]:
    """Parameters and multiply-adds of the first sides of the comparisons at a glance."""
    for side in sides((COMPARISONS.get(name) for name in AT_A_GLANCE), FIRST):
        yield from counted(side, ("parameters", "macs"), setting)


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
            yield Planned(Cell(name, "top1", scenario))

"""The blocks that the lecture argues with, one against the other: counts and speed; a little accuracy.

    evobench run --suite blocks                      # about 3 minutes on 2 cores
    evobench run --suite blocks --profile smoke      # counts alone, about a minute
    evobench run --suite blocks --profile full       # with accuracy of plain and residual networks at equal depth

Numbers to expect: 73,728, 69,632 and 70,144 weights of the basic, bottleneck and ResNeXt block; attention within
windows grows with the area of the picture, global attention with its square.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench import Cell, Cost, Learning, Planned, Setting, suite
from bench.catalog import ARCHITECTURES
from suites.architectures.efficientnet_scaled import TABLE_7, compound
from suites.architectures.resnext import width_at_constant_complexity


@dataclass(frozen=True)
class Contender:
    """One side of a comparison."""

    architecture: str
    forward: float
    """Seconds of one pass of one picture on 2 cores, roughly."""
    resolution: int = 0
    """Side of the input in pixels; 0: its own."""


CARDINALITIES = (1, 2, 4, 8, 16, 32, 64)
KERNEL_SIZES = (1, 3, 5, 7, 9, 11)
PATCH_SIZES = (14, 16, 28, 32, 56)
HEADS = (1, 3, 6, 12, 24)
SIDES = (14, 28, 56, 112)
"""Of the maps that attention looks at, in tokens."""
PHIS = (1.0, 2.0, 3.0)
CALLS = 10
LEAST = 0.3
"""Seconds that even the smallest block is timed for."""
ACCURACY = ("plain18", "resnet18", "plain34", "resnet34")
PIXELS, STEPS, SEEDS = 32, 400, 3


def contenders() -> tuple[Contender, ...]:
    """All sides of all comparisons, in the order of the lecture."""
    return (
        *(Contender(f"lecture_cnn:kernel_size={size}", 0.001) for size in KERNEL_SIZES),
        Contender("inception_naive", 0.005),
        Contender("inception_reduced", 0.003),
        *(Contender(f"block_{kind}:norm=false", 0.005) for kind in ("basic", "bottleneck", "resnext")),
        Contender("block_resnext_split:norm=false", 0.03),
        *(Contender(name, 0.06) for name in ("plain34", "resnet34_a", "resnet34_b", "resnet34_c")),
        *(Contender(_resnext(groups), 0.07) for groups in CARDINALITIES),
        *_scaled(),
        *(Contender(f"vit_simple:patch_size={size}", 0.2) for size in PATCH_SIZES),
        *(Contender(f"vit_simple:heads={heads}", 0.2) for heads in HEADS),
        *(Contender(f"attention_{kind}", 0.05, side) for kind in ("global", "window") for side in SIDES),
    )


def _resnext(cardinality: int) -> str:
    width = width_at_constant_complexity(cardinality)
    return f"resnext50_constant:bottleneck_width={width},cardinality={cardinality}"


def _scaled() -> Iterator[Contender]:
    """B0 scaled by the rule, and the paper's comparison with each dimension alone."""
    scales = [*(compound(phi) for phi in PHIS), *(row.scale for row in TABLE_7.values())]
    for scale in dict.fromkeys(scales):
        name = f"efficientnet_scaled:depth={scale.depth:.3f},width={scale.width:.3f}"
        yield Contender(name, 0.1, scale.resolution)


@suite(title="Blocks")
def blocks(setting: Setting) -> Iterator[Planned]:
    """What the slides argue with: blocks, kernels, cardinality, shortcuts, scaling, patches, heads, windows."""
    for side in contenders():
        item = ARCHITECTURES.get(side.architecture)
        where = Cost(
            mode="infer",
            resolution=side.resolution or item.resolution,
            device=setting.device,
            threads=setting.threads,
        )
        yield Planned(Cell(item.name, "parameters", where), 0.1)
        yield Planned(Cell(item.name, "macs", where), 0.4)
        yield Planned(Cell(item.name, "activations", where), 0.05)
        if setting.profile != "smoke":
            seconds = max(LEAST, 0.2 + (CALLS + 1) * side.forward)
            yield Planned(Cell(item.name, "latency", where), seconds, 3 if setting.profile == "full" else 1)
    if setting.profile == "full":
        yield from _accuracy(setting)


def _accuracy(setting: Setting) -> Iterator[Planned]:
    """Plain against residual at equal depth, from scratch: whether the deeper plain network is the worse one."""
    for seed in range(SEEDS):
        for name in ACCURACY:
            scenario = Learning(
                weights="random",
                target="mnist5k",
                mode="scratch",
                augmentation="none",
                resolution=PIXELS,
                shots=0,
                steps=STEPS,
                batch=32,
                lr=0.05,
                seed=seed,
                device=setting.device,
                threads=setting.threads,
            )
            yield Planned(Cell(name, "top1", scenario), 45.0)

"""What the slides say of blocks: the bottleneck."""

from __future__ import annotations

from collections.abc import Iterator

from evobench import Hypothesis, Setting, lesson
from suites.lessons.arms import counted, timed

CHANNELS = 256


@lesson(
    title="The bottleneck is cheaper",
    words="the 1x1 layers are responsible for reducing and then increasing (restoring) dimensions",
    slide="Evolution of deep learning: ResNet (2015) [bottleneck]",
)
def bottleneck(setting: Setting) -> Iterator[Hypothesis]:
    """A bottleneck block against a basic block of the same input: parameters, multiply-adds, latency."""
    sides = ("basic", "block_basic:norm=false"), ("bottleneck", "block_bottleneck:norm=false")
    for measure, word in (("parameters", "parameters"), ("macs", "multiply-adds")):
        yield Hypothesis(
            statement=f"A bottleneck block has fewer {word} than a basic block",
            arms=tuple(counted(label, name, measure, setting) for label, name in sides),
            statistic="ratio",
            expected="less",
            margin=0.02,
            unit="",
        )
    yield Hypothesis(
        statement="A bottleneck block answers sooner than a basic block",
        arms=tuple(timed(label, name, "latency", setting) for label, name in sides),
        statistic="ratio",
        expected="less",
        margin=0.05,
        unit="",
    )

"""Lessons on blocks: the bottleneck, cardinality, 1x1 convolutions."""

from __future__ import annotations

from collections.abc import Iterator

from evobench import Arm, Hypothesis, Quoted, Setting, lesson
from suites.architectures.residual_reduced import PATHS
from suites.lessons.arms import counted, timed, trained

_BOTTLENECKS = "resnet_bottleneck_reduced"
"""Architecture of bottlenecks with one path."""
NO_TREND = 0.4
"""Rank correlation of four networks with their order that is not a trend: a change of two neighbours makes 0.2."""
_REDUCED = (
    "Small networks learn digits of 32 pixels for a few epochs: what they show need not hold for many more "
    "layers, pictures and classes."
)


@lesson(
    title="The bottleneck is cheaper",
    words="leaving the 3x3 layer a bottleneck with smaller input/output dimensions",
    slide="Evolution of deep learning: ResNet (2015) [bottleneck]",
    limits="Blocks by themselves, of 256 channels in and out, without batch normalisation.",
)
def bottleneck(setting: Setting) -> Iterator[Hypothesis]:
    """Parameters, multiply-adds and latency of a bottleneck and of a basic block of as many channels."""
    sides = ("basic", "block_basic_256:norm=false"), ("bottleneck", "block_bottleneck:norm=false")
    for measure, words in (("parameters", "parameters"), ("macs", "multiply-adds")):
        yield Hypothesis(
            statement=f"A bottleneck has fewer {words} than a basic block",
            arms=tuple(counted(label, name, measure, setting) for label, name in sides),
            statistic="ratio",
            expected="less",
            margin=0.02,
            unit="",
        )
    yield Hypothesis(
        statement="A bottleneck answers sooner than a basic block",
        arms=tuple(timed(label, name, "latency", setting) for label, name in sides),
        statistic="ratio",
        expected="less",
        margin=0.05,
        unit="",
    )


@lesson(
    title="What a bottleneck saves pays for accuracy",
    words="Performance of the Bottleneck",
    slide="Evolution of deep learning: ResNet (2015) [tables]",
    limits=_REDUCED,
    published=(
        Quoted(
            "34 layers of basic blocks: 3.6 billion multiply-adds, top-1 error 25.03 to 24.19 % by the kind of "
            "shortcuts; 50 layers of bottlenecks: 3.8 billion, 22.85 % (ImageNet, 10 crops)",
            "arXiv:1512.03385, Tables 1 and 3",
        ),
    ),
)
def bottleneck_accuracy(setting: Setting) -> Iterator[Hypothesis]:
    """Test accuracy of two networks of equal multiply-adds, of 12 basic convolutions and of 18 in bottlenecks."""
    # pilots of six seeds: 9.8 points less, spread 2.7; of one with all digits and 150 steps 3.5 less
    yield Hypothesis(
        statement="Of equal multiply-adds, a network of bottlenecks is more accurate than one of basic blocks",
        arms=(
            _digits("basic blocks", "resnet_basic_reduced", setting),
            _digits("bottlenecks", _BOTTLENECKS, setting),
        ),
    )


@lesson(
    title="Cardinality helps at equal complexity",
    words="Increasing cardinality lead to better result",
    slide="Evolution of deep learning: ResNeXt (2017) [cardinality]",
    limits=f"{_REDUCED} They have up to 8 paths; the published ones have 32 and 64.",
    published=(
        Quoted(
            "top-1 error on ImageNet of 50 layers of equal complexity: 1 path 23.9 %, 2 paths 23.0 %, 4 paths "
            "22.6 %, 8 paths 22.3 %, 32 paths 22.2 %",
            "arXiv:1611.05431, Table 3",
        ),
    ),
)
def cardinality(setting: Setting) -> Iterator[Hypothesis]:
    """Rank correlation of test accuracy with the number of paths, at equal multiply-adds."""
    # a pilot of six seeds: mean 0.08, spread 0.56
    wider = {paths: width for paths, width in PATHS.items() if paths > 1}
    yield Hypothesis(
        statement="Of equal multiply-adds, networks of more paths are more accurate",
        arms=(
            _digits("1 path", _BOTTLENECKS, setting),
            *(
                _digits(f"{paths} paths", f"resnext_reduced:bottleneck_width={width},cardinality={paths}", setting)
                for paths, width in wider.items()
            ),
        ),
        statistic="rank",
        margin=NO_TREND,
        unit="",
    )


@lesson(
    title="1x1 convolutions reduce parameters, and so over-fitting",
    words="help to reduce model size which can also somehow help to reduce the overfitting problem!!",
    slide="Evolution of deep learning: GoogLeNet/Inception (2014)",
    limits=(
        f"{_REDUCED} That AlexNet has 60 million parameters and GoogLeNet few has another cause: 58,631,144 of "
        "AlexNet's 60,965,224 are in its linear layers. The published GoogLeNet counts 6,998,552, without its "
        "reductions 25,305,944, and with AlexNet's linear layers instead of its own 232,376,856."
    ),
    published=(
        Quoted(
            "GoogLeNet has a twelfth of the parameters of AlexNet, and is more accurate",
            "arXiv:1409.4842, section 1",
        ),
    ),
)
def inception(setting: Setting) -> Iterator[Hypothesis]:
    """Parameters, and training less test accuracy, of three inception modules with and without 1x1 reductions."""
    sides = ("naive", "googlenet_reduced:naive=true"), ("reduced", "googlenet_reduced")
    yield Hypothesis(
        statement="With 1x1 reductions a network of inception modules has fewer parameters",
        arms=tuple(counted(label, name, "parameters", setting) for label, name in sides),
        statistic="ratio",
        expected="less",
        margin=0.02,
        unit="",
    )
    # pilots of three seeds: 5.9 points more, spread 1.1
    yield Hypothesis(
        statement="With 1x1 reductions training accuracy is less far above test accuracy",
        arms=tuple(_overfitted(label, name, setting) for label, name in sides),
        expected="less",
    )


def _overfitted(label: str, name: str, setting: Setting) -> Arm:
    """Training less test accuracy, after steps in which few digits are learned by heart."""
    return _digits(label, name, setting, shots=20, steps=150, lr=2e-3, figure="gap")


def _digits(
    label: str,
    name: str,
    setting: Setting,
    *,
    shots: int = 50,
    steps: int = 60,
    lr: float = 1e-3,
    figure: str = "",
) -> Arm:
    is_smoke = setting.profile == "smoke"
    return trained(
        label,
        name,
        setting,
        target="mnist5k",
        shots=2 if is_smoke else shots,
        steps=4 if is_smoke else steps,
        batch=32,
        lr=lr,
        resolution=32,
        figure=figure,
    )

"""The evolution of deep learning, as the lecture tells it: what each architecture costs.

    evobench run --suite evolution                    # about 5 minutes on 2 cores
    evobench run --suite evolution --profile smoke    # about 30 seconds
    evobench run --suite evolution --profile full     # about an hour on 2 cores
    evobench run --suite evolution --device cuda      # by estimate 40 minutes, full over 2 hours

On a GPU it is measured as people use one: 16 bits, channels_last, autotuned convolutions, throughput at 256 images
and at the best batch, training at 128, less where memory does not suffice. The full profile adds throughput and
training in tf32 and fp32. Each of its processes needs seconds to start, which is most of the time.

Numbers to expect: ResNet-50 has 25.6 M parameters and 4.09 GMACs at 224 px, ViT-B/16 86.6 M and 17.56 G.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bench.cell import BEST
from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Architecture, Profile
from evobench import Cell, Cost, Planned, Setting, suite
from suites.memory import fitting, untuned
from suites.sizes import sizes_of


@dataclass(frozen=True)
class Row:
    """What one architecture takes at its paper's input size on 2 cores, in seconds; measured."""

    architecture: str
    macs: float
    """Counting the multiply-adds."""
    forward: float
    """One forward pass of one image."""
    step: float
    """One training step of one image."""
    build: float = 0.1
    heavy: bool = False
    """Whether the default profile times nothing but its latency; `full` times all."""


# fmt: off
ROWS = (
    #   architecture        macs  forward  step   build
    Row("lecture_cnn",      0.2,  0.0003,  0.001),
    Row("lenet5",           0.2,  0.0003,  0.001),
    Row("alexnet",          0.3,  0.016,   0.09),
    Row("googlenet",        0.5,  0.025,   0.10),
    Row("vgg16",            0.6,  0.14,    0.60,  0.2),
    Row("vgg19",            0.8,  0.18,    0.70,  0.2),
    Row("resnet18",         0.3,  0.025,   0.07),
    Row("resnet34",         0.4,  0.04,    0.13),
    Row("resnet50",         0.6,  0.05,    0.18),
    Row("resnet101",        0.8,  0.11,    0.31,  0.2),
    Row("resnet152",        1.3,  0.16,    0.45,  0.3),
    Row("resnext50_32x4d",  0.6,  0.06,    0.25),
    Row("efficientnet_b0",  0.5,  0.02,    0.10),
    Row("efficientnet_b1",  0.7,  0.03,    0.17),
    Row("efficientnet_b2",  0.7,  0.04,    0.19),
    Row("efficientnet_b3",  0.9,  0.07,    0.30),
    # the budget of ten minutes does not carry their training steps (seconds, and 4.8 GB for one image of B7)
    Row("efficientnet_b4",  1.1,  0.13,    0.70,       heavy=True),
    Row("efficientnet_b5",  1.4,  0.30,    2.10,  0.2, heavy=True),
    Row("efficientnet_b6",  2.5,  0.60,    3.60,  0.2, heavy=True),
    Row("efficientnet_b7",  3.0,  1.00,    5.50,  0.3, heavy=True),
    Row("vit_b_16",         0.8,  0.18,    0.50,  0.3),
    Row("dpt_tiny",         0.8,  0.06,   0.25),
    Row("swin_t",           0.9,  0.08,    0.30,  0.2),
)
# fmt: on
"""In any order: the architectures declare theirs."""
UNLISTED = Row("", macs=2.0, forward=0.2, step=0.7, build=0.3)
"""For an architecture that the user names or that another catalogue puts into the lineage."""

MEMORY = 1.0
"""Seconds of a peak of memory on a GPU."""
SMOKE = ("lecture_cnn", "lenet5", "alexnet", "resnet18", "efficientnet_b0")


@dataclass(frozen=True, kw_only=True)
class Depth:
    """How thoroughly a profile measures."""

    throughput_batch: int
    train_batch: int
    calls: int = 0
    """Timed calls to aim at; the cell's seconds are declared for these."""
    most: float
    """Seconds after which the calls are few enough: the budget outranks precision. Without calls, all seconds."""
    processes: int
    """Fresh processes of a timing; intervals come from their medians."""
    search: float = 0.0
    """Seconds in which the best batch is looked for; none: it is not."""


_ACCELERATED: dict[Profile, Depth] = {
    "smoke": Depth(throughput_batch=4, train_batch=2, calls=20, most=2.0, processes=1),
    "default": Depth(throughput_batch=32, train_batch=8, calls=50, most=5.0, processes=3),
    "full": Depth(throughput_batch=64, train_batch=32, calls=100, most=30.0, processes=3),
}
DEPTHS: dict[str, dict[Profile, Depth]] = {
    "cpu": {
        "smoke": Depth(throughput_batch=4, train_batch=2, calls=3, most=1.0, processes=1),
        "default": Depth(throughput_batch=2, train_batch=2, calls=3, most=0.4, processes=3),
        "full": Depth(throughput_batch=8, train_batch=2, calls=20, most=10.0, processes=3),
    },
    "mps": _ACCELERATED,
    "cuda": {
        "smoke": Depth(throughput_batch=256, train_batch=128, most=2.0, processes=1),
        "default": Depth(throughput_batch=256, train_batch=128, most=2.5, processes=3, search=6.0),
        "full": Depth(throughput_batch=256, train_batch=128, most=8.0, processes=3, search=20.0),
    },
}
"""By kind of device and profile."""
LEAST = 0.4
"""Seconds that even the smallest network is timed for."""


@suite(title="Evolution of deep learning")
def evolution(setting: Setting) -> Iterator[Planned]:
    """Counts, speed and memory of the lecture's lineage at the input size of each paper, and of its weights."""
    depth = DEPTHS[setting.device.partition(":")[0]][setting.profile]
    for row in _rows(setting):
        item = ARCHITECTURES.get(row.architecture)
        counted_only = setting.profile == "smoke" and row.architecture not in (*SMOKE, *setting.chosen)
        # what a heavy one takes is of two cores: a GPU has the time, and halves the batch for want of memory
        whole = not row.heavy or setting.profile == "full" or row.architecture in setting.chosen or setting.on_cuda
        for side in sizes_of(item):
            counted = Cost(mode="infer", resolution=side, threads=setting.threads)
            yield from _counts(row, counted, parameters_only=counted_only)
            if not counted_only:
                one = setting.cost("infer", side)
                many = fitting(item, setting.cost("infer", side, depth.throughput_batch), setting)
                train = fitting(item, setting.cost("train", side, depth.train_batch), setting)
                yield from _inference(row, one, many, depth, whole)
                if whole:
                    yield from _training(row, train, depth)
                if setting.profile == "full" and side == item.resolution:
                    yield from _variants(item, (many, train), depth, setting)


def _rows(setting: Setting) -> Iterator[Row]:
    """What is declared as part of the lineage, then what the user names beside it."""
    listed = {row.architecture: row for row in ROWS}
    lineage = [item.name for item in ARCHITECTURES if item.lecture]
    declared = [item.name for item in ARCHITECTURES if item.name in setting.chosen]
    # a variant is chosen without being declared
    for name in dict.fromkeys((*lineage, *declared, *setting.chosen)):
        yield listed.get(name) or replace(UNLISTED, architecture=name)


def _counts(row: Row, where: Cost, parameters_only: bool) -> Iterator[Planned]:
    if where.resolution == ARCHITECTURES.get(row.architecture).resolution:
        yield Planned(Cell(row.architecture, "parameters", where), 0.1 + row.build)
    if not parameters_only:
        yield Planned(Cell(row.architecture, "macs", where), row.macs)


def _inference(row: Row, one: Cost, many: Cost, depth: Depth, whole: bool) -> Iterator[Planned]:
    yield Planned(Cell(row.architecture, "latency", one), _timing(row, depth, row.forward), depth.processes)
    if whole:
        seconds = _timing(row, depth, row.forward * many.batch)
        yield Planned(Cell(row.architecture, "throughput", many), seconds, depth.processes)
        if depth.search:
            best = replace(many, batch=BEST)
            yield Planned(Cell(row.architecture, "throughput", best), depth.search, depth.processes)
    yield Planned(Cell(row.architecture, "peak_memory", untuned(one)), 0.1 + row.build + row.forward)


def _training(row: Row, where: Cost, depth: Depth) -> Iterator[Planned]:
    step = row.step * where.batch
    yield Planned(Cell(row.architecture, "train_step", where), _timing(row, depth, step), depth.processes)
    seconds = 0.1 + row.build + 2 * step if depth.calls else MEMORY
    yield Planned(Cell(row.architecture, "peak_memory", untuned(where)), seconds)


def _variants(item: Architecture, wheres: Iterable[Cost], depth: Depth, setting: Setting) -> Iterator[Planned]:
    """The throughput and the training step in the device's other number formats."""
    for where in wheres:
        measure = "throughput" if where.mode == "infer" else "train_step"
        for other in setting.variants(where):
            cell = Cell(item.name, measure, fitting(item, other, setting))
            yield Planned(cell, depth.most, depth.processes)


def _timing(row: Row, depth: Depth, call: float) -> float:
    """Seconds of a timing cell: building, a call to warm up, the timed calls; on a GPU of sampling alone."""
    if not depth.calls:
        return depth.most
    return max(LEAST, row.build + call + max(min(depth.calls * call, depth.most), 3 * call))

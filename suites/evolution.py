"""The evolution of deep learning, as the lecture tells it: what each architecture costs.

    evobench run --suite evolution --dry-run          # says how long it will take here
    evobench run --suite evolution                    # 10 to 20 minutes on 2 cores
    evobench run --suite evolution --profile smoke    # less than a minute on 2 cores
    evobench run --suite evolution --profile full     # an hour or more on 2 cores
    evobench run --suite evolution --device cuda      # mostly starts of processes

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
from bench.declare.declarations import Architecture, Due, Profile
from evobench import Cell, Cost, Planned, Setting, suite
from suites.memory import fits, fitting, untuned
from suites.sizes import sizes_of

LARGEST = tuple(f"efficientnet_b{i}" for i in (4, 5, 6, 7))
"""Architectures of which a training step on a CPU takes seconds and gigabytes for each image."""
HEAVY = ("vgg16", "vgg19", *LARGEST)
"""Architectures of which a run that fills its time measures everything but the latency last."""
SMOKE = ("lecture_cnn", "lenet5", "alexnet", "resnet18", "efficientnet_b0")


@dataclass(frozen=True, kw_only=True)
class EvolutionDepth:
    """Effort of measuring in a profile."""

    throughput_batch: int
    train_batch: int
    sampling: float
    """Seconds that a timing's clock may sample for; it ends earlier where the median is known."""
    processes: int
    """Fresh processes of a timing; intervals come from their medians."""
    search: float = 0.0
    """Seconds in which the best batch is looked for; none: it is not."""


_ACCELERATED: dict[Profile, EvolutionDepth] = {
    "smoke": EvolutionDepth(throughput_batch=4, train_batch=2, sampling=2.0, processes=1),
    "default": EvolutionDepth(throughput_batch=32, train_batch=8, sampling=2.5, processes=3),
    "full": EvolutionDepth(throughput_batch=64, train_batch=32, sampling=8.0, processes=3),
}
DEPTHS: dict[str, dict[Profile, EvolutionDepth]] = {
    "cpu": {
        "smoke": EvolutionDepth(throughput_batch=4, train_batch=2, sampling=0.3, processes=1),
        "default": EvolutionDepth(throughput_batch=2, train_batch=2, sampling=0.4, processes=3),
        "full": EvolutionDepth(throughput_batch=8, train_batch=2, sampling=4.0, processes=3),
    },
    "mps": _ACCELERATED,
    "cuda": {
        "smoke": EvolutionDepth(throughput_batch=256, train_batch=128, sampling=2.0, processes=1),
        "default": EvolutionDepth(throughput_batch=256, train_batch=128, sampling=2.5, processes=3, search=6.0),
        "full": EvolutionDepth(throughput_batch=256, train_batch=128, sampling=8.0, processes=3, search=20.0),
    },
}
"""Depth of each kind of device and profile."""


@suite(title="Evolution of deep learning")
def evolution(setting: Setting) -> Iterator[Planned]:
    """Counts, speed and memory of the lecture's lineage at the input size of each paper, and of its weights."""
    depth = DEPTHS[setting.device.partition(":")[0]][setting.profile]
    for item in map(ARCHITECTURES.get, _names(setting)):
        counted_only = setting.profile == "smoke" and item.name not in (*SMOKE, *setting.chosen)
        for side in sizes_of(item):
            counted = Cost(mode="infer", resolution=side, threads=setting.threads)
            yield from _counts(item, counted, parameters_only=counted_only)
            if not counted_only:
                yield from _timed(item, side, depth, setting)


def _names(setting: Setting) -> Iterable[str]:
    """Names that are declared as part of the lineage, then those that the user adds."""
    lineage = [item.name for item in ARCHITECTURES if item.lecture]
    declared = [item.name for item in ARCHITECTURES if item.name in setting.chosen]
    # a variant is chosen without being declared
    return dict.fromkeys((*lineage, *declared, *setting.chosen))


def _counts(item: Architecture, where: Cost, parameters_only: bool) -> Iterator[Planned]:
    if where.resolution == item.resolution:
        yield Planned(Cell(item.name, "parameters", where))
    if not parameters_only:
        yield Planned(Cell(item.name, "macs", where))


def _timed(item: Architecture, side: int, depth: EvolutionDepth, setting: Setting) -> Iterator[Planned]:
    """Cells at one size: the latency first, so that every row soon has one."""
    one = setting.cost("infer", side)
    many = fitting(item, setting.cost("infer", side, depth.throughput_batch), setting)
    train = fitting(item, setting.cost("train", side, depth.train_batch), setting)
    yield Planned(Cell(item.name, "latency", one), depth.sampling, depth.processes, due="first")
    due: Due = "last" if item.name in HEAVY else "then"
    for planned in _inference(item.name, one, many, depth):
        yield replace(planned, due=due)
    if fits(item, train):
        for planned in _training(item.name, train, depth):
            yield replace(planned, due=due)
    if setting.profile == "full" and side == item.resolution:
        yield from _variants(item, (many, train), depth, setting)


def _inference(name: str, one: Cost, many: Cost, depth: EvolutionDepth) -> Iterator[Planned]:
    yield Planned(Cell(name, "throughput", many), depth.sampling, depth.processes)
    if depth.search:
        yield Planned(Cell(name, "throughput", replace(many, batch=BEST)), depth.search, depth.processes)
    yield Planned(Cell(name, "peak_memory", untuned(one)))


def _training(name: str, where: Cost, depth: EvolutionDepth) -> Iterator[Planned]:
    yield Planned(Cell(name, "train_step", where), depth.sampling, depth.processes)
    yield Planned(Cell(name, "peak_memory", untuned(where)))


def _variants(
    item: Architecture, wheres: Iterable[Cost], depth: EvolutionDepth, setting: Setting
) -> Iterator[Planned]:
    """The throughput and the training step in the device's other number formats."""
    for where in wheres:
        measure = "throughput" if where.mode == "infer" else "train_step"
        for other in setting.variants(where):
            cell = Cell(item.name, measure, fitting(item, other, setting))
            yield Planned(cell, depth.sampling, depth.processes)

"""All measures of cost: speed, memory, energy, size on disk, distance from the host's limits.

    evobench run --suite cost --arch resnet50 --arch vit_b_16   # a few minutes on 2 cores
    evobench run --suite cost --precision fp32,bf16 --memory-format contiguous,channels_last --arch resnet50
    evobench run --suite cost --batch best --measure throughput --arch resnet18
    evobench run --suite cost --dry-run                         # the lineage: how long it will take here
    evobench run --suite cost --device cuda                     # mostly starts of processes

Numbers to expect: resnet50 trains 8 images at a predicted peak of 0.94 GB. Energy is `unsupported`, with the
reason, where no counter is readable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.cell import BEST, Mode
from bench.declare.catalog import ARCHITECTURES
from bench.declare.declarations import Profile
from evobench import Cell, Cost, Planned, Setting, suite
from suites.evolution import LARGEST
from suites.memory import fitting, untuned

SMOKE = ("lenet5", "resnet18")
BATCHES = {"cpu": (8, 8), "mps": (32, 32), "cuda": (256, 128)}
"""Images at once by kind of device: in inference and in training."""
ENERGY_ON_CUDA = 12.0
"""Seconds that an energy is sampled for: the counter steps each tenth of a second, and idleness is measured."""


@dataclass(frozen=True)
class CostDepth:
    """Effort of measuring in a profile."""

    timing: float
    """Seconds that a timing's clock may sample for."""
    search: float
    """Seconds in which the best batch is looked for."""
    processes: int
    """Fresh processes of a timing; intervals come from their medians."""


DEPTHS: dict[Profile, CostDepth] = {
    "smoke": CostDepth(timing=0.5, search=1.0, processes=1),
    "default": CostDepth(timing=2.0, search=6.0, processes=3),
    "full": CostDepth(timing=10.0, search=30.0, processes=3),
}


@suite(title="Cost")
def cost(setting: Setting) -> Iterator[Planned]:
    """Speed, memory, energy, file size and roofline of the lineage, or of what `--arch` names."""
    lineage = [item.name for item in ARCHITECTURES if item.lecture]
    names = setting.chosen or (SMOKE if setting.profile == "smoke" else lineage)
    for name in names:
        yield from _inference(name, setting)
        # on a CPU, a step of the largest takes seconds and gigabytes for each image
        if name not in LARGEST or setting.chosen or setting.profile == "full" or setting.on_cuda:
            yield from _batches(name, setting)


def _inference(name: str, setting: Setting) -> Iterator[Planned]:
    """Cells of a single image."""
    depth, one = DEPTHS[setting.profile], replace(_where(name, setting), batch=1)
    for measure in ("parameters", "macs", "file_size"):
        counted = Cost(mode="infer", resolution=one.resolution, threads=setting.threads)
        yield Planned(Cell(name, measure, counted))
    yield Planned(Cell(name, "latency", one), depth.timing, depth.processes)
    yield Planned(Cell(name, "roofline", one), depth.timing, depth.processes)
    yield Planned(Cell(name, "energy", one), _energy(depth, setting))
    yield Planned(Cell(name, "peak_memory", untuned(one)))
    for where in (one, _where(name, setting, "train")):
        yield Planned(Cell(name, "predicted_memory", untuned(where)))


def _batches(name: str, setting: Setting) -> Iterator[Planned]:
    """Cells of a batch of images."""
    depth, many, train = DEPTHS[setting.profile], _where(name, setting), _where(name, setting, "train")
    yield Planned(Cell(name, "throughput", many), depth.timing, depth.processes)
    if setting.profile != "smoke":
        yield Planned(Cell(name, "throughput", replace(many, batch=BEST)), depth.search, depth.processes)
    yield Planned(Cell(name, "train_step", train), depth.timing, depth.processes)
    if setting.on_cuda:
        # with one image, a GPU waits for the next kernel most of the time
        yield Planned(Cell(name, "roofline", many), depth.timing, depth.processes)
        yield Planned(Cell(name, "energy", many), _energy(depth, setting))
    yield Planned(Cell(name, "peak_memory", untuned(many)))
    yield Planned(Cell(name, "peak_memory", untuned(train)))
    yield Planned(Cell(name, "predicted_memory", untuned(many)))


def _where(name: str, setting: Setting, mode: Mode = "infer") -> Cost:
    """A batch of images, as many as the device's memory holds."""
    item = ARCHITECTURES.get(name)
    batch = BATCHES[setting.device.partition(":")[0]][mode == "train"]
    return fitting(item, setting.cost(mode, item.resolution, batch), setting)


def _energy(depth: CostDepth, setting: Setting) -> float:
    return ENERGY_ON_CUDA if setting.on_cuda else depth.timing

"""Which cells the check measures: parts of the suites, with seconds that fit into eight minutes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bench.cell import BEST, Cell, Cost, Learning
from bench.declare.declarations import Accelerator, Planned, Profile, Setting
from bench.run.axes import Axes
from bench.run.plan import PlanStep, Selection, plan

SEVERAL = ("alexnet", "vgg16", "googlenet", "resnet18", "resnet50", "efficientnet_b0", "vit_b_16", "swin_t")
"""From 20 layers to 240, from mostly memory to mostly arithmetic, with and without attention."""
LAST = "channels_last"


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    architectures: tuple[str, ...]
    compiled: tuple[str, ...]
    trained: tuple[str, ...]
    """Those whose peaks are measured; the last one also gives energy and the neighbour's effect."""
    batch: int
    train_batch: int
    resolution: tuple[int, ...]
    """A side for all, in pixels; empty: each architecture's own."""
    timing: float
    """Seconds of a timing's process."""
    search: float
    """Seconds in which the best batch is looked for."""
    energy: float
    profile: Profile
    """By which the catalogue's suite knows it."""
    smoke: tuple[str, ...]
    """Architectures of the smoke profile's suites; empty: all of them."""
    fine_tuned: str
    """The one that is watched."""
    repeated: str
    """The one that is trained twice, and killed."""
    threads: int
    """Of torch on the CPU; 0: all that there are."""
    side: int
    """Of the images that are trained on: 32 or 224 pixels."""
    steps: int
    learning_batch: int


WHOLE = Extent(
    architectures=SEVERAL,
    compiled=("resnet18", "vit_b_16"),
    trained=("resnet18", "efficientnet_b0", "vit_b_16", "resnet50"),
    batch=256,
    train_batch=64,
    resolution=(),
    timing=2.0,
    search=4.0,
    energy=6.0,
    profile="default",
    smoke=(),
    fine_tuned="resnet50",
    repeated="resnet18",
    threads=0,
    side=224,
    steps=60,
    learning_batch=64,
)
QUICK = Extent(
    architectures=("lenet5", "resnet18"),
    compiled=("lenet5",),
    trained=("resnet18",),
    batch=4,
    train_batch=2,
    resolution=(32,),
    timing=0.3,
    search=0.5,
    energy=1.0,
    profile="smoke",
    smoke=("lecture_cnn",),
    fine_tuned="lenet5",
    repeated="lenet5",
    threads=1,
    side=32,
    steps=400,
    learning_batch=16,
)


@dataclass(frozen=True)
class Grid:
    """The cells of each step."""

    cost: tuple[PlanStep, ...]
    best: tuple[PlanStep, ...]
    compiled: tuple[PlanStep, ...]
    memory: tuple[PlanStep, ...]
    energy: tuple[PlanStep, ...]
    fine_tuning: tuple[PlanStep, ...]
    twice: tuple[PlanStep, ...]
    smoke: tuple[PlanStep, ...]

    def all(self) -> tuple[PlanStep, ...]:
        """Every cell once, in order; one that two steps want has the seconds of the first."""
        parts = (self.cost, self.best, self.compiled, self.memory, self.energy, self.fine_tuning, self.twice)
        found: dict[str, PlanStep] = {}
        for step in (step for part in (*parts, self.smoke) for step in part):
            found.setdefault(step.planned.cell.key, step)
        return tuple(found.values())


def grid(extent: Extent, device: str, threads: int, precisions: Sequence[str], memory: int | None = None) -> Grid:
    """The cells of the check.

    Args:
        extent: how much.
        device: name of the device, as torch gives it.
        threads: of torch, on the CPU.
        precisions: those of the device, as it was probed.
        memory: its bytes, where it is a GPU and they are told.
    """
    # the usual one first: what time is left for decides about the rest
    wanted = [name for name in ("bf16", "fp16", "fp32", "tf32") if name in precisions]
    main = wanted[0]
    kinds = tuple(name for name in wanted if name not in ("bf16", "fp16") or name == main)
    known = Accelerator(tuple(precisions), memory) if device.startswith("cuda") else None
    setting = Setting("default", device, threads, accelerator=known)

    tuned = device.startswith("cuda")
    where = Axes(precision=(main,), memory_format=(LAST,), autotune=(tuned,), resolution=extent.resolution)

    def cost(names: tuple[str, ...], measures: tuple[str, ...], axes: Axes) -> tuple[PlanStep, ...]:
        return plan(Selection(("cost",), names, measures=measures), setting, axes)

    sizes = replace(where, precision=kinds, batch=(1, extent.batch, BEST))
    timed = cost(extent.architectures, ("latency", "throughput"), sizes)
    paired = [step for step in timed if _is_pair(step, extent.batch)]
    best = [step for step in timed if _cost(step).batch == BEST and _cost(step).precision == main]
    compiling = replace(where, batch=(extent.batch,), execution=("compiled",))
    # what autotuning tries takes memory that the model does not
    untuned = replace(where, batch=(extent.train_batch,), autotune=(False,))
    peaks = cost(extent.trained, ("peak_memory", "predicted_memory"), untuned)
    energy = cost(extent.trained[-1:], ("energy",), replace(where, batch=(1, extent.batch)))
    learned = plan(Selection(("gpu_check",)), replace(setting, profile=extent.profile))
    return Grid(
        cost=_lasting(sorted(paired, key=lambda step: kinds.index(_cost(step).precision)), extent.timing),
        best=_lasting(best, extent.search),
        compiled=_lasting(cost(extent.compiled, ("throughput",), compiling), extent.timing),
        memory=_lasting(peaks, 1.5),
        energy=_lasting(energy, extent.energy),
        fine_tuning=tuple(step for step in learned if step.planned.cell.measure == "waiting"),
        twice=tuple(step for step in learned if step.planned.cell.measure == "top1"),
        smoke=plan(Selection(("evolution", "cost", "transfer"), extent.smoke), replace(setting, profile="smoke")),
    )


def neighboured(cell: Cell, device: str) -> Cell:
    """The cell of cost on another device."""
    return replace(cell, scenario=replace(cell.scenario, device=device))


def _cost(step: PlanStep) -> Cost:
    scenario = step.planned.cell.scenario
    assert isinstance(scenario, Cost)
    return scenario


def _is_pair(step: PlanStep, batch: int) -> bool:
    """Whether it is the latency of one image, or the rate of a batch."""
    return (step.planned.cell.measure, _cost(step).batch) in (("latency", 1), ("throughput", batch))


def _lasting(steps: Iterable[PlanStep], seconds: float) -> tuple[PlanStep, ...]:
    """The steps, each in one process of so many seconds."""
    return tuple(replace(step, planned=replace(step.planned, sampling=seconds, replicates=1)) for step in steps)


def trainings(extent: Extent, setting: Setting) -> Iterator[Planned]:
    """Models that learn the waves, whole, from random weights: no network, no package of data is needed."""
    for measure, architecture, processes in (("waiting", extent.fine_tuned, 1), ("top1", extent.repeated, 2)):
        scenario = Learning(
            weights="random",
            target=f"waves{extent.side}",
            mode="finetune:all",
            augmentation="lecture",
            resolution=extent.side,
            shots=64,
            steps=extent.steps,
            batch=extent.learning_batch,
            lr=1e-3,
            device=setting.device,
            threads=setting.threads,
        )
        yield Planned(Cell(architecture, measure, scenario), 20.0, processes)

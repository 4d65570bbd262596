"""Request to a suite: conditions of learning that the user varies, and the device. Plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from bench.cell import FORMATS, Cost, Learning, Mode
from bench.validity import written

ALL = 0
"""Value of shots that stands for the whole training split."""
SHARED = ("resolution", "batch", "precision", "execution")
"""Conditions that scenarios of cost have, too: given alone, they leave the suites as they are."""
BESIDE = ("first_seed",)
"""Conditions of learning that do not choose what is learned: given alone, they leave the tables of the suites,
too."""


@dataclass(frozen=True, kw_only=True)
class LearningAxes:
    """Values of the conditions of learning; an empty list, or 0, keeps the suite's own."""

    weights: tuple[str, ...] = ()
    mode: tuple[str, ...] = ()
    augmentation: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    shots: tuple[int, ...] = ()
    """Training images per class, or `ALL`."""
    recipe: tuple[str, ...] = ()
    pipeline: tuple[str, ...] = ()
    folds: int = 0
    """Number of folds of a cross-validation, all of which are planned for each seed."""
    seeds: int = 0
    """Number of seeds that are planned, from `first_seed` on."""
    first_seed: int = 0
    """Lowest seed of all trainings."""
    patience: int = 0
    refit: bool = False
    """Whether heads on fixed features are trained once more, with the validation images added."""
    steps: int = 0
    lr: tuple[float, ...] = ()
    tune: int = 0
    """Trials from which validation images choose how fast each training learns."""
    class_map: str = ""
    models: tuple[str, ...] = ()
    """Architectures that are evaluated with given weights: a name, a space, a source of weights."""
    resolution: tuple[int, ...] = ()
    batch: tuple[int, ...] = ()
    precision: tuple[str, ...] = ()
    execution: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Names of the given conditions that belong to learning alone."""
        return tuple(f.name for f in fields(LearningAxes) if getattr(self, f.name) and f.name not in SHARED)

    @property
    def given(self) -> bool:
        """Whether a condition is given that belongs to learning alone and chooses what is learned."""
        return any(name not in BESIDE for name in self.named)

    def numbers(self, seeds: int) -> range:
        """Seeds from the first one on."""
        return range(self.first_seed, self.first_seed + seeds)

    def without(self, name: str) -> LearningAxes:
        """The others of the given conditions."""
        return replace(self, **{name: getattr(NOTHING, name)})

    def idle(self, scenarios: Sequence[Learning]) -> tuple[str, ...]:
        """Names of the given conditions that none of the scenarios has."""
        return tuple(name for name in self.named if not self.held(name, scenarios))

    def held(self, name: str, scenarios: Iterable[Learning]) -> bool:
        """Whether one of the scenarios has a given value of the condition."""
        wanted: Any = getattr(self, name)
        if name == "models":
            return True
        if name == "seeds":
            return any(scenario.seed in self.numbers(self.seeds) for scenario in scenarios)
        if name == "first_seed":
            return any(scenario.seed >= self.first_seed for scenario in scenarios)
        values = wanted if isinstance(wanted, tuple) else (wanted,)
        return any(written(scenario)[name] in values for scenario in scenarios)


NOTHING = LearningAxes()
"""Learning axes without any given condition."""

Profile = Literal["smoke", "default", "full"]


WIDE = ("tf32", "fp32")
"""Number formats of 32 bits."""


def in_order(where: Cost) -> Cost:
    """The scenario with the memory format that suits its number format: GPUs convolve 32 bits slower
    channels_last."""
    suits = where.memory_format == "contiguous" or where.precision not in WIDE
    return where if suits else replace(where, memory_format="contiguous")


@dataclass(frozen=True)
class Accelerator:
    """Facts about a GPU that a plan depends on."""

    formats: tuple[str, ...]
    """Number formats that the GPU computes in natively, rather than in fp32."""
    memory: int | None = None
    """Total memory in bytes; None: unknown."""


@dataclass(frozen=True)
class Setting:
    """Request to a suite."""

    profile: Profile
    device: str
    threads: int
    """Threads of torch where times are taken or given weights are evaluated."""
    chosen: tuple[str, ...] = ()
    """Architectures that the user named: a suite includes them beside its own selection."""
    families: tuple[str, ...] = ()
    """Families that the user named; a suite's plan leaves out all others."""
    learning: LearningAxes = NOTHING
    """Conditions of learning that the user named."""
    accelerator: Accelerator | None = None
    """The GPU that `device` is; None: another device, or a GPU about which nothing is known."""
    learning_threads: int = 1
    """Threads of torch in a training. Several trainings at once take less time than more threads in each, and with
    one thread a figure does not depend on the number of cores."""

    @property
    def on_cuda(self) -> bool:
        """Whether the device is a CUDA device."""
        return self.device.startswith("cuda")

    @property
    def precision(self) -> str:
        """The usual number format of the device: on a GPU the 16-bit format that it computes in."""
        if not self.on_cuda:
            return "fp32"
        return "bf16" if "bf16" in self._formats else "fp16"

    def cost(self, mode: Mode, resolution: int, batch: int = 1) -> Cost:
        """A scenario under the usual conditions of the device, which reports show first.

        On CUDA that is 16 bits with channels_last, autotuned; elsewhere it is what `Cost` says by itself.

        Args:
            mode: `infer` or `train`.
            resolution: side of the input, in pixels.
            batch: images at once.
        """
        where = Cost(mode=mode, resolution=resolution, batch=batch, device=self.device, threads=self.threads)
        if not self.on_cuda:
            return where
        return replace(where, precision=self.precision, memory_format="channels_last", autotune=True)

    def variants(self, where: Cost) -> Iterator[Cost]:
        """The same scenario in the 32-bit formats of a GPU, tf32 and fp32, with which its 16-bit format is
        compared."""
        for precision in WIDE if self.on_cuda else ():
            if precision in self._formats:
                yield in_order(replace(where, precision=precision))

    @property
    def _formats(self) -> tuple[str, ...]:
        """Number formats of the GPU; an unknown GPU is taken for one of this decade."""
        return self.accelerator.formats if self.accelerator else FORMATS

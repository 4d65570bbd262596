"""What a suite is asked for: conditions of learning that the user varies, and the device. Plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from bench.cell import FORMATS, Cost, Learning, Mode
from bench.validity import written

ALL = 0
"""Among shots: the whole training split."""
SHARED = ("resolution", "batch", "precision", "execution")
"""Conditions of cost, too: alone they leave the suites as they are."""
BESIDE = ("first_seed",)
"""Conditions of learning that do not choose what is learned: alone they, too, leave the tables of the suites."""


@dataclass(frozen=True, kw_only=True)
class LearningAxes:
    """Values of the conditions of learning; an empty list, or 0, leaves what the suite plans."""

    weights: tuple[str, ...] = ()
    mode: tuple[str, ...] = ()
    augmentation: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    shots: tuple[int, ...] = ()
    """Training images per class, or `ALL`."""
    recipe: tuple[str, ...] = ()
    pipeline: tuple[str, ...] = ()
    folds: int = 0
    """All folds of a cross-validation are planned, for each seed."""
    seeds: int = 0
    """So many are planned, from `first_seed` on."""
    first_seed: int = 0
    """The lowest seed of all that learns."""
    patience: int = 0
    refit: bool = False
    """Heads on fixed features are trained once more, on validation images, too."""
    steps: int = 0
    lr: tuple[float, ...] = ()
    tune: int = 0
    """Trials among which validation images choose how fast each training learns."""
    class_map: str = ""
    models: tuple[str, ...] = ()
    """Architectures that are evaluated with weights of their own: a name, a space, a source of weights."""
    resolution: tuple[int, ...] = ()
    batch: tuple[int, ...] = ()
    precision: tuple[str, ...] = ()
    execution: tuple[str, ...] = ()

    @property
    def given(self) -> bool:
        """Whether any condition is given that is one of learning alone, and chooses what is learned."""
        return any(name not in BESIDE for name in self._named())

    def numbers(self, seeds: int) -> range:
        """So many seeds, from the first one on."""
        return range(self.first_seed, self.first_seed + seeds)

    def idle(self, scenarios: Sequence[Learning]) -> tuple[str, ...]:
        """Names of the conditions that are given and that none of the scenarios has."""
        return tuple(name for name in self._named() if not self.held(name, scenarios))

    def held(self, name: str, scenarios: Iterable[Learning]) -> bool:
        """Whether one of the scenarios has a value of the condition that is given."""
        wanted: Any = getattr(self, name)
        if name == "models":
            return True
        if name == "seeds":
            return any(scenario.seed in self.numbers(self.seeds) for scenario in scenarios)
        if name == "first_seed":
            return any(scenario.seed >= self.first_seed for scenario in scenarios)
        values = wanted if isinstance(wanted, tuple) else (wanted,)
        return any(written(scenario)[name] in values for scenario in scenarios)

    def _named(self) -> tuple[str, ...]:
        return tuple(f.name for f in fields(LearningAxes) if getattr(self, f.name) and f.name not in SHARED)


NOTHING = LearningAxes()
"""No condition is given."""

Profile = Literal["smoke", "default", "full"]


WIDE = ("tf32", "fp32")
"""Formats of 32 bits."""


def in_order(where: Cost) -> Cost:
    """The scenario with the order of axes that suits its format: GPUs convolve 32 bits slower channels_last."""
    suits = where.memory_format == "contiguous" or where.precision not in WIDE
    return where if suits else replace(where, memory_format="contiguous")


@dataclass(frozen=True)
class Accelerator:
    """What a plan must know of a GPU."""

    formats: tuple[str, ...]
    """Number formats that it computes in, rather than in fp32 under their names."""
    memory: int | None = None
    """Bytes that it has in all; None: not told."""


@dataclass(frozen=True)
class Setting:
    """What a suite is asked for."""

    profile: Profile
    device: str
    threads: int
    """Of torch, where times are taken or given weights are evaluated."""
    chosen: tuple[str, ...] = ()
    """Architectures that the user named: a suite includes them beside those that it selects by itself."""
    families: tuple[str, ...] = ()
    """Families that the user named; what is not of them is left out of what a suite plans."""
    learning: LearningAxes = NOTHING
    """Conditions of learning that the user named."""
    accelerator: Accelerator | None = None
    """The GPU that `device` is; None: another device, or a GPU that nothing is known of."""
    learning_threads: int = 1
    """Of torch in a training: more trainings at once take less time than more threads in each, and with one thread
    a figure does not depend on the number of cores."""

    @property
    def on_cuda(self) -> bool:
        """Whether the device is one of CUDA."""
        return self.device.startswith("cuda")

    @property
    def precision(self) -> str:
        """The number format that people use on the device: on a GPU the 16 bits that it computes in."""
        if not self.on_cuda:
            return "fp32"
        return "bf16" if "bf16" in self._formats else "fp16"

    def cost(self, mode: Mode, resolution: int, batch: int = 1) -> Cost:
        """A scenario under the conditions that people use the device in, which reports show first.

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
        """The same scenario in the 32 bits of a GPU, tf32 and fp32, which its 16 are compared with."""
        for precision in WIDE if self.on_cuda else ():
            if precision in self._formats:
                yield in_order(replace(where, precision=precision))

    @property
    def _formats(self) -> tuple[str, ...]:
        """Where nothing is known of a GPU, it is taken for one of this decade."""
        return self.accelerator.formats if self.accelerator else FORMATS

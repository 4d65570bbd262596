"""What a suite is asked for, and under which conditions a device is used. Plain data, no torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from bench.cell import FORMATS, Cost, Mode
from bench.declare.learning_axes import NOTHING, LearningAxes

Profile = Literal["smoke", "default", "full"]


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
    chosen: tuple[str, ...] = ()
    """Architectures that the user named: a suite includes them beside those that it selects by itself."""
    families: tuple[str, ...] = ()
    """Families that the user named; what is not of them is left out of what a suite plans."""
    learning: LearningAxes = NOTHING
    """Conditions of learning that the user named."""
    accelerator: Accelerator | None = None
    """The GPU that `device` is; None: another device, or a GPU that nothing is known of."""

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
        """The same scenario in the 32 bits of a GPU, tf32 and fp32, which its 16 are compared with.

        In these, convolutions are slower with channels_last than without.
        """
        for precision in ("tf32", "fp32") if self.on_cuda else ():
            if precision in self._formats:
                yield replace(where, precision=precision, memory_format="contiguous")

    @property
    def _formats(self) -> tuple[str, ...]:
        """Where nothing is known of a GPU, it is taken for one of this decade."""
        return self.accelerator.formats if self.accelerator else FORMATS

"""Speed of this host, measured in about a second, for forecasts alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.clock import MINIMUM, Clock
from bench.lazy import lazy
from bench.machine.process import keep_freed_memory, pin_threads

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

RATES = "rates"
"""Key of the rates in a host's fingerprint; they do not identify the host, since they differ each time."""
CHANNELS, SIDE = 128, 28
"""Shape of the map that is convolved: a layer in the middle of a residual network."""
PRODUCTS = CHANNELS * CHANNELS * SIDE**2 * (3 * 3 + 1)
"""Multiply-adds of a 3x3 and of a 1x1 convolution on that map."""
WIDE = 112
"""Side of the 64-channel map that is normalised: too large for a core's caches."""
ELEMENTS = 64 * WIDE**2
SMALL, CALLS = 4, 3
"""Side of a map so small that its work takes no time, and number of operators on it beside a 1x1 convolution."""
ENOUGH = 0.125
"""Seconds of the calls of each kind. Their mean counts: other load on the host slows a run, too."""
MOST = 5000
"""Largest number of calls of each kind."""


@dataclass(frozen=True)
class DeviceRate:
    """Speed of a device with some number of threads."""

    products: float
    """Multiply-adds per second in convolutions like those of networks."""
    elements: float
    """Elements per second of a map that is normalised, activated and added to another one."""
    operator: float
    """Seconds of overhead per operator."""


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Speeds of a host."""

    threads: int
    """Threads with which the whole CPU was measured."""
    cpu: DeviceRate
    """Speed of the CPU with all threads."""
    core: DeviceRate
    """Speed of one core."""
    process: float
    """Seconds from asking for a job to its start in a process of its own."""
    gpu: DeviceRate | None = None
    """Speed of the GPU; None: no GPU was measured."""
    gpu_process: float = 0.0
    """Seconds from the start of a process to its first result on the GPU: context, libraries, kernels."""

    def to_dict(self) -> dict[str, Any]:
        """The rates as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Rates:
        """Inverse of `to_dict`."""
        read = {name: DeviceRate(**data[name]) for name in ("cpu", "core", "gpu") if data.get(name)}
        return cls(**{**data, **read})


ESTIMATE = Rates(
    threads=2,
    cpu=DeviceRate(products=1e11, elements=1e9, operator=1e-5),
    core=DeviceRate(products=5e10, elements=6e8, operator=8e-6),
    process=0.1,
    gpu=DeviceRate(products=2e13, elements=1e11, operator=1e-5),
    gpu_process=4.0,
)
"""Rates for a host that was not measured: about two cores of a server, and a GPU beside them."""


def measured_rates(threads: int, gpu: str, clock_on: Callable[[str], Clock]) -> dict[str, Any]:
    """Rates of this process's host as of `Rates.to_dict`; `process` is added by the caller.

    Run it in a worker only, and first of all there: the start of CUDA is a part of what is measured.

    Args:
        threads: all that jobs are given.
        gpu: device to measure beside the CPU; empty: none.
        clock_on: makes a clock for a device.
    """
    keep_freed_memory()  # as jobs do: else each result is mapped anew
    clock = clock_on("cpu")
    found: dict[str, Any] = {"threads": threads, "process": 0.0}
    if gpu:
        found["gpu_process"] = clock.once(lambda: _begin(gpu))
        found["gpu"] = asdict(rate_of(clock_on(gpu), gpu))
    # one thread first: a pool of more goes on to wait busily
    for name, some in (("core", 1), ("cpu", threads)):
        pin_threads(some)
        found[name] = asdict(rate_of(clock, "cpu"))
    return found


def rate_of(clock: Clock, device: str) -> DeviceRate:
    """Rate of a device with the number of threads that torch has now."""
    small = _small(device)
    operator = _typical(clock, small) / (1 + CALLS)
    products = _typical(clock, _convolution(device)) - 2 * operator
    elements = _typical(clock, _normalisation(device)) - CALLS * operator
    # what a GPU is asked to do here may take no longer than asking for it
    return DeviceRate(PRODUCTS / max(products, operator), ELEMENTS / max(elements, operator), operator)


def _typical(clock: Clock, call: Callable[[], object]) -> float:
    """Mean seconds of some calls, after one to warm up."""
    clock.once(call)
    calls, seconds = 0, 0.0
    while calls < MINIMUM or (seconds < ENOUGH and calls < MOST):
        seconds += clock.once(call)
        calls += 1
    return seconds / calls


def _begin(gpu: str) -> None:
    """Start CUDA and wait for a first result."""
    _convolution(gpu)()
    torch.cuda.synchronize(gpu)


def _convolution(device: str) -> Callable[[], object]:
    images = torch.ones(1, CHANNELS, SIDE, SIDE, device=device)
    wide = torch.ones(CHANNELS, CHANNELS, 3, 3, device=device)
    narrow = torch.ones(CHANNELS, CHANNELS, 1, 1, device=device)

    def call() -> torch.Tensor:
        with torch.inference_mode():
            between = torch.nn.functional.conv2d(images, wide, padding=1)
            return torch.nn.functional.conv2d(between, narrow)

    return call


def _normalisation(device: str) -> Callable[[], object]:
    images = torch.ones(1, ELEMENTS // WIDE**2, WIDE, WIDE, device=device)
    return _normalising(images, images)


def _small(device: str) -> Callable[[], object]:
    images = torch.ones(1, SMALL, SMALL, SMALL, device=device)
    narrow = torch.ones(SMALL, SMALL, 1, 1, device=device)
    normalising = _normalising(images, images)

    def call() -> object:
        with torch.inference_mode():
            torch.nn.functional.conv2d(images, narrow)
        return normalising()

    return call


def _normalising(images: torch.Tensor, others: torch.Tensor) -> Callable[[], object]:
    """Call `CALLS` operators: normalise a map, activate it, add another one."""
    means, variances = (torch.full(images.shape[1:2], float(i), device=images.device) for i in range(2))

    def call() -> torch.Tensor:
        with torch.inference_mode():
            normalised = torch.nn.functional.batch_norm(images, means, variances)
            return torch.nn.functional.silu(normalised) + others

    return call

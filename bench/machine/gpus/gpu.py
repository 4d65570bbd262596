"""State of a GPU from NVIDIA's management library (NVML): clock, temperature, throttling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.lazy import load

CLOCK_REASONS = {
    0x01: "idle",
    0x02: "application clocks",
    0x04: "power cap",
    0x08: "hardware slowdown",
    0x10: "sync boost",
    0x20: "thermal slowdown by the driver",
    0x40: "thermal slowdown by the hardware",
    0x80: "power brake",
    0x100: "display clocks",
    0x200: "board limit",
    0x400: "reliability limit",
}
"""Bits of NVML's clock event reasons (`nvml.h`): numbers, because their names changed between releases."""
DISTURBING = tuple(CLOCK_REASONS[bit] for bit in (0x08, 0x20, 0x40, 0x80))
"""Clock reasons that count as disturbance; an idle GPU, set clocks and a power cap under full load do not."""
_SM_CLOCK = 1
_TEMPERATURE = 0
_POWER_POLICY = 0
_THERMAL_POLICY = 1


@dataclass(frozen=True)
class GpuState:
    """The state of a GPU at one moment; None: unknown, and `unread` says why."""

    clock: float | None = None
    """Clock of the multiprocessors, in Hz."""
    temperature: float | None = None
    """Temperature in degrees Celsius."""
    slowed_by: tuple[str, ...] | None = None
    """Reasons why the clock is lower than it could be now, from `CLOCK_REASONS`."""
    hot: float | None = None
    """Seconds that heat has kept the clock down since the driver was loaded."""
    capped: float | None = None
    """Seconds that the power cap has kept the clock down since the driver was loaded."""
    unread: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Driver:
    """NVIDIA's driver on this machine."""

    version: str
    cuda: tuple[int, int]
    """Newest CUDA version that the driver runs; it runs any other build of the same major version, too."""


def read_driver(nvml: Any = None) -> Driver:
    """Ask NVML for the driver, which needs no CUDA.

    Args:
        nvml: the module `pynvml`; None imports it.

    Raises:
        OSError: there is no driver, or NVML cannot be had; the text says why.
    """
    try:
        nvml = nvml or load("pynvml")
        nvml.nvmlInit()
        version, number = nvml.nvmlSystemGetDriverVersion(), nvml.nvmlSystemGetCudaDriverVersion()
    except Exception as error:  # whatever a driver or a library raises, torch has the last word
        raise OSError(f"NVML: {error}") from error
    return Driver(version, (number // 1000, number % 1000 // 10))


def read_gpu(device: str, nvml: Any = None, uuid: str = "") -> GpuState:
    """Read torch's device `cuda` or `cuda:INDEX`.

    Args:
        device: name of the device, as torch gives it.
        nvml: the module `pynvml`; None imports it.
        uuid: NVML's name of the device; none asks torch.

    Raises:
        OSError: NVML cannot be had, or does not know the GPU; the text says why.
    """
    try:
        from bench.machine.gpus.nvml import handle_of, uuid_of

        nvml = nvml or load("pynvml")
        handle = handle_of(uuid or uuid_of(device), nvml)
    except Exception as error:  # whatever a driver, a library or torch raises here, the cell is to be measured
        raise OSError(f"NVML: {error}") from error
    return _state(nvml, handle)


def _state(nvml: Any, handle: Any) -> GpuState:
    unread: dict[str, str] = {}

    def ask(what: str, question: str, *arguments: Any) -> Any:
        try:
            return getattr(nvml, question)(handle, *arguments)
        except Exception as error:  # noqa: BLE001 - NVML's errors are made by its module, which may be a newer one
            unread[what] = f"NVML: {error}"
            return None

    # the name until driver 535; the new one is not in older bindings
    current = "nvmlDeviceGetCurrentClocksThrottleReasons"
    if hasattr(nvml, "nvmlDeviceGetCurrentClocksEventReasons"):
        current = "nvmlDeviceGetCurrentClocksEventReasons"
    clock = ask("gpu_clock", "nvmlDeviceGetClockInfo", _SM_CLOCK)
    bits = ask("gpu_slowed_by", current)
    slowed = {
        what: ask(f"gpu_{what}", "nvmlDeviceGetViolationStatus", policy)
        for what, policy in (("hot", _THERMAL_POLICY), ("capped", _POWER_POLICY))
    }
    return GpuState(
        clock=None if clock is None else clock * 1e6,
        temperature=ask("gpu_temperature", "nvmlDeviceGetTemperature", _TEMPERATURE),
        slowed_by=None if bits is None else tuple(words for bit, words in CLOCK_REASONS.items() if bits & bit),
        **{what: None if found is None else found.violationTime / 1e9 for what, found in slowed.items()},
        unread=unread,
    )

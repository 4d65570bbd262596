"""Identity and settings of a CUDA device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.lazy import lazy, load

torch = lazy("torch")

_SM_CLOCK = 1
EXCLUSIVE = "exclusive"
PROHIBITED = "prohibited"
_COMPUTE_MODES = {0: "default", 1: EXCLUSIVE, 2: PROHIBITED, 3: EXCLUSIVE}
"""Names of the compute modes, by how many processes at a time may use the GPU: any, one, none."""


@dataclass(frozen=True)
class Identity:
    """Identity of one GPU; values that are None are unknown, and `unread` says why."""

    name: str
    memory: int
    """Memory in bytes; for a slice of a GPU (MIG), its own."""
    multiprocessors: int
    capability: str
    """Compute capability as `major.minor`."""
    uuid: str | None = None
    """NVML's name of the GPU."""
    power_limit: float | None = None
    """Power limit in watts, as set; a laptop's driver may enforce less on battery, which does not change the
    identity."""
    max_clock: float | None = None
    """Highest clock of the multiprocessors, in Hz."""
    ecc: bool | None = None
    """Whether the memory corrects errors, which takes bandwidth."""
    mig: bool | None = None
    """Whether the GPU is divided into slices (MIG)."""
    persistence: bool | None = None
    """Whether the driver keeps the GPU awake while no process uses it."""
    compute_mode: str | None = None
    """`default`, `exclusive` (one process at a time) or `prohibited`."""
    unread: dict[str, str] = field(default_factory=dict)


def identify(device: str, nvml: Any = None) -> Identity:
    """Ask torch and NVML about a device, without making a CUDA context.

    Args:
        device: name of the device, as torch gives it.
        nvml: the module `pynvml`; None imports it.
    """
    from bench.machine.gpus.nvml import handle_of, uuid_of

    seen = torch.cuda.get_device_properties(device)
    known = {
        "name": seen.name,
        "memory": seen.total_memory,
        "multiprocessors": seen.multi_processor_count,
        "capability": f"{seen.major}.{seen.minor}",
    }
    try:
        uuid = uuid_of(device)
        nvml = nvml or load("pynvml")
        handle = handle_of(uuid, nvml)
    except Exception as error:  # noqa: BLE001 - whatever a driver or a library raises, torch knows the rest
        return Identity(**known, unread={"settings": str(error)})
    settings, unread = _settings(nvml, handle)
    return Identity(**known, uuid=uuid, **settings, unread=unread)


def described(device: Mapping[str, Any]) -> str:
    """Properties of a GPU that decide its speed: name, memory and power limit.

    Args:
        device: an `Identity` as plain data.
    """
    limit = device["power_limit"]
    parts = [device["name"], f"{device['memory'] / 2**30:.0f} GiB", f"{limit:.0f} W" if limit is not None else ""]
    return ", ".join(filter(None, parts))


def _settings(nvml: Any, handle: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Settings that NVML reports, by the names of `Identity`, and reasons for the missing ones."""
    found: dict[str, Any] = {}
    unread: dict[str, str] = {}
    questions: dict[str, Callable[[], Any]] = {
        "power_limit": lambda: nvml.nvmlDeviceGetPowerManagementLimit(handle) / 1e3,  # it gives mW
        "max_clock": lambda: nvml.nvmlDeviceGetMaxClockInfo(handle, _SM_CLOCK) * 1e6,  # and MHz
        "ecc": lambda: bool(nvml.nvmlDeviceGetEccMode(handle)[0]),
        "mig": lambda: bool(nvml.nvmlDeviceGetMigMode(handle)[0]),
        "persistence": lambda: bool(nvml.nvmlDeviceGetPersistenceMode(handle)),
        "compute_mode": lambda: _COMPUTE_MODES[nvml.nvmlDeviceGetComputeMode(handle)],
    }
    for name, question in questions.items():
        try:
            found[name] = question()
        except Exception as error:  # noqa: BLE001 - NVML's errors are made by its module, which may be a newer one
            unread[name] = f"NVML: {error}"
    return found, unread

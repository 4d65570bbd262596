"""How much memory inference and training take at their peak."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cell import Samples
from bench.declare.catalog import measure
from bench.declare.nature import Detail
from bench.errors import Unsupported
from bench.lazy import lazy
from bench.machine.nvml import Gpu, uuid_of
from bench.measures.timing import forward, step

if TYPE_CHECKING:
    from bench.clock import Clock
    from bench.network.subject import Subject

torch = lazy("torch")
_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


@measure(unit="B", better="lower", details=[Detail("reserved", "B"), Detail("device_process", "B")])
def peak_memory(subject: Subject, clock: Clock) -> Samples:
    """Peak memory, weights included: growth of the process on a CPU, what torch allocated on a GPU.

    On a CPU from the process's size just before the model is built (`baseline`). On a GPU `reserved` is the peak
    of what the allocator took for it, `device_process` what the process holds of the device afterwards, context
    and kernels included; the allocator gives nothing back before. All in bytes.
    """
    measured = _on_cuda if subject.cost.device.startswith("cuda") else _on_cpu
    peak, details = measured(subject)
    weights = sum(p.numel() * p.element_size() for p in subject.model.parameters())
    return Samples((float(peak),), details={"weights": weights, **details})


def _on_cpu(subject: Subject) -> tuple[int, dict[str, Any]]:
    before = _restart_peak()
    _use(subject)
    return _bytes("VmHWM") - before, {"baseline": before}


def _on_cuda(subject: Subject) -> tuple[int, dict[str, Any]]:
    device = subject.cost.device
    torch.cuda.reset_peak_memory_stats(device)
    _use(subject)
    details = {"reserved": torch.cuda.max_memory_reserved(device), **_of_process(device)}
    return torch.cuda.max_memory_allocated(device), details


def _of_process(device: str) -> dict[str, Any]:
    """What this process holds of a GPU by NVML, or why that cannot be told: a detail, not the figure."""
    try:
        return {"device_process": Gpu(uuid_of(device)).bytes_of(os.getpid())}
    except Unsupported as error:
        return {"device_process": None, "device_process_reason": str(error)}


def _use(subject: Subject) -> None:
    """Run what the scenario's mode says; two training steps, since the first leaves momentum behind."""
    if subject.cost.mode == "infer":
        forward(subject)()
        return
    call = step(subject)
    call()
    call()


def _restart_peak() -> int:
    """Set the process's peak to its present resident size; returns that size in bytes."""
    try:
        _RESET.write_text("5")
        return _bytes("VmRSS")
    except OSError as error:
        raise Unsupported(f"the peak of a process needs Linux's {_RESET}: {error.strerror}") from error


def _bytes(field: str) -> int:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024  # it gives kB, which are KiB
    raise Unsupported(f"{_STATUS} has no {field}")

"""Peak memory of inference and training."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cell import Samples
from bench.declare.catalog import measure
from bench.declare.nature import Detail
from bench.errors import Unsupported
from bench.lazy import lazy
from bench.machine.gpus.nvml import NvmlGpu, uuid_of
from bench.measures._halving import fitting
from bench.measures.timing import forward, step

if TYPE_CHECKING:
    from bench.clock import Clock
    from bench.network.subject import Subject

torch = lazy("torch")
_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


_OF_DEVICE = ("reserved", "workspaces", "device_growth", "device_process")


@measure(unit="B", better="lower", details=[Detail(name, "B") for name in _OF_DEVICE])
def peak_memory(subject: Subject, clock: Clock) -> Samples:
    """Peak memory, weights included: growth of the process on a CPU, what torch allocated on a GPU.

    On a CPU from the process's size just before the model is built (`baseline`). All in bytes.

    On CUDA of the second pass or step, which finds what libraries keep from the first. `workspaces` is what cuBLAS
    keeps of the peak (8.5 MB, on Hopper 32 MiB, for each thread that multiplies, so that training has two):
    of a small network nearly all of it. The rest beside `weights` is input, activations and workspaces of cuDNN
    (which come and go), each rounded up. `reserved` is the peak of what the allocator took. The device's own
    accounts hold kernels and libraries, too: `device_growth` is by how much its free memory shrank from before the
    model was built, whoever took it, `device_process` what NVML says that the process holds afterwards, with the
    context, where NVML can tell. A batch that does not fit is halved.

    Raises:
        Unsupported: the system does not tell, or onnxruntime executes it.
    """
    if subject.cost.execution == "onnx":
        raise Unsupported("the peak of a process that exports to ONNX is that of the export, not of the network")
    return fitting(subject, clock, lambda: _peak(subject))


def _peak(subject: Subject) -> Samples:
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
    free, _ = torch.cuda.mem_get_info(device)
    torch.cuda.reset_peak_memory_stats(device)
    _use(subject)
    torch.cuda.synchronize(device)
    left, _ = torch.cuda.mem_get_info(device)
    peak, reserved = torch.cuda.max_memory_allocated(device), torch.cuda.max_memory_reserved(device)
    details = {"reserved": reserved, "device_growth": free - left, **_of_process(device)}
    return peak, {**details, "workspaces": _workspaces(device)}


def _workspaces(device: str) -> int:
    """Bytes of cuBLAS workspaces in the allocator's memory, which are released: cuBLAS allocates them anew when
    needed."""
    before: int = torch.cuda.memory_allocated(device)
    torch._C._cuda_clearCublasWorkspaces()  # torch's own CUDA graphs do so, too
    return before - int(torch.cuda.memory_allocated(device))


def _of_process(device: str) -> dict[str, Any]:
    """GPU memory that this process holds by NVML, or why that is unknown: a detail, not the figure."""
    try:
        return {"device_process": NvmlGpu(uuid_of(device)).bytes_of(os.getpid())}
    except Unsupported as error:
        return {"device_process": None, "device_process_reason": str(error)}


def _use(subject: Subject) -> None:
    """Run the scenario's mode, twice where the first run leaves something behind.

    A training step leaves momentum, and on CUDA any pass leaves what cuBLAS keeps.
    """
    call = forward(subject) if subject.cost.mode == "infer" else step(subject)
    call()
    if subject.cost.mode == "train" or subject.cost.device.startswith("cuda"):
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

"""How much memory inference and training take at their peak."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.catalog import measure
from bench.cell import Samples
from bench.errors import Unsupported
from bench.lazy import lazy
from bench.measures.timing import forward, step

if TYPE_CHECKING:
    from bench.measures.clock import Clock
    from bench.subject import Subject

torch = lazy("torch")
_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


@measure(unit="B", better="lower")
def peak_memory(subject: Subject, clock: Clock) -> Samples:
    """Peak memory, weights included: growth of the process on a CPU, what torch allocated on a GPU."""
    on_cuda = subject.cost.device.startswith("cuda")
    return _on_cuda(subject) if on_cuda else _of_process(subject)


def _of_process(subject: Subject) -> Samples:
    before = _restart_peak()
    _use(subject)
    peak = _kibibytes("VmHWM")
    return Samples((float(peak - before) * 1024,), details={**_parts(subject), "baseline": before * 1024})


def _on_cuda(subject: Subject) -> Samples:
    torch.cuda.reset_peak_memory_stats()
    _use(subject)
    reserved = torch.cuda.max_memory_reserved()
    return Samples((float(torch.cuda.max_memory_allocated()),), details={**_parts(subject), "reserved": reserved})


def _use(subject: Subject) -> None:
    """Run what the scenario's mode says; two training steps, since the first leaves momentum behind."""
    if subject.cost.mode == "infer":
        forward(subject)()
        return
    call = step(subject)
    call()
    call()


def _parts(subject: Subject) -> dict[str, Any]:
    weights = sum(p.numel() * p.element_size() for p in subject.model.parameters())
    return {"weights": weights}


def _restart_peak() -> int:
    """Set the process's peak to its present resident size; returns that size in KiB."""
    try:
        _RESET.write_text("5")
        return _kibibytes("VmRSS")
    except OSError as error:
        raise Unsupported(f"the peak of a process needs Linux's {_RESET}: {error.strerror}") from error


def _kibibytes(field: str) -> int:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    raise Unsupported(f"{_STATUS} has no {field}")

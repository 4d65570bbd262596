"""Size of the file of a model's weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.cell import Samples
from bench.declare.catalog import measure
from bench.lazy import lazy

if TYPE_CHECKING:
    from bench.clock import Clock
    from bench.network.subject import Subject

torch = lazy("torch")


@measure(unit="B", better="lower", repeats="anywhere", depends_on=())
def file_size(subject: Subject, clock: Clock) -> Samples:
    """Size of `torch.save` of the state dict: float32 weights and buffers, auxiliary heads included."""
    file = _CountedBytes()
    torch.save(subject.draft().model.state_dict(), file)
    return Samples((float(file.size),))


class _CountedBytes:
    """A file that discards all content and counts its bytes."""

    def __init__(self) -> None:
        self.size = 0
        """Bytes written so far."""

    def write(self, data: bytes) -> int:
        """Count the bytes."""
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing, since nothing is kept."""

"""Memory that a device would need which one does not have."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from bench.cell import Samples
from bench.declare.catalog import measure
from bench.errors import Unsupported
from bench.lazy import lazy

if TYPE_CHECKING:
    from bench.clock import Clock
    from bench.measures import _fake_tensors as fake_tensors
    from bench.network.subject import Subject
else:
    fake_tensors = lazy("bench.measures._fake_tensors")

LEFT_OUT = (
    "what a device takes beside tensors: the allocator's rounding and caching, workspaces of cuDNN, cuBLAS or"
    " oneDNN, the CUDA context and its kernels; and what a fused operator holds while it runs"
)


@measure(
    unit="B",
    better="lower",
    repeats="anywhere",
    provenance="derived",
    depends_on=("precision", "memory_format", "batch", "resolution"),
)
def predicted_memory(subject: Subject, clock: Clock) -> Samples:
    """Peak memory of all tensors, weights and images included, on any device: from shapes alone.

    Its `parts` (bytes) add up to it; `parts_at_most` are each at its own highest: at a peak in the forward
    pass there are no gradients. Activations hold autocast's copies of weights, `other` the images and labels.
    Autocast goes by the CPU's rules, which keep a few operators in 16 bits that CUDA's compute in 32.

    Raises:
        Unsupported: this torch lacks what memory is predicted with.
    """
    try:
        peak_of = fake_tensors.peak_of
    except (ImportError, AttributeError) as error:
        raise Unsupported(
            f"memory is predicted by torch's private MemTracker, which torch {version('torch')} lacks: {error}"
        ) from error
    anywhere = replace(subject.cell, scenario=replace(subject.cost, device="cpu", execution="eager"))
    held = peak_of(type(subject)(anywhere, subject.shelf, subject.report))
    details = {"parts": held.at_peak, "parts_at_most": held.at_most, "left_out": LEFT_OUT}
    return Samples((float(sum(held.at_peak.values())),), details=details)

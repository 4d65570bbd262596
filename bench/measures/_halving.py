"""Halving of a batch that does not fit on a GPU until it does."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.cell import Samples
from bench.lazy import lazy
from bench.machine.oom import is_out_of_memory

if TYPE_CHECKING:
    from bench.clock import Clock
    from bench.network.subject import Subject

torch = lazy("torch")


def fitting(subject: Subject, clock: Clock, measured: Callable[[], Samples]) -> Samples:
    """Measurement at the subject's batch or, on CUDA, at the first of its halves that fits on the GPU.

    Where it was halved, the details have the `batch` that was measured, and `halved_from`.

    Args:
        subject: has that batch in the end.
        clock: counts the seconds anew for each half.
        measured: takes the samples, of the batch that the subject has then.

    Raises:
        Exception: what says that memory does not suffice, of a single image, or elsewhere than on CUDA.
    """
    asked = subject.batch
    while (found := _attempt(subject, measured)) is None:
        # not in the handler: there the error still holds what was allocated
        subject.halve()
        let_go(subject.cost.device)
        clock.restart()
    if subject.batch == asked:
        return found
    return replace(found, details={**found.details, "batch": subject.batch, "halved_from": asked})


def let_go(device: str) -> None:
    """Free device memory that a failed attempt still holds.

    Raises:
        RuntimeError: the error has ended CUDA's context (an illegal access, a failed assertion): nothing can be
            measured any more.
    """
    gc.collect()  # what a step holds may hold the step
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
        torch.cuda.empty_cache()


def _attempt(subject: Subject, measured: Callable[[], Samples]) -> Samples | None:
    """Result of one attempt; None where the GPU's memory does not suffice and the batch can be halved."""
    try:
        return measured()
    except Exception as error:
        if subject.batch == 1 or not subject.cost.device.startswith("cuda") or not is_out_of_memory(error):
            raise
    return None

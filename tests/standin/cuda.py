"""A stand-in for CUDA, so that what runs on a GPU can be tested where there is none.

It records what is asked of `torch.cuda` and of NVML, in order, and for which GPU. Arithmetic is real: a tensor on
`cuda` lies on the CPU (or on `meta`, where only its place and size matter). Kernels are asynchronous as on a GPU:
on the stand-in's own time, launching takes the host's seconds and running them the GPU's; only `synchronize`, an
event or a value that is read makes the host wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pynvml
import pytest
import torch

from bench import clock
from bench.machine.device import NVML_CHECK, set_precision
from bench.measures import energy
from tests.standin.card import Card
from tests.standin.machine import CONTEXT as CONTEXT
from tests.standin.machine import StandIn as StandIn
from tests.standin.tensors import Generator, Placement, is_pinned, pinned

_SET_BY_JOBS = ("CUBLAS_WORKSPACE_CONFIG", *NVML_CHECK)
TIMED = (clock, energy)
"""Modules that read the time."""


class _Autocast(torch.autocast):
    """Autocast whose `cuda` is the CPU's: its lists of operators differ a little, its types do not."""

    def __init__(self, device_type: str, *args: Any, **kwargs: Any) -> None:
        super().__init__("cpu" if device_type == "cuda" else device_type, *args, **kwargs)


def _with(placement: Placement) -> Callable[[threading.Thread], None]:
    run = threading.Thread.run

    def placed(thread: threading.Thread) -> None:
        with placement:
            run(thread)

    return placed


def restore_arithmetic() -> None:
    """Give torch the number formats and kernels that it has by itself; a job sets them for its process."""
    backends: Any = torch.backends
    for setting in (backends, backends.mkldnn, backends.cudnn):
        setting.fp32_precision = "none"
    set_precision()
    backends.cudnn.allow_tf32 = True
    backends.cudnn.benchmark = backends.cudnn.deterministic = False
    torch.use_deterministic_algorithms(False)


@contextmanager
def stand_in(*cards: Card, lies_on: str = "cpu") -> Iterator[StandIn]:
    """Have torch and NVML see GPUs that are made up, and clocks tell the stand-in's time.

    What a job settles for its process, arithmetic and environment, is undone at the end.

    Args:
        cards: in order; none is a single one as `Card` describes it.
        lies_on: where tensors on CUDA are in truth: `cpu`, or `meta` where only their places and sizes matter.
    """
    made = StandIn(cards or (Card(),), lies_on)
    with pytest.MonkeyPatch.context() as patch:
        for name, function in made.functions().items():
            patch.setattr(torch.cuda, name, function)
        patch.setattr(torch._C, "_cuda_clearCublasWorkspaces", made.clear_workspaces, raising=False)
        for name, function in made.nvml.functions().items():
            patch.setattr(pynvml, name, function)
        for module in TIMED:
            patch.setattr(module, "time", made.time)
        patch.setattr(torch.Tensor, "pin_memory", pinned)
        patch.setattr(torch.Tensor, "is_pinned", is_pinned)
        patch.setattr(threading.Thread, "run", _with(made.placement))  # each thread has modes of its own
        patch.setattr(torch, "Generator", Generator)
        patch.setattr(torch, "autocast", _Autocast)
        patch.setattr(torch.backends.cuda, "is_built", lambda: True)
        patch.setattr(torch.backends.cudnn, "version", lambda: 91002)
        patch.setattr(torch.version, "cuda", "13.0")
        for name in _SET_BY_JOBS:
            patch.setenv(name, "")  # remembered, to be put back
            patch.delenv(name)
        try:
            with made.placement:
                yield made
        finally:
            restore_arithmetic()

"""Preparation of a job's device and arithmetic before it computes."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

from bench.errors import UsageError

NVML_CHECK = {"PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
"""Environment of a fork server in which `torch.cuda.is_available()` asks NVML, so that a catalogue starts no
CUDA."""
_MIXED = (8, 0)
"""Compute capability from which on tensor cores support tf32 and bf16."""


def prepare(device: str, precision: str = "fp32") -> None:
    """Set the arithmetic and, on CUDA, make this device the current one, with its context.

    A context takes seconds, which no later clock must find; and torch answers some questions for the current
    device alone.
    """
    set_precision(precision)
    if not device.startswith("cuda"):
        return
    import torch

    torch.cuda.set_device(int(indexed(device).removeprefix("cuda:")))  # it refuses a device without an index
    torch.zeros(1, device=device)
    torch.cuda.synchronize(device)


def indexed(device: str) -> str:
    """The device with an index, which `cuda` alone lacks."""
    return "cuda:0" if device == "cuda" else device


def set_precision(precision: str = "fp32") -> None:
    """Have float32 products and convolutions compute in TF32 for `tf32`, in full float32 for all else.

    By itself, cuDNN uses TF32. A catalogue may have set torch's older flags or the newer ones: both are set, since
    torch raises where they disagree.
    """
    backends = _backends()
    name = "tf32" if precision == "tf32" else "ieee"
    with warnings.catch_warnings():
        # torch 2.9 and 2.10 warn of the older flags, which their own Inductor still reads
        warnings.simplefilter("ignore")
        backends.cuda.matmul.allow_tf32 = precision == "tf32"
        backends.cudnn.allow_tf32 = precision == "tf32"
    for setting in (backends.cuda.matmul, backends.cudnn.conv, backends.cudnn.rnn):
        setting.fp32_precision = name
    for setting in (backends.mkldnn.matmul, backends.mkldnn.conv, backends.mkldnn.rnn):
        setting.fp32_precision = "ieee"  # on a CPU there is no tf32


def autotune(on: bool) -> None:
    """Let cuDNN try its kernels on each new shape and keep the fastest, or choose by its own rules."""
    _backends().cudnn.benchmark = on


def precision_in_force() -> dict[str, bool]:
    """Whether products and convolutions on CUDA compute in TF32 now; never raises, whatever has been set."""
    backends = _backends()
    return {
        "tf32_matmul": backends.cuda.matmul.fp32_precision == "tf32",
        "tf32_cudnn": backends.cudnn.conv.fp32_precision == "tf32",
    }


def computes_in(precision: str, device: str | int) -> bool:
    """Whether a GPU computes in a number format natively, rather than in fp32."""
    import torch

    if precision not in ("tf32", "bf16"):
        return True
    if torch.version.hip:  # AMD's numbers of capability are others, and tf32 is NVIDIA's
        return precision == "bf16"
    return bool(torch.cuda.get_device_capability(device) >= _MIXED)


def see_only(device: str) -> None:
    """Let this process see one GPU alone; CUDA must not have been started in it.

    Args:
        device: torch's name of it, with its index, as this process sees GPUs now; empty: nothing changes.
    """
    if not device:
        return
    index = int(indexed(device).removeprefix("cuda:"))
    visible = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    os.environ["CUDA_VISIBLE_DEVICES"] = visible[index] if visible else str(index)


def ask_cuda_itself() -> None:
    """Undo `NVML_CHECK` in a job: NVML counts GPUs even where CUDA cannot use them."""
    for name in NVML_CHECK:
        os.environ.pop(name, None)


def refuse_started_cuda(catalog: str) -> None:
    """Make sure that a catalogue has not started CUDA in this process, from which others are forked.

    Raises:
        UsageError: it has: none of them could use a GPU.
    """
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        raise UsageError(
            f"{catalog} starts CUDA when it is imported, after which no process forked from the importing one can"
            " use a GPU: use the device only in the functions that it declares"
        )


def _backends() -> Any:
    """`torch.backends`, typed loosely since its stubs lack the settings by operator."""
    import torch

    return torch.backends

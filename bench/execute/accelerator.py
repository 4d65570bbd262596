"""Facts about the GPU that a plan is for."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from bench.declare.declarations import Accelerator
from bench.execute.jobs import Probe
from bench.execute.local.executor import LocalExecutor
from bench.execute.underway import finish
from bench.machine.gpus.gpu import read_driver

_LIMIT = 120.0
"""Seconds after which looking is given up."""


@cache
def see_accelerator(device: str) -> Accelerator | None:
    """The GPU that torch calls so, as a worker sees it; None where there is none, or it is not told.

    A context of CUDA must not be made in this process; whether the device is there at all is looked at later.
    """
    kind, _, index = device.partition(":")
    if kind != "cuda" or not _may_have_one():
        return None
    executor = LocalExecutor(fork=False)
    try:
        outcome = finish(executor, Probe(), _LIMIT)
    finally:
        executor.close()
    name = f"cuda:{index or 0}"
    formats = outcome.details.get("precisions", {}).get(name)
    if formats is None:
        return None
    return Accelerator(tuple(formats), outcome.details.get("devices", {}).get(name, {}).get("memory"))


def _may_have_one() -> bool:
    """Whether looking for a GPU, which takes seconds, may find one: not without NVIDIA's driver, unless torch is
    AMD's."""
    try:
        read_driver()
    except OSError:
        return "rocm" in version("torch")
    return True

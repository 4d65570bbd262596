"""Options of `run` for the conditions of cost: lists multiply the planned cells."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from bench.cell import EXECUTIONS, MEMORY_FORMATS, PRECISIONS
from bench.cli.options.values import batch, joined, listed, one_of, positive, side, switch


def add_cost_options(parser: argparse.ArgumentParser) -> None:
    """Add a group of options, none of which has a default: what is left out, the suites choose."""
    about = "Several values, as in 1,8, multiply the cells."
    conditions = parser.add_argument_group("conditions of cost", about)

    def add(name: str, read: Callable[[str], Any], values: str, help: str, **more: Any) -> None:
        conditions.add_argument(name, type=listed(read), action="append", metavar=values, help=help, **more)

    precisions = f"{', '.join(PRECISIONS)} (default: fp32; on CUDA bf16)"
    add("--precision", one_of("precision", PRECISIONS), "NAME", precisions)
    formats = one_of("memory format", MEMORY_FORMATS)
    order = "order of the axes (default: contiguous; on CUDA channels_last)"
    add("--memory-format", formats, ",".join(MEMORY_FORMATS), order)
    execution = one_of("way to run", EXECUTIONS)
    ways = "by torch (eager, compiled, CUDA graphs), or by onnxruntime (pip install 'evobench[onnx]')"
    add("--execution", execution, ",".join(EXECUTIONS), ways)
    short: dict[str, Any] = {"nargs": "?", "const": ("compiled",), "dest": "execution"}
    add("--compile", execution, ",".join(EXECUTIONS), "the same; alone: compiled", **short)
    add(
        "--autotune",
        switch("autotune"),
        "on,off",
        "have cuDNN try its kernels for each shape; alone: on",
        nargs="?",
        const=(True,),
    )
    add("--batch", batch, "N,best", "images at once (default: as the suite says)")
    add("--resolution", side, "PX", "side of the input (default: the architecture's own)")
    add(
        "--threads",
        positive("threads", 1024),
        "N",
        "threads of torch (default: all CPUs, and one for what learns)",
    )


def cost_wish(arguments: argparse.Namespace) -> dict[str, Any]:
    """Part of the options that a run keeps as its request."""
    return {
        "precision": joined(arguments.precision),
        "memory_format": joined(arguments.memory_format),
        "execution": joined(arguments.execution),
        "autotune": joined(arguments.autotune),
        "batch": joined(arguments.batch),
        "resolution": joined(arguments.resolution),
        "threads": joined(arguments.threads),
    }

"""Compilation of networks for learning, by `torch.compile`."""

from __future__ import annotations

import shutil
import tempfile
import weakref

from torch import nn

from bench.learning.training.task import TrainingTask
from bench.network.compiler import compile_cold, require_compiler


def to_learn(module: nn.Module, owner: object, task: TrainingTask) -> nn.Module:
    """The module that runs at each step: itself, or compiled where the task says so.

    Steps are all of one batch and in one mode, so that they are compiled once. Answers, whose batches have several
    sizes, are given by the module itself.

    Args:
        module: a network, or its upper part.
        owner: object with whose end the compiled code on disk is removed.
        task: says how it is executed, and on which device.

    Raises:
        Unsupported: nothing can be compiled here; the message names what is missing.
    """
    if task.execution == "eager":
        return module
    require_compiler(task.device)
    folder = tempfile.mkdtemp(prefix="evobench-compiled-")
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return compile_cold(module, task.device, folder)

"""Networks that are compiled to learn: by `torch.compile`, before the seconds, and told where a part is not."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from bench.errors import Unsupported
from bench.network.building import trainable_parameters
from bench.network.compiler import compile_cold, require_compiler
from bench.network.soundness import as_it_was

if TYPE_CHECKING:
    from bench.learning.training.networks import Network
    from bench.learning.training.task import Task


def to_learn(module: nn.Module, owner: object, task: Task) -> nn.Module:
    """What runs at each step: the module itself, or compiled where the task says so.

    Steps are all of one batch and in one mode, so that they are compiled once. Answers, whose batches have several
    sizes, are given by the module itself.

    Args:
        module: a network, or its upper part.
        owner: what is compiled is on disk as long as it lives.
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


def compile_ahead(network: Network, task: Task) -> dict[str, Any]:
    """Have a step compiled, forward and back; returns what is to be told: the graphs, and the breaks between them.

    The network, its statistics and all random streams stay as they are.

    Raises:
        Unsupported: the compiler found nothing that it could take.
    """
    device = next(network.model.parameters()).device
    torch.compiler.reset()  # else a network like one that this process has compiled would be taken for uncompiled
    before = _compiled()
    with as_it_was(network.model), torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        scores = network.unchanged(torch.arange(task.batch) % len(task.partition.train))
        parameters = trainable_parameters(network.model)
        torch.autograd.grad(scores, parameters, torch.randn_like(scores), allow_unused=True)
    graphs, breaks = (now - then for now, then in zip(_compiled(), before, strict=True))
    if not graphs:
        raise Unsupported("torch.compile found nothing in the network that it could compile")
    return {"compiled": {"graphs": graphs, "breaks": breaks}}


def _compiled() -> tuple[int, int]:
    """Graphs that were compiled in this process, and places where one had to end for Python to go on."""
    from torch._dynamo.utils import counters

    return counters["stats"]["unique_graphs"], sum(counters["graph_break"].values())

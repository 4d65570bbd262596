"""One step of a copy before a training, so that the training's time excludes the set-up at a first step."""

from __future__ import annotations

from typing import Any

import torch

from bench.errors import Unsupported
from bench.learning.training.loop import TrainingPlan, scaler_of, take_step
from bench.learning.training.networks import Network, loss_of
from bench.learning.training.task import TrainingTask
from bench.machine.oom import is_out_of_memory
from bench.network.building import trainable_parameters
from bench.network.soundness import as_it_was

SET_UP = "set_up"
"""Detail of a record that says whether the seconds include the set-up at the first step."""


def rehearse(network: Network, task: TrainingTask, training: TrainingPlan) -> dict[str, Any]:
    """Take a step of the network's copy and wait for its end; returns details for the record.

    Libraries load their kernels, choose among them and take their memory at the first step, which can last longer
    than a short training. On a CPU it lasts little longer than any other, and nothing is done, unless the training
    is for a time: it must not lose any to a module that is loaded.

    What is to be compiled is compiled on any device.

    Raises:
        Unsupported: the compiler found nothing that it could take.
    """
    on_cuda = task.device.startswith("cuda")
    compiled = {} if task.execution == "eager" else compile_ahead(network, task)
    told = "before the seconds"
    if not on_cuda and training.duration is None:
        return {**compiled, SET_UP: told} if compiled else {}
    try:
        step_of_copy(network, task, training)
    except Exception as error:  # noqa: BLE001 - the training has the same error, unless it is the copy that cannot be
        why = "no memory for a second one" if is_out_of_memory(error) else " ".join(str(error).split())
        told = f"within the seconds: the network was not copied ({why})"
    if on_cuda:
        torch.cuda.synchronize(task.device)
    return {**compiled, SET_UP: told}


def step_of_copy(network: Network, task: TrainingTask, training: TrainingPlan) -> None:
    """A step of the network's copy, which leaves the training's random streams and weights unchanged."""
    device = next(network.model.parameters()).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        copied = network.copied()
        parameters = trainable_parameters(copied.model)
        loss = loss_of(copied, task, torch.arange(task.batch) % len(task.partition.train))
        take_step(loss, parameters, training.optimizer(parameters), scaler_of(training, parameters), training)
        copied.close()


def compile_ahead(network: Network, task: TrainingTask) -> dict[str, Any]:
    """Compile a step, forward and backward; returns details for the record: the graphs, and the breaks between
    them.

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
    """Number of graphs compiled in this process, and of graph breaks at which Python had to continue."""
    from torch._dynamo.utils import counters

    return counters["stats"]["unique_graphs"], sum(counters["graph_break"].values())

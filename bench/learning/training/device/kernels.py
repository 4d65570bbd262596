"""Choice of a CPU's kernels for a training in 16 bits, by a step and by answers of its own network."""

from __future__ import annotations

import torch
from torch import nn

from bench.learning.data.view import batches
from bench.learning.surgery import set_train
from bench.learning.training.task import EVALUATION_BATCH, TrainingTask
from bench.network.building import trainable_parameters
from bench.network.soundness import Kernels, sound_kernels


def kernels_for(model: nn.Module, task: TrainingTask, trained: tuple[str, ...]) -> Kernels:
    """The kernels that are sound for a step of the task and for its answers.

    Args:
        model: model on its device, frozen below the part that is trained; it is not changed.
        task: the images.
        trained: dotted names of what learns.

    Raises:
        Unsupported: none are.
    """
    return sound_kernels(model, lambda: _passes(model, task, trained), task.precision, task.device)


def _passes(model: nn.Module, task: TrainingTask, trained: tuple[str, ...]) -> None:
    set_train(model, trained)
    with task.computing():
        scores = task.outputs.scores(model(_images(task, task.batch)))
    # gradients of a size that fp16 holds, without a scale
    torch.autograd.grad(scores, trainable_parameters(model), torch.randn_like(scores), allow_unused=True)
    model.eval()
    partition = task.partition
    numbers = (len(partition.val), partition.tested, len(partition.looked_at()))
    answered = (batches(torch.arange(n), EVALUATION_BATCH) for n in numbers)
    for size in sorted({len(part) for parts in answered for part in parts}):
        with torch.no_grad(), task.computing():
            model(_images(task, size))


def _images(task: TrainingTask, number: int) -> torch.Tensor:
    """Images of one full batch for the model, repeated where there are fewer."""
    positions = task.seen[torch.arange(number) % len(task.seen)]
    return task.view.ready(task.view.fit(task.pixels[positions]), task.device)

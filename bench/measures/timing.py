"""How long things take: latency, throughput, the training step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.catalog import measure
from bench.cell import Samples
from bench.lazy import lazy

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.measures.clock import Clock
    from bench.subject import Subject

torch = lazy("torch")


@measure(unit="s", better="lower")
def latency(subject: Subject, clock: Clock) -> Samples:
    """Time of one forward pass of one batch in eval mode, device synchronised."""
    return clock.sample(forward(subject))


@measure(unit="1/s", better="higher")
def throughput(subject: Subject, clock: Clock) -> Samples:
    """Images per second of forward passes of a fixed batch in eval mode, device synchronised."""
    timed = clock.sample(forward(subject))
    batch = subject.cost.batch
    return Samples(tuple(batch / s for s in timed.values), tuple(batch / s for s in timed.warmup), timed.details)


@measure(unit="s", better="lower")
def train_step(subject: Subject, clock: Clock) -> Samples:
    """Time of one training step of one batch: forward, cross-entropy, backward, SGD with momentum."""
    return clock.sample(step(subject))


def forward(subject: Subject) -> Callable[[], object]:
    """One forward pass of the subject's batch, without gradients."""
    model, images = subject.model, subject.images

    def call() -> object:
        with torch.inference_mode(), subject.precision():
            return model(images)

    return call


def step(subject: Subject) -> Callable[[], object]:
    """One training step of the subject's batch. Auxiliary classifiers are trained too, at weight 0.3.

    The weight is that of GoogLeNet's paper (Szegedy et al. 2014, section 5).
    """
    model, images, labels = subject.model, subject.images, subject.labels
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    loss_of = torch.nn.functional.cross_entropy

    def call() -> object:
        optimizer.zero_grad(set_to_none=True)
        with subject.precision():
            output = model(images)
            logits, *auxiliary = output if isinstance(output, tuple) else (output,)
            loss = loss_of(logits, labels)
            for aux in auxiliary:
                if aux is not None:
                    loss = loss + 0.3 * loss_of(aux, labels)
        loss.backward()
        optimizer.step()
        return loss

    return call

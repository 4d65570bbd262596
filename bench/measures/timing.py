"""How long things take: latency, throughput, the training step."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.cell import BEST, Samples
from bench.clock import MINIMUM
from bench.declare.catalog import measure
from bench.declare.nature import Detail
from bench.errors import Unsupported
from bench.lazy import lazy
from bench.machine.oom import is_out_of_memory
from bench.network.building import trainable_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from bench.clock import Clock
    from bench.network.subject import Subject
else:
    torch = lazy("torch")

LARGEST = 1024
"""Batch at which the search for the best one ends."""
GAIN = 0.05
"""A doubling that brings less than this share of images per second more brings nothing."""
FLAT = 2
"""Doublings in a row that must bring nothing before the search ends: one alone may be noise."""
TRIAL = 0.1
"""Share of the seconds left that one batch of the search takes: of ten doublings, a third remains for the best."""
TRIES = 10
"""Calls by which a batch of the search is judged, at most."""
WHOLE = 0.8
"""Share of the seconds left in which training steps are timed as wholes; the rest is for their parts."""
AUXILIARY = 0.3
"""Weight of an auxiliary classifier's loss: GoogLeNet's (Szegedy et al. 2014, section 5)."""


@measure(unit="s", better="lower")
def latency(subject: Subject, clock: Clock) -> Samples:
    """Time of one forward pass of one batch in eval mode, device synchronised."""
    return clock.sample(forward(subject))


@measure(unit="1/s", better="higher", finds_batch=True, details=[Detail("best_batch", "1")])
def throughput(subject: Subject, clock: Clock) -> Samples:
    """Images per second of forward passes of a fixed or the best batch in eval mode, device synchronised.

    The best batch is found by doubling; `search` has the images per second of each batch that was tried.
    """
    if subject.cost.batch != BEST:
        return images_per_second(clock.sample(forward(subject)), subject.batch)
    search, ended = _search(subject, clock)
    best = max(search, key=lambda trial: trial["median"])["batch"]
    timed = images_per_second(clock.sample(forward(subject, subject.images_of(best))), best)
    found = {"best_batch": best, "search": search, "search_ended": ended}
    return replace(timed, details={**timed.details, **found})


@measure(unit="s", better="lower")
def train_step(subject: Subject, clock: Clock) -> Samples:
    """Time of one training step of one batch: forward, cross-entropy, backward, SGD with momentum.

    `parts` has raw seconds of forward, backward and optimizer, of steps of their own after the whole ones: what
    overlaps in a whole step no longer does where the device is synchronised between the parts.
    """
    whole = step(subject)
    timed = clock.sample(whole, WHOLE)
    details = {**timed.details, "parts": clock.split(whole.parts)}
    if whole.scaler.is_enabled():
        # from 65536 it halves with each step whose gradients overflow, which the optimizer then leaves out
        details["loss_scaling"] = {"by": "torch.amp.GradScaler", "scale": whole.scaler.get_scale()}
    return replace(timed, details=details)


def forward(subject: Subject, images: torch.Tensor | None = None) -> Callable[[], object]:
    """One forward pass without gradients, of the subject's batch or of these images."""
    model = subject.model
    batch = subject.images if images is None else images
    unseen = True

    def call() -> object:
        nonlocal unseen
        with torch.inference_mode(), subject.precision():
            output = model(batch)
        if unseen:  # in the first call, which is never a sample
            subject.outputs.tensors(output)
            unseen = False
        return output

    return call


def step(subject: Subject) -> TrainingStep:
    """One training step of the subject's batch, to be called as a whole or part by part."""
    return TrainingStep(subject)


class TrainingStep:
    """Forward, backward and update of one batch. Auxiliary classifiers are trained too, at weight `AUXILIARY`."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._model, self._images, self._labels = subject.model, subject.images, subject.labels
        self._optimizer = torch.optim.SGD(trainable_parameters(self._model), lr=1e-3, momentum=0.9)
        self._loss: Any = None
        # without scaling, most gradients of fp16 would be zero; nobody trains so
        self.scaler = torch.amp.GradScaler(subject.cost.device, enabled=subject.cost.precision == "fp16")

    def __call__(self) -> None:
        """One whole step."""
        for part in self.parts.values():
            part()

    @property
    def parts(self) -> dict[str, Callable[[], None]]:
        """What makes up a step, in order."""
        return {"forward": self._forward, "backward": self._backward, "optimizer": self._update}

    def _forward(self) -> None:
        loss_of = torch.nn.functional.cross_entropy
        with self._subject.precision():
            output, outputs = self._model(self._images), self._subject.outputs
            scores = outputs.scores(output)
            if scores.dim() != 2:
                shape = " x ".join(map(str, scores.shape))
                raise Unsupported(f"its output, {shape}, is no row of scores to train on")
            self._loss = loss_of(scores, self._labels)
            for auxiliary in outputs.auxiliary(output):
                self._loss = self._loss + AUXILIARY * loss_of(auxiliary, self._labels)

    def _backward(self) -> None:
        self.scaler.scale(self._loss).backward()

    def _update(self) -> None:
        """Step and drop the gradients: the next forward pass finds none, as in training."""
        self.scaler.step(self._optimizer)
        self.scaler.update()
        self._optimizer.zero_grad(set_to_none=True)


def images_per_second(timed: Samples, batch: int) -> Samples:
    """Seconds turned into rates; `first_call` stays in seconds, a p99 of seconds is dropped."""
    details = {name: value for name, value in timed.details.items() if name != "p99"}
    return Samples(tuple(batch / s for s in timed.values), tuple(batch / s for s in timed.warmup), details)


def _search(subject: Subject, clock: Clock) -> tuple[list[dict[str, Any]], str]:
    """Images per second (median of n calls) by batch, doubled from 1, and what ended it, in words."""
    found: list[dict[str, Any]] = []
    batch, best, flat = 1, 0.0, 0
    while True:
        rates = _trial(subject, clock, batch)
        if rates is None:
            return found, f"memory did not suffice for a batch of {batch}"
        rate = median(rates)
        found.append({"batch": batch, "median": rate, "n": len(rates)})
        flat = flat + 1 if rate < (1 + GAIN) * best else 0
        best = max(best, rate)
        if flat == FLAT:
            return found, f"{FLAT} doublings in a row brought less than {100 * GAIN:g} % more"
        if batch == LARGEST:
            return found, f"{LARGEST} is the largest batch that is tried"
        batch *= 2
        if not _fits(batch / rate, clock):
            return found, "the seconds were over"


def _fits(seconds: float, clock: Clock) -> bool:
    """Whether a batch that takes so long can be tried, and then timed if it is the best."""
    return 2 * (1 + MINIMUM) * seconds <= clock.left()


def _trial(subject: Subject, clock: Clock, batch: int) -> tuple[float, ...] | None:
    """Images per second of a few calls, warmed up on their shape; None where memory does not suffice."""
    try:
        timed = clock.sample(forward(subject, subject.images_of(batch)), TRIAL, TRIES)
        return images_per_second(timed, batch).values
    except Exception as error:
        if batch == 1 or not is_out_of_memory(error):
            raise
    # not in the handler: there the error still holds what was allocated
    if subject.cost.device.startswith("cuda"):
        torch.cuda.empty_cache()
    return None

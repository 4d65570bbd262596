"""Durations: latency, throughput, the training step."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.cell import BEST, Samples
from bench.declare.catalog import measure
from bench.declare.nature import Detail
from bench.errors import Unsupported
from bench.lazy import lazy
from bench.measures._halving import fitting
from bench.measures._search import TRIAL, TRIES, largest, searched
from bench.network.building import trainable_parameters
from bench.network.graphs import Recorded
from bench.network.onnx import Exported

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import nn

    from bench.clock import Clock
    from bench.network.subject import Subject
else:
    torch = lazy("torch")

WHOLE = 0.8
"""Share of the seconds left in which calls are timed as a whole; the rest is for parts and the device's time."""
LAUNCHING = 1 / 3
"""Share of a call's time spent waiting for the host above which launching is reported as the limit."""
AUXILIARY = 0.3
"""Weight of an auxiliary classifier's loss: GoogLeNet's (Szegedy et al. 2014, section 5)."""


_OF_DEVICE = (Detail("device_time", "s"), Detail("launching", "1"), Detail("bound_by"))
"""Details of times and rates on CUDA."""


@measure(unit="s", better="lower", details=_OF_DEVICE)
def latency(subject: Subject, clock: Clock) -> Samples:
    """Time of one forward pass of one batch in eval mode, device synchronised.

    Under the execution `onnx` the network is exported, and its outputs are compared with torch's, in the first
    call, which is not a sample; the detail `onnx` has the versions and the difference.

    On CUDA `device_time` is the median by the device's own clock, the work queued before it begins and caches as
    they are, `launching` the share of the time that it is not, and `bound_by` says which of the two is the limit.
    """
    call = forward(subject)
    return beside_device(clock.sample(call, _share(clock)), clock, call)


@measure(
    unit="1/s",
    better="higher",
    finds_batch=True,
    details=[Detail("best_batch", "1"), Detail("queued", "1/s"), *_OF_DEVICE],
)
def throughput(subject: Subject, clock: Clock) -> Samples:
    """Images per second of forward passes of a fixed or the best batch in eval mode, device synchronised.

    The best batch is found by doubling; `search` has the images per second of each batch that was tried. A fixed
    one that a GPU does not hold is halved. On CUDA `queued` is the rate of passes that are not waited for, in
    blocks; the rest is as of `latency`.
    """
    if subject.cost.batch == BEST:
        return _of_best(subject, clock)
    return fitting(subject, clock, lambda: _rates(clock, forward(subject), subject.batch))


@measure(unit="s", better="lower", details=_OF_DEVICE)
def train_step(subject: Subject, clock: Clock) -> Samples:
    """Time of one training step of one batch: forward, cross-entropy, backward, SGD with momentum.

    `parts` has raw seconds of forward, backward and optimizer, of steps of their own after the whole ones: what
    overlaps in a whole step no longer does where the device is synchronised between the parts. A CUDA graph has no
    parts. A batch that a GPU does not hold is halved; the device's time is as of `latency`.
    """
    return fitting(subject, clock, lambda: _steps(subject, clock))


def _steps(subject: Subject, clock: Clock) -> Samples:
    whole = step(subject)
    timed = clock.sample(whole, WHOLE)
    details = dict(timed.details)
    if subject.cost.execution != "graphs":
        details["parts"] = clock.split(whole.parts)
    if whole.scaler.is_enabled():
        # from 65536 it halves with each step whose gradients overflow, which the optimizer then leaves out
        details["loss_scaling"] = {"by": "torch.amp.GradScaler", "scale": whole.scaler.get_scale()}
    return beside_device(replace(timed, details=details), clock, whole)


def _of_best(subject: Subject, clock: Clock) -> Samples:
    """Throughput of the batch that a search finds.

    On CUDA, where compiling takes minutes a shape, the search runs uncompiled, and the best batch is compiled.
    """
    on_cuda = subject.cost.device.startswith("cuda")
    apart = on_cuda and subject.cost.execution == "compiled"
    model = subject.uncompiled if apart else subject.model

    def rates_of(batch: int) -> tuple[float, ...]:
        timed = clock.sample(forward(subject, subject.images_of(batch), model), TRIAL, TRIES)
        return images_per_second(timed, batch).values

    image = subject.architecture.channels * subject.cost.resolution**2
    search = searched(clock, largest(subject.cost.device, image), rates_of)
    if apart:
        clock.first_call = None  # that of the compiled model is what compiling takes
    timed = _rates(clock, forward(subject, subject.images_of(search.best)), search.best)
    found = {**search.details, **({"searched": "eager"} if apart else {})}
    return replace(timed, details={**timed.details, **found})


def _rates(clock: Clock, call: Callable[[], object], batch: int) -> Samples:
    """Images per second of calls with a batch, on CUDA also of calls that are not waited for."""
    timed = beside_device(clock.sample(call, _share(clock)), clock, call, 1 / 2)
    rates = images_per_second(timed, batch)
    waited_for = isinstance(call, Exported)  # onnxruntime returns when it is done
    blocks = [] if waited_for else [batch / seconds for seconds in clock.queued(call, median(timed.values))]
    queued = {"queued": median(blocks), "queued_blocks": blocks} if blocks else {}
    return replace(rates, details={**rates.details, **queued})


def _share(clock: Clock) -> float:
    """Share of the seconds left for samples: all, where the device has no clock of its own."""
    return WHOLE if clock.device.startswith("cuda") else 1.0


def beside_device(timed: Samples, clock: Clock, call: Callable[[], object], share: float = 1.0) -> Samples:
    """The samples, in seconds, with details from the device's own clock, where it has one.

    What onnxruntime launches goes by a stream of its own, which that clock does not see.

    Args:
        timed: samples of the call, the device synchronised.
        clock: clock that the samples were taken with.
        call: one call.
        share: share of the seconds left that this may take.
    """
    seconds = [] if isinstance(call, Exported) else clock.on_device(call, share)
    if not seconds:
        return timed
    device = median(seconds)
    launching = max(0.0, 1 - device / median(timed.values))
    bound = "launching" if launching > LAUNCHING else "device"
    found = {"device_time": device, "device_times": seconds, "launching": launching, "bound_by": bound}
    return replace(timed, details={**timed.details, **found})


def forward(
    subject: Subject, images: torch.Tensor | None = None, model: nn.Module | None = None
) -> Callable[[], object]:
    """One forward pass without gradients, by default of the subject's batch and model."""
    model = subject.model if model is None else model
    batch = subject.images if images is None else images
    if subject.cost.execution == "onnx":
        return Exported(model, batch, subject.cost, subject.notes)
    unseen = True

    def call() -> object:
        nonlocal unseen
        with torch.inference_mode(), subject.precision():
            output = model(batch)
        if unseen:  # in the first call, which is never a sample
            subject.outputs.tensors(output)
            unseen = False
        return output

    return Recorded(call, subject.cost.device) if subject.cost.execution == "graphs" else call


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
        self._graph = self._recorded() if subject.cost.execution == "graphs" else None

    def __call__(self) -> None:
        """Run one whole step."""
        if self._graph:
            self._graph()
        else:
            self._in_turn()

    def _recorded(self) -> Recorded:
        if self.scaler.is_enabled():
            raise Unsupported(
                "a training step in fp16 cannot be a CUDA graph: before it updates the weights, the host reads"
                " whether gradients overflowed"
            )
        return Recorded(self._in_turn, self._subject.cost.device)

    def _in_turn(self) -> None:
        for part in self.parts.values():
            part()

    @property
    def parts(self) -> dict[str, Callable[[], None]]:
        """Parts of a step, in order."""
        return {"forward": self._forward, "backward": self._backward, "optimizer": self._update}

    def _forward(self) -> None:
        loss_of = torch.nn.functional.cross_entropy
        with self._subject.precision():
            output, outputs = self._model(self._images), self._subject.outputs
            scores = outputs.scores(output)
            if scores.dim() != 2:
                shape = " x ".join(map(str, scores.shape))
                raise Unsupported(f"its output, {shape}, is not a row of scores to train on")
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
    """Samples in seconds converted to rates; `first_call` stays in seconds, and the p99 is dropped."""
    details = {name: value for name, value in timed.details.items() if name != "p99"}
    return Samples(tuple(batch / s for s in timed.values), tuple(batch / s for s in timed.warmup), details)

"""Throughput of augmentations, which feed a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.cell import Cell, Learning, Samples
from bench.declare.artifact import Artifact
from bench.declare.catalog import ARCHITECTURES, measure
from bench.errors import UsageError
from bench.lazy import lazy
from bench.learning.artifacts import target_of
from bench.learning.scenario import check
from bench.learning.weights.preprocessing import preprocessing_for
from bench.measures.timing import images_per_second

if TYPE_CHECKING:
    from bench.clock import Clock
    from bench.learning.data import augment, fitting
    from bench.learning.data import images as data
    from bench.learning.training import order as training
    from bench.network.subject import Subject
else:
    augment = lazy("bench.learning.data.augment")
    fitting = lazy("bench.learning.data.fitting")
    data = lazy("bench.learning.data.images")
    training = lazy("bench.learning.training.order")


def _artifacts(cell: Cell) -> tuple[Artifact, ...]:
    if not isinstance(cell.scenario, Learning):
        raise UsageError(f"{cell.measure} needs a scenario of learning")
    check(cell.scenario)
    return (target_of(cell.architecture, cell.scenario),)


@measure(unit="1/s", better="higher", kind="learning", artifacts=_artifacts)
def augmentation_rate(subject: Subject, clock: Clock) -> Samples:
    """Images per second of picking a batch from memory and augmenting it, in the architecture's channels and size.

    Each sample is one batch of the target's images, in an order of its own; the CPU does it, whatever device
    trains. Without augmentation it is the picking alone.
    """
    scenario = subject.learning
    (artifact,) = _artifacts(subject.cell)
    stored = data.read_dataset(artifact, subject.shelf)
    channels = ARCHITECTURES.get(subject.cell.architecture).channels
    how = preprocessing_for(subject.cell.architecture, scenario.weights, scenario.target)
    images = fitting.fit_to(stored.pixels, channels, None if stored.fitted else how.at(scenario.resolution))
    batches = training.ImageOrder(len(images), scenario.batch, scenario.seed)
    change = augment.Augmenter(scenario.augmentation, scenario.seed, pipeline=scenario.pipeline)
    return images_per_second(clock.sample(lambda: change(images[next(batches)])), scenario.batch)

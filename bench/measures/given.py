"""Accuracy of weights as they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.cell import Cell, Samples
from bench.clock import Clock
from bench.declare.artifact import Artifact
from bench.declare.catalog import measure
from bench.declare.nature import Detail
from bench.lazy import lazy
from bench.learning.given.listing import check, listing_of
from bench.network.subject import Subject

if TYPE_CHECKING:
    from bench.learning.given import evaluation
else:
    evaluation = lazy("bench.learning.given.evaluation")

_NUMBERS = ("top5", "top1_among_present", "published_top1", "published_top5")
_COUNTS = ("n_test", "classes_present", "bad_images")
_WORDS = ("classes_matched", "published_by", "pictures", "not_compared", "preprocessing")


def _artifacts(cell: Cell) -> tuple[Artifact, ...]:
    return (listing_of(check(cell)),)


@measure(
    unit="1",
    nature="share",
    better="higher",
    kind="learning",
    repeats="host",
    artifacts=_artifacts,
    details=[
        *(Detail(name, "1", processes="first") for name in (*_NUMBERS, *_COUNTS)),
        *(Detail(name, processes="first") for name in _WORDS),
    ],
)
def top1_as_is(subject: Subject, clock: Clock) -> Samples:
    """Right first answers of weights as they are: 1 or 0 for each picture, in the order of the files."""
    return evaluation.evaluate(subject.cell, subject.shelf, subject.report)

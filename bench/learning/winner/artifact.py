"""The artifact of a network that is taken away. Says what it is made from; loads no torch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.cell import Cell, Learning
from bench.declare.artifact import PRODUCERS, Artifact, Report, Shelf, producer
from bench.declare.loading.code import code_digest
from bench.lazy import lazy
from bench.learning.artifacts import needs_of, places_of
from bench.validity import as_read, written

if TYPE_CHECKING:
    from bench.learning.winner import making
else:
    making = lazy("bench.learning.winner.making")

SPLIT, ALL = "split", "all"
"""What a network is trained on: the training images of its split, or all labelled ones."""
ACCURACY = "top1"
"""The measure whose trainings are made anew."""


def winner_of(cell: Cell, on: str) -> Artifact:
    """The network of a training, made anew.

    Raises:
        UsageError: the scenario makes no sense, or a file that it names is not there.
    """
    scenario = cell.scenario
    assert isinstance(scenario, Learning)
    needs = needs_of(cell)
    if on == ALL:  # heads are trained with it
        needs = replace(needs, heads=None)
    code = code_digest(PRODUCERS.place("winner"), *places_of(cell.architecture, scenario))
    spec = (("architecture", cell.architecture), *written(scenario).items(), ("on", on))
    return Artifact("winner", spec, needs.all(), code)


@producer
def winner(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Train a scenario anew, and write down its network."""
    spec: dict[str, Any] = dict(artifact.spec)
    architecture, on = spec.pop("architecture"), spec.pop("on")
    cell = Cell(architecture, ACCURACY, Learning(**as_read(Learning, spec)))
    making.make_winner(artifact, cell, shelf, report, everything=on == ALL)

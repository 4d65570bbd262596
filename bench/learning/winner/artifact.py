"""Artifact of an exported network, and its inputs; loads no torch."""

from __future__ import annotations

from dataclasses import asdict, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from bench.cell import Cell, Learning
from bench.declare.artifact import PRODUCERS, Artifact, Report, Shelf, producer
from bench.declare.loading.code import code_digest
from bench.errors import Unsupported, UsageError
from bench.lazy import lazy
from bench.learning.artifacts import needs_of, places_of
from bench.learning.recipes import Values
from bench.network.onnx import require_onnx
from bench.transfer import transfer_of
from bench.validity import as_read, written

if TYPE_CHECKING:
    from bench.learning.winner import making
else:
    making = lazy("bench.learning.winner.making")

SPLIT, ALL = "split", "all"
"""Images that a network is trained on: the training images of its split, or all labelled ones."""
_GIVEN = "given_"
"""Key of the chosen values in the artifact's spec."""
NEIGHBOURS = "knn"
"""Name of the head that learns nothing."""
ACCURACY = "top1"
"""Measure whose trainings are repeated."""


def winner_of(cell: Cell, on: str, values: Values | None = None) -> Artifact:
    """Artifact of a training's network, which is trained anew.

    Args:
        cell: the training.
        on: `SPLIT` or `ALL`.
        values: values that the same training chose when it was tuned; None: they are chosen anew.

    Raises:
        UsageError: the scenario makes no sense, a file that it names is not there, or it has no network that
            could be taken away, or none on all images.
    """
    scenario = cell.scenario
    assert isinstance(scenario, Learning)
    _require_network(scenario, on)
    needs = needs_of(cell)
    if on == ALL:  # heads are trained with it
        needs = replace(needs, heads=None)
    code = code_digest(PRODUCERS.place("winner"), *places_of(cell.architecture, scenario))
    given = () if values is None else ((f"{_GIVEN}{name}", value) for name, value in asdict(values).items())
    about = (("on", on), ("onnx", _exporters()), *given)
    spec = (("architecture", cell.architecture), *written(scenario).items(), *about)
    return Artifact("winner", spec, needs.all(), code)


def _exporters() -> str:
    """Versions of the packages that write and check an ONNX file; empty where that is not possible here."""
    try:
        require_onnx()
    except Unsupported:
        return ""
    return " ".join(version(name) for name in ("onnx", "onnxruntime", "onnxscript"))


def _require_network(scenario: Learning, on: str) -> None:
    transfer = transfer_of(scenario.mode)
    if transfer.head == NEIGHBOURS:
        raise UsageError(
            f"'{scenario.mode}' has no weights that could be taken away: it looks up the training images;"
            " name another with --scenario, such as features+logistic"
        )
    if on == ALL and scenario.patience:
        raise UsageError("without validation images no patience ends a training: take --on split")
    if on == ALL and transfer.frozen and scenario.augmentation != "none":
        raise UsageError("a head on augmented views is trained on the images of its split: take --on split")


@producer
def winner(artifact: Artifact, shelf: Shelf, report: Report) -> None:
    """Train a scenario anew, and write its network."""
    spec: dict[str, Any] = dict(artifact.spec)
    architecture, on, _ = (spec.pop(name) for name in ("architecture", "on", "onnx"))
    given = {name.removeprefix(_GIVEN): spec.pop(name) for name in list(spec) if name.startswith(_GIVEN)}
    cell = Cell(architecture, ACCURACY, Learning(**as_read(Learning, spec)))
    values = Values(**given) if given else None
    making.make_winner(artifact, cell, values, shelf, report, everything=on == ALL)

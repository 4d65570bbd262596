"""Cells and artifacts that read files which only the driver's machine has. Loads no torch."""

from __future__ import annotations

from bench.cell import Cell, Learning
from bench.declare.artifact import Artifact
from bench.learning.scenario import file_of
from bench.learning.weights.preprocessing import is_fetched
from bench.transfer import AS_IS

_OF_PICTURES = ("dataset", "listing")
"""Kinds of artifacts that are made from a data set's own files."""


def reads_files(cell: Cell) -> bool:
    """Whether a cell reads pictures or weights from where the user or a library keeps them."""
    where = cell.scenario
    if not isinstance(where, Learning):
        return False
    return where.mode == AS_IS or _are_files(cell.architecture, where.weights)


def made_from_files(artifact: Artifact) -> bool:
    """Whether making an artifact reads such files."""
    spec = dict(artifact.spec)
    if artifact.kind in _OF_PICTURES:
        return True
    return "weights" in spec and _are_files(str(spec["architecture"]), str(spec["weights"]))


def _are_files(architecture: str, weights: str) -> bool:
    return bool(file_of(weights)) or is_fetched(architecture, weights)

"""What of the user's files a run was begun with: to go on with others would mix two experiments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bench.cell import Cell, Learning
from bench.declare.catalog import DATASETS
from bench.errors import UsageError
from bench.learning.scenario import file_of, source_of
from bench.learning.weights.files import weights_digest

SETTING = "files"
"""Under which a run's settings keep them."""


def files_of(cells: Iterable[Cell]) -> dict[str, str]:
    """Digests of the weights' files and of the images of the user's own that the cells read, by their names."""
    scenarios = [cell.scenario for cell in cells if isinstance(cell.scenario, Learning)]
    weights = {s.weights: weights_digest(s.weights) for s in scenarios if file_of(s.weights)}
    names = dict.fromkeys(name for s in scenarios for name in (s.target, source_of(s.weights)) if name)
    states = {name: DATASETS.get(name).state() for name in names}
    return {**weights, **{name: state for name, state in states.items() if state}}


def require_same_files(settings: Mapping[str, Any], run: str, cells: Iterable[Cell]) -> None:
    """Make sure that a run that is gone on with finds the files that it was begun with.

    Raises:
        UsageError: one has changed, or is not there any more.
    """
    before = settings.get(SETTING, {})
    if not before:
        return
    now = files_of(cells)
    changed = [name for name, digest in before.items() if now.get(name) != digest]
    if changed:
        raise UsageError(f"'{changed[0]}' has changed since run {run} began: begin a new run")


def asked(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Of a run's settings what the user asked for."""
    return {name: value for name, value in settings.items() if name != SETTING}

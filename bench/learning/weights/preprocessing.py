"""Preprocessing of a scenario's weights. Loads no torch, unless the weights have not been inspected before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.cell import Cell, Learning
from bench.declare.catalog import ARCHITECTURES, DATASETS
from bench.declare.declarations import Architecture
from bench.declare.preprocessing import DEFAULT, Preprocessing
from bench.lazy import lazy
from bench.learning.scenario import file_of, source_of
from bench.learning.weights.shipped import IMAGENET, declared, shipped

if TYPE_CHECKING:
    from bench.learning.weights import inspection
else:
    inspection = lazy("bench.learning.weights.inspection")

UNTRAINED = Preprocessing(said_by=f"{DEFAULT}: random weights have none of their own")
_TRAINED_HERE = replace(UNTRAINED, said_by=f"{DEFAULT}: as pretrained here")
_ABSENT = replace(UNTRAINED, said_by=f"{DEFAULT}: there are no such weights")

_KNOWN: dict[str, Preprocessing] = {}


def preprocessing_for(architecture: str, weights: str, target: str) -> Preprocessing:
    """Preprocessing of a data set's pictures for a network with these weights.

    Raises:
        UsageError: the file of the weights does not fit the architecture, or what lies beside it is not sound.
    """
    own = preprocessing_of(ARCHITECTURES.get(architecture), weights)
    return own.completed(DATASETS.get(target).resolution)


def preprocessing_of(architecture: Architecture, weights: str) -> Preprocessing:
    """Preprocessing that the weights state, for any data set.

    Raises:
        UsageError: the file of the weights does not fit the architecture, or what lies beside it is not sound.
    """
    weights = shipped(architecture, weights)
    if weights == "random":
        return UNTRAINED
    if source_of(weights):
        return _TRAINED_HERE
    if not _must_be_looked_into(weights):
        item = declared(architecture, weights)
        return item.preprocessing if item else _ABSENT
    key = _key(architecture.name, weights)
    if key not in _KNOWN:
        _KNOWN[key] = inspection.inspected(architecture, weights) or _ABSENT
    return _KNOWN[key]


def to_look_into(cells: Iterable[Cell]) -> tuple[tuple[str, str], ...]:
    """Pairs of architecture and weights, each once, that only a process with torch can inspect."""
    pairs = (
        (cell.architecture, cell.scenario.weights)
        for cell in cells
        if isinstance(cell.scenario, Learning) and _must_be_looked_into(cell.scenario.weights)
    )
    return tuple(pair for pair in dict.fromkeys(pairs) if _key(*pair) not in _KNOWN)


def known_preprocessing() -> dict[str, Any]:
    """Known preprocessings as plain data; `receive_preprocessing` takes them over in another process."""
    return {key: found.to_dict() for key, found in _KNOWN.items()}


def receive_preprocessing(known: Mapping[str, Any]) -> None:
    """Take over the result of `known_preprocessing` in another process."""
    _KNOWN.update({key: Preprocessing.from_dict(found) for key, found in known.items()})


def forget_preprocessing() -> None:
    """Forget all preprocessings, so that weights are inspected again when next asked for: a new run begins."""
    _KNOWN.clear()


def is_fetched(architecture: str, weights: str) -> bool:
    """Whether these weights are downloaded by a library on demand; the catalogues must be loaded."""
    if weights == "random" or source_of(weights) or file_of(weights):
        return False
    item = ARCHITECTURES.get(architecture)
    name = shipped(item, weights)
    found = declared(item, name)
    return found.cached is not None if found else name == IMAGENET


def _must_be_looked_into(weights: str) -> bool:
    return weights == IMAGENET or bool(file_of(weights))


def _key(architecture: str, weights: str) -> str:
    return f"{architecture} {weights}"

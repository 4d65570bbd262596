"""The largest parts of a difference, on which all pairs of processes agree, explain a verdict. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from bench.compare.causes.difference import PYTHON, Cause, Kind, ProfilePart
from bench.compare.causes.layers import Pair, ProfiledLayer
from bench.compare.causes.rows import ProfileRow, agreed, summed, whole

LEAST_SHARE = 0.05
"""Smallest share of the difference that a cause explains."""
MOST = 5
"""Causes of each kind."""
MAIN = 0.8
"""Share of a layer's difference from which on one operator is named as the one that makes it."""
_ALL = ProfiledLayer("", "")


def causes_of_time(rows: Sequence[ProfileRow]) -> tuple[Cause, ...]:
    """The layers and the operators that explain the change of all rows, in seconds."""
    total = whole(rows).change
    by_layer = _grouped(rows, lambda row: (row.layers, ""))
    by_item = _grouped(rows, lambda row: ((_ALL, _ALL), row.item))
    layers = [(summed(pair, "", group), _named(group)) for (pair, _), group in by_layer.items()]
    operators = [(summed(pair, item, group), _operator(item)) for (pair, item), group in by_item.items()]
    return (
        *_causes("layer", _explaining(layers, total), total, "s"),
        *_causes("operator", _explaining(operators, total), total, "s"),
    )


def causes_of_memory(rows: Sequence[ProfileRow]) -> tuple[Cause, ...]:
    """The tensors that explain the change of all rows, in bytes."""
    total = whole(rows).change
    named = [(row, f"{row.item} of {_layer_name(row.part)}, {row.largest}".removesuffix(", ")) for row in rows]
    return _causes("tensor", _explaining(named, total), total, "B")


def causes_of_count(rows: Sequence[ProfileRow]) -> tuple[Cause, ...]:
    """The layers that explain the change of all rows, a count."""
    total = whole(rows).change
    return _causes("layer", _explaining([(row, _layer_name(row.part)) for row in rows], total), total, "1")


def _grouped(
    rows: Iterable[ProfileRow], key: Callable[[ProfileRow], tuple[Pair, str]]
) -> dict[tuple[Pair, str], list[ProfileRow]]:
    found: dict[tuple[Pair, str], list[ProfileRow]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _explaining(named: Iterable[tuple[ProfileRow, str]], total: float) -> list[tuple[ProfileRow, str]]:
    """Rows that explain enough of the total and on which all pairs agree, the largest first."""
    enough = [(row, name) for row, name in named if total and row.change / total >= LEAST_SHARE and agreed(row)]
    return sorted(enough, key=lambda found: -found[0].change / total)[:MOST]


def _causes(kind: Kind, found: Iterable[tuple[ProfileRow, str]], total: float, unit: str) -> tuple[Cause, ...]:
    return tuple(
        Cause(kind, name, row.part.base or None, row.part.head or None, unit, row.change / total)
        for row, name in found
    )


def _named(rows: Sequence[ProfileRow]) -> str:
    """A layer by its rows, with the operator that makes nearly all of its change."""
    change = math.fsum(row.change for row in rows)
    main = max(rows, key=lambda row: row.change / change if change else 0.0)
    name = _layer_name(main.part)
    return f"{name}, {_operator(main.item)}" if change and main.change / change >= MAIN else name


def _layer_name(part: ProfilePart) -> str:
    path = part.path or "the network itself"
    moved = f"{part.was or 'the network itself'} → {path}" if part.was is not None else path
    return f"{moved} ({part.type})" if part.type else moved


def _operator(item: str) -> str:
    return "Python outside operators" if item == PYTHON else item

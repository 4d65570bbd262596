"""Two profiles as one, row beside row. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.compare.causes.difference import OTHERS, ProfilePart
from bench.compare.causes.layers import Pair, ProfiledLayer, aligned

Rows = Sequence[Mapping[str, Any]]
"""Rows of one process of a side, as in `bench.gate.profiling.Profiled`."""
AGREEMENT = 0.2
"""Share of their median change that every pair of processes must show."""
REACH = 2.0
"""Factor by which a profile's change may lie beyond the interval of the verdict."""
PRUNED = 0.005
"""Share of the whole below which a part is kept as one of its layer's others."""


@dataclass(frozen=True)
class ProfileRow:
    """An item of a layer in each pair of processes."""

    layers: Pair
    item: str
    base: tuple[float, ...]
    head: tuple[float, ...]
    largest: str = ""

    @property
    def changes(self) -> tuple[float, ...]:
        """Head less base, pair by pair."""
        return tuple(after - before for before, after in zip(self.base, self.head, strict=True))

    @property
    def change(self) -> float:
        """Their median."""
        return median(self.changes)

    @property
    def part(self) -> ProfilePart:
        """The part of the difference that is kept of the row."""
        before, after = self.layers
        layer = after or before
        assert layer is not None
        moved = before.path if before and after and before.path != after.path else None
        type_ = f"{before.type} → {after.type}" if before and after and before.type != after.type else layer.type
        ends = (median(self.base) if before else None, median(self.head) if after else None)
        return ProfilePart(layer.path, type_, self.item, *ends, moved, self.largest)


def rows_of(base: Sequence[Rows], head: Sequence[Rows]) -> list[ProfileRow]:
    """Both sides' rows beside each other, those of a pair of processes at the same place."""
    pairs = aligned(*([_layer(row) for rows in side for row in rows] for side in (base, head)))
    place = [{pair[i]: pair for pair in pairs if pair[i]} for i in (0, 1)]
    found: dict[tuple[Pair, str], list[list[float]]] = {}
    largest: dict[tuple[Pair, str], str] = {}
    for i, side in enumerate((base, head)):
        for number, rows in enumerate(side):
            for row in rows:
                key = place[i][_layer(row)], str(row["item"])
                values = found.setdefault(key, [[0.0] * len(base), [0.0] * len(head)])
                values[i][number] += float(row["amount"])
                largest[key] = str(row.get("largest", ""))
    return [
        ProfileRow(pair, item, tuple(values[0]), tuple(values[1]), largest[pair, item])
        for (pair, item), values in found.items()
    ]


def whole(rows: Iterable[ProfileRow]) -> ProfileRow:
    """All rows as one."""
    return summed((ProfiledLayer("", ""), ProfiledLayer("", "")), "", list(rows))


def agreed(row: ProfileRow) -> bool:
    """Whether all pairs of processes show the change: with the same sign, and no pair next to none of it.

    A pair may show any more than the others, since whatever disturbs a process adds to its times.
    """
    return row.change != 0 and min(change / row.change for change in row.changes) >= AGREEMENT


def shows(row: ProfileRow, least: float, most: float) -> bool:
    """Whether a whole profile shows a change of this size: beyond its noise, the median deviation of its pairs.

    Args:
        row: the whole.
        least: smallest change in the verdict's interval, in the profile's unit.
        most: largest change in the verdict's interval, in the profile's unit.
    """
    noise = median(abs(change - row.change) for change in row.changes)
    return noise < row.change and least / REACH <= row.change <= REACH * most


def pruned(rows: Sequence[ProfileRow]) -> tuple[ProfilePart, ...]:
    """The parts to keep: what is small on both sides goes to the others of its layer, or of one around that."""
    total = whole(rows)
    least = PRUNED * max(median(total.base), median(total.head))
    kept: dict[tuple[str, str], ProfilePart] = {}
    small: dict[str, list[ProfilePart]] = {}
    for part in (row.part for row in rows):
        if max(part.base or 0.0, part.head or 0.0) >= least:
            kept[part.path, part.item] = part
        else:
            small.setdefault(part.path, []).append(part)
    # from the innermost outwards, so that what is small in many layers becomes one part of what holds them
    for depth in range(max((path.count(".") for path in small), default=0), -2, -1):
        for path in [path for path in small if _depth(path) == depth]:
            parts = small.pop(path)
            base, head = (sum(getattr(part, side) or 0.0 for part in parts) for side in ("base", "head"))
            if max(base, head) < least and path:
                small.setdefault(path.rpartition(".")[0], []).extend(parts)
            elif base or head:
                kept[path, OTHERS] = ProfilePart(path, "", OTHERS, base, head)
    return tuple(kept.values())


def _depth(path: str) -> int:
    return path.count(".") if path else -1


def _layer(row: Mapping[str, Any]) -> ProfiledLayer:
    return ProfiledLayer(str(row["path"]), str(row["type"]), str(row.get("about", "")))


def summed(layers: Pair, item: str, rows: Sequence[ProfileRow]) -> ProfileRow:
    """Rows as one, pair of processes by pair."""
    base, head = (tuple(map(math.fsum, zip(*side, strict=True))) for side in _sides(rows))
    return ProfileRow(layers, item, base, head)


def _sides(rows: Sequence[ProfileRow]) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    return [row.base for row in rows], [row.head for row in rows]

"""Two runs side by side: one verdict per cell that both have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median
from typing import Any

from bench.cell import Cell
from bench.compare.gate.decided import in_turn, kept
from bench.compare.hosts import difference_of
from bench.compare.protocol import protocol_differences
from bench.compare.verdict import POINT, Comparison, Verdict, direction, gravest_first, least_gain, without_figure
from bench.declare.nature import Nature, nature_of
from bench.errors import NotComparable
from bench.statistics import intervals as stats
from bench.store.database import RecordRow, RunRow, Store
from bench.store.outcome import CellOutcome, alike, halved_to, outcome_of, value_of
from bench.store.rows import by_cell

OTHER_HOST = "another host: speeds are not compared"


@dataclass(frozen=True)
class RunSide:
    """Records of a cell in one run."""

    run: RunRow
    cell: Cell
    declared: Mapping[str, Any]
    """Declaration of the measure as the run keeps it."""
    rows: Sequence[RecordRow]

    @cached_property
    def outcome(self) -> CellOutcome:
        """Outcome of the cell in this run."""
        return outcome_of(self.rows)

    @cached_property
    def value(self) -> float | None:
        """The figure, in the unit; None where there is none."""
        return value_of(self.nature, self.good)

    @property
    def unit(self) -> str:
        """Unit of the figure."""
        return self.rows[0].unit if self.rows else str(self.declared.get("unit", ""))

    @cached_property
    def nature(self) -> Nature:
        """Nature of the measure, as the run declares it."""
        told = {"name": self.cell.measure, "unit": self.unit, "kind": self.cell.scenario.kind}
        return nature_of(self.declared or told)

    @property
    def is_exact(self) -> bool:
        """Whether no condition changes the figure."""
        return self.nature is Nature.COUNT and self.declared.get("repeats", "anywhere") == "anywhere"

    @property
    def host(self) -> str:
        """Key of the host that its figure is of; of an attempt without one, the host that it was made on."""
        return next((row.host for row in (*self.good, *self.rows)), self.run.host_key)

    @property
    def medians(self) -> list[float]:
        """Median of each process, in the unit."""
        return [row.median for row in self.good if row.median is not None]

    @property
    def origin(self) -> tuple[str, ...]:
        """The runs that its records were made in."""
        return tuple(dict.fromkeys(row.reused_from or self.run.id for row in self.rows))

    @cached_property
    def good(self) -> list[RecordRow]:
        """The records that its figure is made of."""
        return alike(self.nature, [row for row in self.rows if row.status == "ok"])

    @property
    def batch(self) -> int:
        """Images that were taken at once, fewer than the cell's where memory did not suffice for those."""
        return next((taken for row in self.good if (taken := halved_to(row))), self.cell.scenario.batch)


@dataclass(frozen=True)
class _Pair:
    """A cell with what both runs made of it."""

    base: RunSide
    head: RunSide
    better: str

    @property
    def key(self) -> str:
        return self.head.cell.key

    @property
    def is_apart(self) -> bool:
        """Whether the figure is a speed that was measured on two hosts."""
        return self.head.nature.is_speed and self.base.host != self.head.host

    def found(self, verdict: Verdict, note: str = "", interval: stats.Interval | None = None) -> Comparison:
        base, head = self.base.value, self.head.value
        return Comparison(
            cell=str(self.head.cell),
            measure=self.head.cell.measure,
            unit=self.head.unit,
            nature=self.head.nature,
            base=base,
            head=head,
            ratio=head / base if base and head is not None else None,
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            verdict=verdict,
            note=note,
            key=self.key,
            better=self.better,
        )


def compare(store: Store, base: str, head: str, tolerance: float, force: bool) -> tuple[Comparison, ...]:
    """Compare what two runs have in common, the gravest verdict first.

    Runs that a gate measured in turn have the gate's own verdicts. Of others, counts are exact. Times and memory
    are judged by the interval of the ratio of process medians, corrected for the number of cells (Bonferroni);
    one process on a side leaves them undecided. Accuracies are paired image by image (McNemar's exact test,
    corrected after Holm).

    Args:
        store: the store that holds both runs.
        base: run to compare with.
        head: run to judge.
        tolerance: share by which a time or a peak may grow and still be fine.
        force: compare speeds of different hosts, and what was measured in different ways, all the same.

    Raises:
        NotComparable: the runs share no cell, share speeds but not the host, or were measured in different ways.
    """
    left, right = store.run(base), store.run(head)
    if decided := kept(store, left, right):
        return decided
    pairs = _pairs(store, left, right)
    if not pairs:
        raise NotComparable(f"runs {left.id} and {right.id} have no cell in common")
    if not force:
        host = "" if in_turn(left, right) else _difference(pairs)
        refused = [f"speeds of different hosts do not compare ({host})"] if host else []
        protocol = protocol_differences(store, left, right)
        refused += [f"the runs were measured in different ways ({'; '.join(protocol)})"] if protocol else []
        if refused:
            raise NotComparable(f"{'; '.join(refused)}; --force ignores that")
    return gravest_first(_judge(store, pairs, tolerance))


def side_by_side(
    store: Store, base: RunRow, head: RunRow, tolerance: float, force: bool
) -> tuple[Comparison, ...]:
    """Comparisons of the verb `compare`, for a page that shows both runs; empty where they have no cell in common.

    Speeds of different hosts stand beside each other without a ratio, undecided, unless `force` compares them.
    """
    if decided := kept(store, base, head):
        return decided
    pairs = _pairs(store, base, head)
    together = force or in_turn(base, head)
    found = _judge(store, [pair for pair in pairs if together or not pair.is_apart], tolerance)
    apart = (pair for pair in pairs if pair.is_apart and not together)
    shown = [replace(pair.found("undecided", OTHER_HOST), ratio=None) for pair in apart]
    return gravest_first([*gravest_first(found), *shown])


def differences(store: Store, base: RunRow, head: RunRow) -> tuple[str, ...]:
    """Differences between the hosts of two runs, and in how they measured, which `force` ignores."""
    if in_turn(base, head):
        return ()
    host = host_difference(store, base, head)
    protocol = protocol_differences(store, base, head)
    return (
        *([f"the hosts differ ({host})"] if host else []),
        *([f"the runs were measured in different ways ({'; '.join(protocol)})"] if protocol else []),
    )


def host_difference(store: Store, base: RunRow, head: RunRow) -> str:
    """Difference between the hosts on which two runs measured the same speeds; empty where all may be compared.

    The sides of a gate are measured on one machine, so that they always compare.
    """
    return "" if in_turn(base, head) else _difference(_pairs(store, base, head))


def _difference(pairs: Iterable[_Pair]) -> str:
    """Difference between the hosts of those pairs that are speeds; empty where all may be compared."""
    apart = (pair for pair in pairs if pair.is_apart)
    hosts = {(pair.base.host, pair.head.host): (pair.base, pair.head) for pair in apart}
    return "; ".join(
        difference_of(*(side.run.hosts.get(side.host, {}) for side in both)) for both in hosts.values()
    )


def _pairs(store: Store, base: RunRow, head: RunRow) -> Sequence[_Pair]:
    """The cells that both runs have, in the order of head's plan."""
    known = {side.cell.key: side for side in sides_of(store, base)}
    return [
        _Pair(known[side.cell.key], side, str(side.declared.get("better", "neither")))
        for side in sides_of(store, head)
        if side.cell.key in known
    ]


def sides_of(store: Store, run: RunRow) -> list[RunSide]:
    """What a run made of each cell that it planned, in the order of its plan."""
    declared = {item.name: item.content for item in store.declarations(run.id, "measure")}
    rows = by_cell(store.records(run.id))
    cells = (planned.cell for planned in store.cells(run.id))
    return [RunSide(run, cell, declared.get(cell.measure, {}), rows.get(cell.key, [])) for cell in cells]


def _judge(store: Store, pairs: Sequence[_Pair], tolerance: float) -> list[Comparison]:
    plain = {pair.key: _plain(pair) for pair in pairs}
    open_pairs = [pair for pair in pairs if plain[pair.key] is None]
    timed = [pair for pair in open_pairs if not pair.head.nature.is_share]
    found = [comparison for comparison in plain.values() if comparison]
    found += [_timed(pair, tolerance, len(timed)) for pair in timed]
    return found + _trained(store, [pair for pair in open_pairs if pair.head.nature.is_share])


def _plain(pair: _Pair) -> Comparison | None:
    """The verdict where no statistics are needed: missing figures, counts, and one record that both runs show."""
    base, head = pair.base, pair.head
    if base.rows and (base.origin, base.outcome) == (head.origin, head.outcome):
        return pair.found("fine", "the same record")
    if base.outcome.status != "ok" or head.outcome.status != "ok":
        return _missing(pair)
    if base.batch != head.batch:
        note = f"batches of {base.batch} and {head.batch} images: one was halved for want of memory"
        return replace(pair.found("undecided", note), ratio=None)
    if head.is_exact:
        before, after = base.value or 0.0, head.value or 0.0
        return pair.found("fine" if before == after else direction(pair.better, after - before), "exact")
    return None


def _missing(pair: _Pair) -> Comparison:
    base, head = pair.base.outcome.status, pair.head.outcome.status
    verdict = without_figure(base, head)
    if verdict == "regression":
        return pair.found(verdict, f"{head}: {pair.head.outcome.reason}")
    return pair.found(verdict, f"{base} in both" if base == head else f"was {base}, is {head}")


def _timed(pair: _Pair, tolerance: float, cells: int) -> Comparison:
    before, after = pair.base.medians, pair.head.medians
    grown = stats.ratio_interval(before, after, 1 - (1 - stats.LEVEL) / cells)
    note = f"{len(before)} and {len(after)} processes"
    if grown is None:
        equal = median(before) == median(after)
        return pair.found("fine" if equal else "undecided", f"{note}: no interval")
    shrunk = stats.Interval(1 / grown.high, 1 / grown.low, grown.method)
    ways = [(factor, direction(pair.better, sign)) for factor, sign in ((grown, 1.0), (shrunk, -1.0))]
    for factor, verdict in ways:
        if factor.low > 1 + tolerance:
            return pair.found(verdict, note, grown)
    safe = all(factor.high <= 1 + tolerance for factor, verdict in ways if verdict != "improvement")
    return pair.found("fine" if safe else "undecided", note, grown)


def _trained(store: Store, pairs: Iterable[_Pair]) -> list[Comparison]:
    """Accuracies, image by image."""
    found: list[tuple[_Pair, stats.PairedDifference]] = []
    unpaired: list[Comparison] = []
    for pair in pairs:
        before, after = (store.samples(side.run.id, pair.key, 0) for side in (pair.base, pair.head))
        if len(before) != len(after) or not before:
            unpaired.append(pair.found("undecided", f"{len(before)} and {len(after)} test images"))
            continue
        found.append((pair, stats.mcnemar(before, after)))
    corrected = stats.corrected([difference for _, difference in found])
    return unpaired + [_judged(pair, d) for (pair, _), d in zip(found, corrected, strict=True)]


def _judged(pair: _Pair, difference: stats.PairedDifference) -> Comparison:
    note = f"{100 * difference.mean:+z.1f} points, {difference.n} images"
    interval = difference.interval
    if interval is None and math.isclose(difference.mean, 0, abs_tol=1e-12):
        return pair.found("fine", f"equal on all {difference.n} images")
    if difference.is_sure:
        return pair.found(direction(pair.better, difference.mean), note, interval)
    safe = interval is not None and least_gain(pair.better, interval) >= -POINT
    return pair.found("fine" if safe else "undecided", note, interval)

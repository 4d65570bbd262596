"""What a comparison step by step found, as verdicts that people and CI systems are told."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, median

from bench.cell import Cell
from bench.declare.catalog import MEASURES
from bench.execute.local import Outcome
from bench.gate.session import Found
from bench.gate.trained import group_of
from bench.gate.watch import Choice, Watched
from bench.gate.workers import ENDED
from bench.statistics.sequential import Decision
from bench.store.database import RecordRow, Store
from reports import formats
from reports.comparing.comparison import VERDICTS, Comparison, Verdict

_UNANSWERED = ("unsupported",)


@dataclass(frozen=True)
class Told:
    """The runs that the evidence lies in, and what was found."""

    store: Store
    base: str
    """Run of base."""
    head: str
    found: Found
    choice: Choice
    notice: float
    """Share by which a cell that is fine is not slower."""

    def verdicts(self) -> tuple[Comparison, ...]:
        """One a cell, one a group of trainings, the gravest first."""
        items = [*self._pairs(), *self._exact(), *self._trained(), *self._failed()]
        return tuple(sorted(items, key=lambda item: (VERDICTS.index(item.verdict), -_change(item))))

    @property
    def is_incomplete(self) -> bool:
        """Whether the base could not measure something that head has."""
        return any(_is_bad(base) for base, _ in self.found.failed.values())

    def _pairs(self) -> Iterator[Comparison]:
        for item in self._of("steps", "once"):
            if item.cell.key in self.found.failed:
                continue
            decision = self.found.decisions.get(item.cell.key)
            if decision is None:
                yield _plain(item.cell, "undecided", "the budget ended before its first pair")
            else:
                yield self._pair(item.cell, decision)

    def _pair(self, cell: Cell, decision: Decision) -> Comparison:
        measure = MEASURES.get(cell.measure)
        n = len(decision.pairs)
        medians = [self._median(run, cell) for run in (self.base, self.head)]
        ratio, interval = decision.ratio, decision.interval
        low, high = (interval.low, interval.high) if interval else (None, None)
        if measure.better == "higher":  # pairs are of seconds
            ratio, low, high = 1 / ratio, high and 1 / high, low and 1 / low
        notes = {
            "undecided": f"undecided in this budget, after {n} pairs",
            "fine": f"{n} pairs: {100 * self.notice:g} % slower is excluded",
        }
        note = notes.get(decision.answer, f"{n} pairs") + self._witness(cell)
        return Comparison(
            cell=str(cell),
            measure=cell.measure,
            unit=measure.unit,
            nature=measure.nature,
            base=medians[0],
            head=medians[1],
            ratio=ratio,
            low=low,
            high=high,
            verdict=decision.answer,
            note=note,
            key=cell.key,
            better=measure.better,
            pairs=n,
            band=decision.band,
        )

    def _witness(self, cell: Cell) -> str:
        """What the instructions of a step say, where they were counted: no neighbour disturbs them."""
        base, head = (
            [count for row in self._records[run, cell.key] if (count := _instructions(row))]
            for run in (self.base, self.head)
        )
        return f"; instructions ×{median(head) / median(base):.3f}" if base and head else ""

    def _median(self, run: str, cell: Cell) -> float:
        """Of the medians of its processes, in the measure's unit."""
        return median(row.median for row in self._records[run, cell.key] if row.median is not None)

    @cached_property
    def _records(self) -> Mapping[tuple[str, str], Sequence[RecordRow]]:
        """Those of both runs by run and key of the cell: read once, since every cell asks for some."""
        found: dict[tuple[str, str], list[RecordRow]] = defaultdict(list)
        for run in dict.fromkeys((self.base, self.head)):
            for row in self.store.records(run):
                found[run, row.cell_key].append(row)
        return found

    def _exact(self) -> Iterator[Comparison]:
        for item in self._of("exact"):
            if item.cell.key not in self.found.exact:
                continue
            base, head = (median(outcome.values) for outcome in self.found.exact[item.cell.key])
            measure = MEASURES.get(item.cell.measure)
            verdict: Verdict = "fine"
            if base != head:
                verdict = "regression" if (head > base) == (measure.better == "lower") else "improvement"
            ratio = head / base if base else None
            figures = (base, head, ratio, None, None)
            names = (str(item.cell), item.cell.measure, measure.unit, measure.nature)
            yield Comparison(*names, *figures, verdict, "exact", key=item.cell.key, better=measure.better)

    def _trained(self) -> Iterator[Comparison]:
        groups: dict[str, list[Cell]] = {}
        for item in self._of("trained"):
            if item.cell.key not in self.found.failed:
                groups.setdefault(group_of(item.cell).key, []).append(item.cell)
        for key, cells in groups.items():
            yield self._training(key, cells)

    def _training(self, key: str, group: list[Cell]) -> Comparison:
        decision = self.found.trained.get(key)
        if decision is None:
            return _plain(group[0], "undecided", "the budget ended before it was trained")
        # where the budget ended half way, those that were trained were decided
        cells = [cell for cell in group if all(self._records[run, cell.key] for run in (self.base, self.head))]
        measure = MEASURES.get(cells[0].measure)
        base, head = (fmean(_means(self.store, run, cells)) for run in (self.base, self.head))
        low, high = (decision.interval.low, decision.interval.high) if decision.interval else (None, None)
        note = f"{100 * decision.change:+.1f} points" if decision.change else ""
        note = "; ".join(part for part in (note, decision.note) if part)
        return Comparison(
            cell=_name(cells),
            measure=measure.name,
            unit=measure.unit,
            nature=measure.nature,
            base=base,
            head=head,
            ratio=head / base if base else None,
            low=low,
            high=high,
            verdict=decision.answer,
            note=note,
            key=cells[0].key,
            better=measure.better,
            pairs=decision.trainings,
        )

    def _failed(self) -> Iterator[Comparison]:
        for item in self.choice.watched:
            if item.cell.key in self.found.failed:
                base, head = self.found.failed[item.cell.key]
                yield _plain(item.cell, *_failure(base, head))

    def _of(self, *ways: str) -> Iterable[Watched]:
        return [item for item in self.choice.watched if item.way in ways]


def notes_on(choice: Choice) -> tuple[str, ...]:
    """What was not run, and why."""
    notes = []
    if choice.same:
        notes.append(
            f"{_cells(len(choice.same))} not run: same code, data, weights and environment (--all runs them)"
        )
    notes += [f"not in base: {cell}: {why}" for cell, why in choice.lacking.items()]
    left = [f"{measure} ({number})" for measure, number in choice.left_out.items()]
    return (*notes, *([f"not compared step by step: {', '.join(left)}"] if left else []))


def _instructions(row: RecordRow) -> float | None:
    """Of a step, by the record of a process."""
    found: float | None = row.details.get("instructions")
    return found


def _failure(base: Outcome, head: Outcome) -> tuple[Verdict, str]:
    if _is_bad(head) and not _is_bad(base):
        return "regression", f"{head.status}: {head.reason}"
    if _is_bad(base) and not _is_bad(head):
        return "undecided", f"base: {base.status}: {base.reason}"
    if base.status == head.status == "ok":
        return "undecided", "base and head gave figures that cannot be paired"
    if base.status == head.status:
        return ("fine" if base.status in _UNANSWERED else "undecided"), f"{head.status} in both: {head.reason}"
    return "undecided", f"{base.status} in base ({base.reason}), {head.status} in head ({head.reason})"


def _is_bad(outcome: Outcome) -> bool:
    return outcome.status not in ("ok", *_UNANSWERED) and outcome != ENDED


def _plain(cell: Cell, verdict: Verdict, note: str) -> Comparison:
    measure = MEASURES.get(cell.measure)
    figures = (None, None, None, None, None)
    names = (str(cell), cell.measure, measure.unit, measure.nature)
    return Comparison(*names, *figures, verdict, note, key=cell.key, better=measure.better)


def _means(store: Store, run: str, cells: Iterable[Cell]) -> list[float]:
    return [fmean(store.samples(run, cell.key, 0)) for cell in cells]


def _name(cells: list[Cell]) -> str:
    """Of a group of trainings: the cell without its seed and fold."""
    words = [word for word in str(cells[0]).split() if not word.startswith(("seed", "fold"))]
    number = f"{len(cells)} trainings" if len(cells) > 1 else "1 training"
    return f"{' '.join(words)} ({number})"


def _change(item: Comparison) -> float:
    """By how much it changed, for the order among equals."""
    return abs(math.log(item.ratio)) if item.ratio and item.ratio > 0 else 0.0


def _cells(number: int) -> str:
    return f"{formats.cells(number)} {'was' if number == 1 else 'were'}"

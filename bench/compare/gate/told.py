"""The verdicts of a comparison step by step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean, median
from typing import Any

from bench.cell import Cell
from bench.compare.gate import counted
from bench.compare.gate.decided import largest_first
from bench.compare.spread.distribution import Spread
from bench.compare.spread.found import spread_of
from bench.compare.trained import TrainedPair, decide
from bench.compare.verdict import NO_FIGURE, Comparison, Verdict, direction, without_figure
from bench.declare.catalog import MEASURES
from bench.declare.nature import gain
from bench.execute.outcome import ENDED, Outcome
from bench.gate.counted import Counter
from bench.gate.plans import PlannedCell
from bench.gate.session import SessionOutcomes
from bench.gate.steps import Role
from bench.gate.watch import Watched, WatchedChoice
from bench.statistics.sequential import Decision, SequentialRule
from bench.store.database import RecordRow, Store
from bench.words import cells, few

DROPPED = "base watches it, head does not: put it back, or say in evobench-accepted.toml that it is meant"

GIVES_WAY: frozenset[Verdict] = frozenset({"fine", "improvement"})
"""Verdicts on the middle that `erratic` takes the place of: what is red without it stays red."""


@dataclass(frozen=True)
class GateResult:
    """The runs that the evidence lies in, and what was found."""

    store: Store
    base: str
    """Run of base."""
    head: str
    found: SessionOutcomes
    choice: WatchedChoice
    rule: SequentialRule
    dropped: tuple[PlannedCell, ...] = ()
    """Cells that the base watches and the head does not plan."""
    twin: str = ""
    """Run of base's twin; empty where none is kept, and nothing is known of spreads."""

    counter: Counter | None = None
    """Counter of instructions; None where none were counted."""

    def verdicts(self) -> tuple[Comparison, ...]:
        """One verdict for each cell and each group of trainings, the gravest first."""
        by_chance = [*self._pairs(), *self._trained()]
        return largest_first([*by_chance, *self._counted(), *self._exact(), *self._failed(), *self._dropped()])

    @property
    def is_incomplete(self) -> bool:
        """Whether the base could not measure a cell that the head has."""
        return any(_is_bad(base) for base, _ in self.found.failed.values())

    def fault_of_base(self) -> str | None:
        """Reason why the base failed, where it has no figure of any watched cell, so that nothing can be judged;
        else None."""
        failed = [self.found.failed.get(item.cell.key) for item in self.choice.watched]
        bases = [both[0] for both in failed if both]
        if len(bases) < len(failed) or not all(_is_bad(one) or one.status in NO_FIGURE for one in bases):
            return None
        return next((f"{one.status}: {one.reason}" for one in bases if _is_bad(one)), None)

    def _pairs(self) -> Iterator[Comparison]:
        for item in self._of("steps", "once"):
            if item.cell.key in self.found.failed:
                continue
            decision = self.found.decisions.get(item.cell.key)
            if decision is None:
                yield _comparison(item.cell, "undecided", "the budget ended before its first pair")
            else:
                yield self._pair(item.cell, decision)

    def _pair(self, cell: Cell, decision: Decision) -> Comparison:
        better, n = MEASURES.get(cell.measure).better, len(decision.pairs)
        ratio, interval = decision.ratio, decision.interval
        low, high = (interval.low, interval.high) if interval else (None, None)
        if gain(better, 1.0) > 0:  # of pairs, more is worse
            ratio, low, high = 1 / ratio, high and 1 / high, low and 1 / low
        notes = {
            "undecided": f"undecided in this budget, after {n} pairs",
            "fine": f"{n} pairs: {100 * self.rule.notice:g} % slower is excluded",
        }
        spread = self._spread(cell, n)
        erratic = spread is not None and spread.erratic and decision.answer in GIVES_WAY
        note = notes.get(decision.answer, f"{n} pairs") + self._witness(cell)
        return _comparison(
            cell,
            "erratic" if erratic else decision.answer,
            "; ".join(filter(None, (note, spread.note if spread else ""))),
            base=self._median(self.base, cell),
            head=self._median(self.head, cell),
            ratio=ratio,
            low=low,
            high=high,
            pairs=n,
            band=decision.band,
            spread=spread,
        )

    def _spread(self, cell: Cell, rounds: int) -> Spread | None:
        if not self.twin:
            return None
        runs: dict[Role, str] = {"base": self.base, "head": self.head, "twin": self.twin}
        return spread_of(self.store, runs, cell.key, rounds, self.rule, MEASURES.get(cell.measure).better)

    def _witness(self, cell: Cell) -> str:
        """Sentence on the instructions of a step, where they were counted: neighbours do not disturb them."""
        base, head = (
            [count for row in self._records[run, cell.key] if (count := _instructions(row))]
            for run in (self.base, self.head)
        )
        return f"; instructions ×{median(head) / median(base):.3f}" if base and head else ""

    def _median(self, run: str, cell: Cell) -> float:
        """Median of the medians of the processes, in the measure's unit."""
        return median(row.median for row in self._records[run, cell.key] if row.median is not None)

    @cached_property
    def _records(self) -> Mapping[tuple[str, str], Sequence[RecordRow]]:
        """Records of both runs by run and key of the cell: read once, since every cell asks for some."""
        found: dict[tuple[str, str], list[RecordRow]] = defaultdict(list)
        for run in dict.fromkeys((self.base, self.head)):
            for row in self.store.records(run):
                found[run, row.cell_key].append(row)
        return found

    def _counted(self) -> Iterator[Comparison]:
        for item in self._of("counted"):
            trio = self.found.counted.get(item.cell.key)
            if trio is not None and self.counter is not None:
                yield counted.comparison(item.cell, trio, self.rule, self.counter)
            elif item.cell.key not in self.found.failed:
                yield _comparison(item.cell, "undecided", "the budget ended before its instructions were counted")

    def _exact(self) -> Iterator[Comparison]:
        for item in self._of("exact"):
            if item.cell.key not in self.found.exact:
                continue
            base, head = (median(outcome.values) for outcome in self.found.exact[item.cell.key])
            better = MEASURES.get(item.cell.measure).better
            verdict: Verdict = "fine" if base == head else direction(better, head - base)
            ratio = head / base if base else None
            yield _comparison(item.cell, verdict, "exact", base=base, head=head, ratio=ratio)

    def _trained(self) -> Iterator[Comparison]:
        groups: dict[str, list[Cell]] = {}
        for item in self._of("trained"):
            if item.cell.key not in self.found.failed:
                groups.setdefault(item.cell.arm.key, []).append(item.cell)
        yield from map(self._training, groups.values())

    def _training(self, group: list[Cell]) -> Comparison:
        # where the budget ended half way, those that were trained are decided
        cells = [cell for cell in group if cell.key in self.found.trained]
        if not cells:
            return _comparison(group[0], "undecided", "the budget ended before it was trained")
        pairs = [TrainedPair(*self.found.trained[cell.key]) for cell in cells]
        decision = decide(pairs, self.rule.alpha / self.rule.cells, MEASURES.get(cells[0].measure).better)
        base, head = (fmean(values) for values in zip(*(pair.means for pair in pairs), strict=True))
        note = f"{100 * decision.change:+z.1f} points" if decision.change else ""
        found = _comparison(
            cells[0],
            decision.answer,
            "; ".join(part for part in (note, decision.note) if part),
            base=base,
            head=head,
            ratio=head / base if base else None,
            low=decision.interval.low if decision.interval else None,
            high=decision.interval.high if decision.interval else None,
            pairs=decision.trainings,
        )
        return replace(found, cell=_name(cells))

    def _failed(self) -> Iterator[Comparison]:
        for item in self.choice.watched:
            if item.cell.key in self.found.failed:
                base, head = self.found.failed[item.cell.key]
                yield _comparison(item.cell, *_failure(base, head))

    def _dropped(self) -> Iterator[Comparison]:
        groups: dict[str, list[PlannedCell]] = defaultdict(list)
        for item in self.dropped:
            groups[item.training.arm.key if item.training else item.key].append(item)
        for group in groups.values():
            first, trainings = group[0], [item.training for item in group if item.training]
            yield Comparison(
                cell=_name(trainings) if trainings else first.name,
                measure=first.measure,
                unit=first.unit,
                nature=first.nature,
                verdict="dropped",
                note=DROPPED,
                key=first.key,
                better=first.better,
            )

    def _of(self, *ways: str) -> Sequence[Watched]:
        return [item for item in self.choice.watched if item.way in ways]


def notes_on(choice: WatchedChoice) -> tuple[str, ...]:
    """Lines on cells that were not run, and why."""
    notes = []
    if number := len(choice.same):
        notes.append(
            f"{cells(number)} {'was' if number == 1 else 'were'} not run: same code, data, weights and environment"
            " (--all runs them)"
        )
    notes += [f"not in base: {cell}: {why}" for cell, why in choice.lacking.items() if cell not in choice.new]
    if names := [cell for cell in choice.new if cell in choice.lacking]:
        notes.append(f"new, not in base: {few(names)} ({choice.lacking[names[0]]})")
    if names := [cell for cell in choice.new if cell not in choice.lacking]:
        notes.append(
            f"new, not watched by base: {few(names)}; compared all the same, as base's code has what they take"
        )
    left = [f"{measure} ({number})" for measure, number in choice.left_out.items()]
    return (*notes, *([f"not compared step by step: {', '.join(left)}"] if left else []))


def _instructions(row: RecordRow) -> float | None:
    """Instructions of a step according to the record of a process."""
    found: float | None = row.details.get("instructions")
    return found


def _failure(base: Outcome, head: Outcome) -> tuple[Verdict, str]:
    verdict = without_figure(*("ok" if outcome == ENDED else outcome.status for outcome in (base, head)))
    if _is_bad(head) and not _is_bad(base):
        return verdict, f"{head.status}: {head.reason}"
    if _is_bad(base) and not _is_bad(head):
        return verdict, f"base: {base.status}: {base.reason}"
    if base.status == head.status == "ok":
        return verdict, "base and head gave figures that cannot be paired"
    if base.status == head.status:
        return verdict, f"{head.status} in both: {head.reason}"
    return verdict, f"{base.status} in base ({base.reason}), {head.status} in head ({head.reason})"


def _is_bad(outcome: Outcome) -> bool:
    return outcome.status not in ("ok", *NO_FIGURE) and outcome != ENDED


def _comparison(cell: Cell, verdict: Verdict, note: str, **figures: Any) -> Comparison:
    measure = MEASURES.get(cell.measure)
    return Comparison(
        cell=str(cell),
        measure=measure.name,
        unit=measure.unit,
        nature=measure.nature,
        verdict=verdict,
        note=note,
        key=cell.key,
        better=measure.better,
        **figures,
    )


def _name(cells: Sequence[Cell]) -> str:
    """Name of a group of trainings: the cell without its seed and fold."""
    words = [word for word in str(cells[0]).split() if not word.startswith(("seed", "fold"))]
    number = f"{len(cells)} trainings" if len(cells) > 1 else "1 training"
    return f"{' '.join(words)} ({number})"

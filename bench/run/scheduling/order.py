"""Order of works in a plan that is measured whole, and in one that fills a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.run.scheduling.work import Turn, Work

Rank = tuple[float, ...]
"""Within a phase the lower goes first; of equals the earlier in the plan."""
EARLY, TIMING, LATE, AGAIN = range(4)
"""Phases of a plan that is measured whole: what timings and their readers wait for, timings, the rest, and
disturbed timings once more. So a host is emptied but once or twice."""
COUNTS, FIRST, SEED, MORE, REST = range(5)
"""Phases of a run that fills its time: counts, first processes of timings that are due first, one training of each
arm, and then by turns further trainings and the rest of the timings."""
QUESTIONS = (COUNTS, FIRST, SEED)
"""Phases that are gone through before the remaining time is filled."""
_TURNS: dict[Turn, float] = {"first": 0.0, "then": 0.0, "last": 1.0, "again": 2.0}


@dataclass(frozen=True)
class WorkOrder:
    """Order key of each work, by the work's place in the plan."""

    phases: Sequence[int]
    ranks: Sequence[Rank]
    reaches: Sequence[float]
    """Seconds that must be left for it to be of use: its own and, of an artifact, those of its nearest reader."""


def in_plan(works: Sequence[Work]) -> WorkOrder:
    """Order key by which all works keep the order of the plan."""
    return WorkOrder([EARLY] * len(works), [(0.0,)] * len(works), [work.seconds for work in works])


def whole(works: Sequence[Work], before: Sequence[Sequence[int]]) -> WorkOrder:
    """Order key of a plan that is measured whole: what timings and counts wait for, then counts; timings as
    planned; then the longest chains.

    Args:
        works: works in the order of the plan.
        before: places of the works that a work waits for, for each work.
    """
    phases = [_plain_phase(work) for work in works]
    for i in reversed(range(len(phases))):
        for j in before[i]:
            if phases[i] != LATE and phases[j] == LATE:
                phases[j] = EARLY
    chains = _chains(works, before)
    ranks = [(0.0 if phase in (TIMING, AGAIN) else -chain,) for phase, chain in zip(phases, chains, strict=True)]
    return WorkOrder(phases, ranks, _reaches(works, before))


def filled(works: Sequence[Work], before: Sequence[Sequence[int]], over: Sequence[bool]) -> WorkOrder:
    """The order of a run that fills its time.

    Args:
        works: works in the order of the plan.
        before: places of the works that a work waits for, for each work.
        over: whether each has ended.
    """
    phases = [_filled_phase(work) for work in works]
    for i in reversed(range(len(phases))):
        for j in before[i]:
            needed = COUNTS if phases[i] == FIRST else MORE if phases[i] == REST else phases[i]
            phases[j] = min(phases[j], needed)
    chains = _chains(works, before)
    # an artifact is as urgent as the most urgent of those that it is for
    ranks: list[Rank] = [(math.inf,)] * len(works)
    for i in reversed(range(len(works))):
        if ranks[i] == (math.inf,):
            ranks[i] = _filled_rank(works, i, phases[i], chains[i], [j for j in before[i] if not over[j]])
        for j in before[i]:
            if phases[j] in (SEED, MORE) and phases[i] == phases[j]:
                ranks[j] = min(ranks[j], ranks[i])
    return WorkOrder(phases, ranks, _reaches(works, before))


def _plain_phase(work: Work) -> int:
    if work.needs.alone:
        return AGAIN if work.due == "again" else TIMING
    return EARLY if work.early else LATE


def _filled_phase(work: Work) -> int:
    if work.needs.alone:
        return FIRST if work.due == "first" and not work.number else REST
    return COUNTS if work.early else MORE if work.further else SEED


def _filled_rank(works: Sequence[Work], i: int, phase: int, chain: float, before: Sequence[int]) -> Rank:
    work = works[i]
    if phase == COUNTS:
        return (-chain,)
    if phase == FIRST:
        return (0.0,)
    if phase == REST:
        return (_TURNS[work.due], float(work.number), work.seconds)
    seconds = math.fsum([work.seconds, *(works[j].seconds for j in before)])
    return (float(work.batch), 0.0 if work.batch else seconds)


def _chains(works: Sequence[Work], before: Sequence[Sequence[int]]) -> list[float]:
    """Seconds of the longest chain that begins with each."""
    chains = [work.seconds for work in works]
    for i in reversed(range(len(chains))):
        for j in before[i]:
            chains[j] = max(chains[j], works[j].seconds + chains[i])
    return chains


def _reaches(works: Sequence[Work], before: Sequence[Sequence[int]]) -> list[float]:
    nearest = [math.inf] * len(works)
    found = [0.0] * len(works)
    for i in reversed(range(len(works))):
        found[i] = works[i].seconds + (0.0 if math.isinf(nearest[i]) else nearest[i])
        for j in before[i]:
            nearest[j] = min(nearest[j], found[i])
    return found

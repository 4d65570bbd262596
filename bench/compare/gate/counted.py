"""The verdict on a cell by its instructions, and what such a verdict cannot see. Pure."""

from __future__ import annotations

import math

from bench.cell import Cell
from bench.compare.verdict import Comparison, Verdict
from bench.declare.nature import Nature
from bench.gate.counted import STEPS, Counter, counts_of
from bench.gate.steps import Trio, centre
from bench.statistics.sequential import SequentialRule

BEYOND = 3.0
"""A change must be so many times as large as the farthest that a step of base lies from that of its twin."""
UNIT = "instructions"


def decide(pair: float, band: float, rule: SequentialRule) -> Verdict:
    """The verdict on one pair of counts, which has no chance but that of where memory lies.

    Args:
        pair: log of head over base.
        band: share by which base differs from its twin, at most.
        rule: the share that is never a regression, and the one that a fine cell excludes.
    """
    least = max(rule.least, BEYOND * band)
    if least > rule.notice:
        return "undecided"
    if abs(pair) <= math.log1p(least):
        return "fine"
    return "regression" if pair > 0 else "improvement"


def comparison(cell: Cell, trio: Trio, rule: SequentialRule, counter: Counter) -> Comparison:
    """Verdict from the instruction counts of a cell; its unit is instructions per step, whatever the measure's is.

    Args:
        cell: the cell that was counted.
        trio: complete.
        rule: see `decide`.
        counter: name of the counter of instructions.
    """
    assert trio.pair is not None
    counts = {role: counts_of(outcome) for role, outcome in trio.outcomes.items()}
    base, twin = counts["base"], counts["twin"]
    band = math.expm1(max(abs(math.log(b / a)) for a, b in zip(base, twin, strict=True)))
    verdict = decide(trio.pair, band, rule)
    noise = "; base differs too much from its twin" if verdict == "undecided" else ""
    return Comparison(
        cell=str(cell),
        measure=UNIT,
        unit=UNIT,
        nature=Nature.COUNT,
        base=centre([*base, *twin]),
        head=centre(counts["head"]),
        ratio=math.exp(trio.pair),
        verdict=verdict,
        note=f"instructions of {STEPS} steps by {counter}, not time{noise}",
        key=cell.key,
        better="lower",
        band=band,
    )


def note_on(cells: str, counter: Counter) -> str:
    """Sentence on how cells were decided.

    Args:
        cells: number of cells, in words.
        counter: name of the counter of instructions.
    """
    return (
        f"{cells} decided by counting instructions with {counter}, not by time: cache misses, waiting, the"
        " width of vectors and several threads do not show"
    )

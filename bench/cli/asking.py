"""What a run is to find out: its comparisons, by what they are answered, and how that is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bench.compare.experiments.asking import Asking
from bench.compare.experiments.contrasts import Kind
from bench.compare.experiments.rule import Design
from bench.run.plan import Step
from bench.statistics.looks import LOOKS
from bench.store.database import Declaration, Store
from bench.words import comparisons

_KIND, _NAME = "design", "learning"
"""Of the declaration that a run keeps its design in."""


def is_open(steps: Iterable[Step]) -> bool:
    """Whether further seeds may be added to some training of a plan."""
    return any(step.planned.open for step in steps)


def design_of(steps: Iterable[Step], margin: float) -> Design:
    """By what the comparisons of a new run are answered: at looks where seeds may be added, else once at its end.

    Args:
        steps: that are planned.
        margin: accuracy, a share of one, up to which a difference does not matter.
    """
    return Design(LOOKS if is_open(steps) else (), margin=margin)


def declared(design: Design) -> Declaration:
    """The design as it is kept with a run."""
    return Declaration(_KIND, _NAME, design.to_dict())


def kept_design(store: Store, run: str) -> Design:
    """The design that a run was begun with; of an older run that of today, without further looks."""
    found = store.declarations(run, _KIND)
    return Design.from_dict(found[0].content) if found else Design()


def named(asking: Asking) -> str:
    """The comparisons of a plan in words: `38 comparisons: 18 augmentation, 20 tuning`; empty without any."""
    tally = asking.tally
    kinds = ", ".join(f"{number} {kind}" for kind, (_, number) in tally.items())
    return f"{comparisons(_all(tally))}: {kinds}" if tally else ""


def outcome(asking: Asking, left_out: int) -> str:
    """How many comparisons a run has answered, by kind, and what it had no time for; empty without any.

    Args:
        asking: that has learned of all its records.
        left_out: planned processes without a record.
    """
    tally = asking.tally
    if not tally:
        return ""
    answered = sum(number for number, _ in tally.values())
    kinds = ", ".join(f"{number} of {of} {kind}" for kind, (number, of) in tally.items())
    late = f"; {left_out} planned measurements left out for want of time" if left_out else ""
    return f"{answered} of {comparisons(_all(tally))} answered: {kinds}; {_all(tally) - answered} open{late}"


def _all(tally: Mapping[Kind, tuple[int, int]]) -> int:
    return sum(number for _, number in tally.values())

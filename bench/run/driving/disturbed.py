"""Rules on plain data: which timings are measured a second time, and which of the two attempts is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from statistics import median
from typing import Any

from bench.cell import Record
from bench.declare.declarations import Measure
from bench.declare.nature import Nature
from bench.execute.outcome import Outcome

DISCARDED = 200
"""Raw samples that are kept of an attempt that is not the record."""


def is_disturbed(measure: Measure, outcome: Outcome) -> bool:
    """Whether a timing was disturbed: such a figure reflects the machine's other work and is measured again.

    So is an accuracy that does not repeat, that of a training for a given time.
    """
    of_time = measure.nature.is_speed or measure.nature is Nature.SHARE
    timing = of_time and measure.repeats == "never" and measure.provenance == "measured"
    return timing and outcome.status == "ok" and bool(reasons_of(outcome))


def reasons_of(outcome: Outcome | Record) -> list[str]:
    """Reasons why a timing counts as disturbed, in words."""
    return list(_disturbance(outcome).get("reasons", ()))


def waited(outcome: Outcome) -> float:
    """Share of the time in which its threads ran that they waited for a core; 0 where that is not known."""
    return float(_disturbance(outcome).get("waiting_share") or 0.0)


def noisy(outcome: Outcome) -> Outcome:
    """The outcome of a disturbed cell, marked as such."""
    return replace(outcome, details={**outcome.details, "noisy": reasons_of(outcome)})


def settle(first: Record, second: Record) -> Record:
    """The record of a timing that was measured twice, of which the first attempt was disturbed.

    An undisturbed second is kept. Of two disturbed ones the kept is that whose threads waited less for a core and
    from whose GPU others took less, never that with the better figures; it is marked `noisy`, as each of the two
    is that was disturbed. A second that failed leaves the first.
    `attempts` tells of both in order, `discarded` holds the samples of the other.
    """
    kept, other = first, second
    if second.status == "ok" and (not reasons_of(second) or _taken(second) < _taken(first)):
        kept, other = second, first
    attempts = [{**_about(attempt), "kept": attempt is kept} for attempt in (first, second)]
    discarded = {"values": list(other.values[:DISCARDED]), "reasons": reasons_of(other)}
    return replace(kept, details={**kept.details, "attempts": attempts, "discarded": discarded})


def _about(outcome: Record) -> dict[str, Any]:
    return {
        "status": outcome.status,
        "reasons": reasons_of(outcome) or ([outcome.reason] if outcome.reason else []),
        "median": median(outcome.values) if outcome.values else None,
        "n": len(outcome.values),
    }


def _taken(outcome: Record) -> float:
    """Share that other processes took: of the time in which the timing's threads ran (all threads, where that is
    unknown), and of its GPU."""
    found = _disturbance(outcome)
    waited = found.get("waiting_share")
    others = (found.get("neighbours") or {}).get("processes") or ()
    return (1.0 if waited is None else float(waited)) + sum(float(other["working"]) for other in others)


def _disturbance(outcome: Outcome | Record) -> Mapping[str, Any]:
    found: Mapping[str, Any] = outcome.details.get("conditions", {}).get("disturbance", {})
    return found

"""Synthetic stores that what reads them is timed on: one run of many architectures, and several larger ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.reports.conftest import Plan, write_run
from tests.reports.lineages import LINEAGES, Lineage

ARCHITECTURES = 120
LEARNERS = 12
"""Of them trained, two dozen times each; with two processes of each cost that gives 2,000 records."""
REPEATED = 9
"""Times that samples are repeated, for a million of them."""
RUNS = 10
BATCHES = (2, 16, 64, 256)
"""Further batches of costs: with four processes each a run has 22,640 records of half a million samples."""


def large(learning: int = LEARNERS, architectures: int = ARCHITECTURES) -> Plan:
    """A run of so many variants of the lineages, of which the first are trained, too."""
    variants: list[Lineage] = [
        replace(item, name=f"{item.name}_{i}" if i else item.name, macs=item.macs * (1 + i / 7))
        for i in range(architectures // len(LINEAGES))
        for item in LINEAGES
    ]
    learners = tuple(item.name for item in variants[:learning])
    return Plan(id="large", lineages=tuple(variants), learners=learners, processes=2, repeated=REPEATED)


def run_id(place: int) -> str:
    """Id of a run of the large store."""
    return f"20260102-{place:06}-aaaa"


def write_large_store(
    path: Path, runs: int = RUNS, architectures: int = ARCHITECTURES, batches: tuple[int, ...] = BATCHES
) -> Path:
    """Write runs of one host, each with other times than the one before; of ten, 226,000 records.

    The later half of them is slower by a fifth, so that there is a change to find.
    """
    whole = replace(large(3, architectures), processes=4, repeated=2, batches=batches)
    for i in range(runs):
        write_run(path, replace(whole, id=run_id(i), seed=i, slowdown=1.2 if i >= runs / 2 else 1.0))
    return path

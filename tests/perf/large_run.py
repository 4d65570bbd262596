"""A synthetic run of many architectures, which what renders reports is timed on."""

from __future__ import annotations

from dataclasses import replace

from tests.reports.conftest import Plan
from tests.reports.lineages import LINEAGES, Lineage

ARCHITECTURES = 120
LEARNERS = 12
"""Of them trained, two dozen times each; with two processes of each cost that gives 2,000 records."""
REPEATED = 9
"""Times that samples are repeated, for a million of them."""


def large(learning: int = LEARNERS, architectures: int = ARCHITECTURES) -> Plan:
    """A run of so many variants of the lineages, of which the first are trained, too."""
    variants: list[Lineage] = [
        replace(item, name=f"{item.name}_{i}" if i else item.name, macs=item.macs * (1 + i / 7))
        for i in range(architectures // len(LINEAGES))
        for item in LINEAGES
    ]
    learners = tuple(item.name for item in variants[:learning])
    return Plan(id="large", lineages=tuple(variants), learners=learners, processes=2, repeated=REPEATED)

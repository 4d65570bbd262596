"""Runs that were never measured, to be compared."""

from __future__ import annotations

import pytest

from tests.reports.conftest import Build, Plan, write_run
from tests.reports.lineages import LINEAGES


@pytest.fixture(scope="session")
def build_run() -> Build:
    """Writes a run into a store."""
    return write_run


@pytest.fixture
def plan() -> Plan:
    """A run of four architectures, of which one is trained, to be varied by `dataclasses.replace`."""
    return Plan(id="small", lineages=LINEAGES[:4], learners=("lecture_cnn",), augmented=False)

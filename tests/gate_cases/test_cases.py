"""What the gate says of the pull requests that counts decide; those of times are `nox -s gate-cases`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gate_cases.cases import CASES, Case, faults

BY_COUNTS = [
    pytest.param(item, id=item.name, marks=[pytest.mark.slow] if item.right.names == "other packages" else [])
    for item in CASES.values()
    if item.by_counts
]
"""Those whose base gets an environment of its own are slow."""


@pytest.mark.parametrize("case", BY_COUNTS)
def test_what_is_said_of_a_pull_request_is_right(case: Case, tmp_path: Path) -> None:
    assert [] == faults(case, case.make(tmp_path / "case"))

"""What the tests of the gate share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench.gate.fakes import declarations


@pytest.fixture(autouse=True)
def measures() -> Iterator[None]:
    """A measure of each kind is declared."""
    with declarations():
        yield

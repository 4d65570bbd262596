"""What is built without a search for circular garbage."""

from __future__ import annotations

import gc

import pytest

from reports.uncollected import uncollected


def test_the_collector_waits_meanwhile() -> None:
    with uncollected():
        assert not gc.isenabled()


def test_the_collector_goes_on_after_an_error() -> None:
    with pytest.raises(ValueError, match="rows"), uncollected():
        raise ValueError("rows")
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    with uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()

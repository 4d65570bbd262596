"""Words that several rooms share."""

from __future__ import annotations

from bench.words import cells, moment


def test_a_moment_is_given_to_the_minute_in_utc() -> None:
    assert "2026-01-02 03:04 UTC" == moment("2026-01-02T04:04:05.281+01:00")
    assert "" == moment("")


def test_one_cell_is_singular() -> None:
    assert ("1 cell", "0 cells", "7 cells") == (cells(1), cells(0), cells(7))

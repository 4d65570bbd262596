"""Words that several rooms share."""

from __future__ import annotations

import pytest

from bench.words import about, cells, lasting, moment, shortened


def test_a_moment_is_given_to_the_minute_in_utc() -> None:
    assert "2026-01-02 03:04 UTC" == moment("2026-01-02T04:04:05.281+01:00")
    assert "" == moment("")


def test_one_cell_is_singular() -> None:
    assert ("1 cell", "0 cells", "7 cells") == (cells(1), cells(0), cells(7))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0, "under 1 s"),
        (1.2, "1 s"),
        (89.0, "89 s"),
        (498.1, "8 min"),
        (5399.0, "1 h 30 min"),
        (1.015e5, "28 h 12 min"),
    ],
)
def test_a_time_that_is_expected_is_told_in_words(seconds: float, expected: str) -> None:
    assert expected == lasting(seconds)


def test_a_time_that_is_expected_is_only_about_so_long_in_a_sentence() -> None:
    assert ("about 8 min", "under 1 s") == (about(498.1), about(0.2))


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("Two\n  words", 9, "Two words"),
        ("One sentence. Another one that is long.", 24, "One sentence. ..."),
        ("Why? Because of a very long word.", 30, "Why? Because of a very ..."),
        ("a whole word fits", 11, "a whole ..."),
        ("unbreakable", 9, "unbre ..."),
    ],
)
def test_what_is_too_long_ends_behind_a_sentence_or_a_word(text: str, most: int, expected: str) -> None:
    assert expected == shortened(text, most)

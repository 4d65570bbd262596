"""Words that several rooms share."""

from __future__ import annotations

import pytest

from bench.words import cells, moment, shortened


def test_a_moment_is_given_to_the_minute_in_utc() -> None:
    assert "2026-01-02 03:04 UTC" == moment("2026-01-02T04:04:05.281+01:00")
    assert "" == moment("")


def test_one_cell_is_singular() -> None:
    assert ("1 cell", "0 cells", "7 cells") == (cells(1), cells(0), cells(7))


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

"""Words that several rooms share."""

from __future__ import annotations

import pytest

from bench.words import cells, lasting, moment, shortened


def test_a_moment_is_given_to_the_minute_in_utc() -> None:
    assert "2026-01-02 03:04 UTC" == moment("2026-01-02T04:04:05.281+01:00")
    assert "" == moment("")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.3, "under 1 s"), (59.4, "59 s"), (59.6, "1 min"), (498.1, "8 min"), (3570, "1 h"), (7900, "2 h 10 min")],
)
def test_an_expected_time_is_told_in_words_no_finer_than_it_is_known(seconds: float, words: str) -> None:
    assert words == lasting(seconds)


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

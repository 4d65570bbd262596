"""What the check says: verdicts, figures for people, tables."""

import pytest

from tests.gpu_check.lines import (
    NOT_REACHED,
    Band,
    Line,
    Verdict,
    as_markdown,
    as_table,
    as_text,
    compared,
    exit_code,
    not_reached,
    shown,
    summary,
)

TENTH = Band(0.10, "clocks move")


@pytest.mark.parametrize(("value", "verdict"), [(1.09, "pass"), (0.91, "pass"), (1.11, "fail"), (0.89, "fail")])
def test_a_ratio_outside_of_its_band_fails(value: float, verdict: Verdict) -> None:
    assert verdict == compared("cost", "x", value, 1.0, "s", TENTH).verdict


def test_a_band_that_is_not_judged_gives_a_note() -> None:
    line = compared("cost", "x", 3.0, 1.0, "s", Band(0.10, "shared", judged=False))
    assert ("note", 3.0, "shared") == (line.verdict, line.ratio, line.why)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0123, "s", "12.3 ms"),
        (2.5, "s", "2.5 s"),
        (1.2e9, "B", "1.2 GB"),
        (3.4e6, "B", "3.4 MB"),
        (3200.0, "1/s", "3200/s"),
        (0.21, "J", "0.21 J"),
    ],
)
def test_a_figure_is_shown_with_its_unit(value: float, unit: str, text: str) -> None:
    assert text == shown(value, unit)


def test_one_line_that_fails_makes_the_exit_code_1() -> None:
    good = Line("a", "x", "pass")
    assert (0, 1) == (exit_code([good, Line("a", "y", "skip")]), exit_code([good, Line("a", "y", "fail")]))


def test_what_was_not_reached_is_said_and_does_not_fail() -> None:
    lines = not_reached("cost", ["one", "two"])
    assert [("one", "skip", NOT_REACHED), ("two", "skip", NOT_REACHED)] == [
        (n.what, n.verdict, n.why) for n in lines
    ]


def test_the_summary_counts_every_verdict() -> None:
    assert "1 pass, 0 fail, 2 skip, 0 note" == summary([Line("a", "x", "pass"), *not_reached("a", "xy")])


def test_a_line_is_read_from_left_to_right() -> None:
    line = compared("memory", "resnet18", 1.1e9, 1e9, "B", Band(0.15, "workspaces"))
    assert "pass  memory: resnet18: 1.1 GB against 1 GB 1.100 (workspaces)" == as_text(line)


def test_a_bar_in_a_text_does_not_split_its_column_of_markdown() -> None:
    assert (
        "| a | x |  |  |  | fail | p \\| q |" == as_markdown([Line("a", "x", "fail", why="p | q")]).splitlines()[2]
    )


def test_a_reason_of_several_lines_stays_one_row_of_the_table() -> None:
    assert 2 == len(as_table([Line("a", "x", "fail", why="one\ntwo")]).splitlines())

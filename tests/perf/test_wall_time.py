"""The arithmetic of `nox -s wall-time`."""

import sys
from pathlib import Path

import pytest

from tests.perf.wall_time import Said, Wall, watched

LINE = "54/549 processes, 12 of 50 comparisons answered, {} left, 0 failed; now resnet18 latency"


def wall(*said: tuple[float, str], seconds: float) -> Wall:
    return Wall(tuple(Said(at, line) for at, line in said), seconds, 0)


@pytest.mark.parametrize(
    ("expected", "line"),
    [(370.0, LINE.format("6:10")), (70.0, "5/9 processes, 1:10 left, 0 failed"), (None, "warning: 3:00 left")],
)
def test_the_time_left_is_read_from_lines_of_progress_alone(expected: float | None, line: str) -> None:
    assert expected == Said(0.0, line).left


def test_the_first_line_after_a_minute_is_held_against_what_it_then_took() -> None:
    lines = [(40.0, LINE.format("9:00")), (61.0, LINE.format("8:50")), (81.0, LINE.format("1:00"))]
    assert (530.0, 539.0) == wall(*lines, seconds=600.0).first


@pytest.mark.parametrize(
    ("right", "seconds"), [(True, 100.0), (True, 119.0), (False, 121.5), (True, 81.0), (False, 165.0)]
)
def test_it_may_be_wrong_by_twenty_seconds_or_a_quarter(right: bool, seconds: float) -> None:
    assert right == wall((61.0, LINE.format("0:40")), seconds=seconds).is_right


def test_a_run_of_less_than_a_minute_is_right() -> None:
    assert wall((30.0, LINE.format("0:10")), seconds=50.0).is_right


def test_what_was_answered_is_told_by_kind() -> None:
    line = "24 of 38 comparisons answered: 14 of 18 augmentation; 14 open"
    assert ["wall time 50 s, exit code 0", line] == list(wall((49.0, line), seconds=50.0).told())


def test_lines_of_a_command_are_noted_with_its_exit_code(tmp_path: Path) -> None:
    code = "import sys; print('1/2 processes, 0:07 left, 0 failed', file=sys.stderr); sys.exit(3)"
    found = watched([sys.executable, "-c", code], str(tmp_path))
    assert (3, [7.0]) == (found.code, [item.left for item in found.said])

"""What a person sees while a run goes on: on a terminal, and in a file."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import pytest
from rich.console import Console

from bench.cell import Cell, Cost, Record
from bench.run.progress import RunProgress

CELL = "lecture_cnn pretrain:mnist5k>uci-digits tune-all"
LONG = "efficientnet_b0 pretrain:mnist5k>uci-digits 5 a class finetune:upper aug:lecture seed{}"
CONTROL = r"\x1b\[[0-9;?]*[a-zA-Z]"
TIMING = Cell("resnet18", "latency", Cost(mode="infer", resolution=64))
BUSY = "its threads waited 31 % of the time for a core"


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def record(**changes: Any) -> Record:
    return Record(**{"cell": TIMING, "replicate": 0, "status": "ok", "unit": "s", "seconds": 10.0, **changes})


def screen(play: Callable[[RunProgress], object], width: int = 80, height: int = 25, lanes: int = 1) -> list[str]:
    """The lines of the last picture of a terminal."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=width, height=height, color_system=None)
    with RunProgress(console, processes=60, expected=90.0, done=54, lanes=lanes, clock=Clock()) as progress:
        play(progress)
        drawn = out.getvalue()
    last = drawn[drawn.rindex("54/60") :]
    return [re.sub(CONTROL, "", line) for line in re.split(r"[\r\n]+", last)]


def printed(play: Callable[[RunProgress, Clock], object], lanes: int = 1) -> list[str]:
    """The lines that a file gets."""
    out, clock = io.StringIO(), Clock()
    with RunProgress(Console(file=out, width=80), 60, 90.0, done=54, lanes=lanes, clock=clock) as progress:
        play(progress, clock)
    return out.getvalue().splitlines()


def busy(lanes: int) -> Callable[[RunProgress], None]:
    def play(progress: RunProgress) -> None:
        for lane in range(lanes):
            progress.begun(lane, LONG.format(lane))
            progress.inside(lane, {"event": "progress", "step": 40, "steps": 60, "loss": 0.51234})

    return play


def one_inside(progress: RunProgress) -> None:
    progress.begun(0, CELL)
    progress.inside(0, {"event": "progress", "step": 40, "loss": 0.51234})


def test_eighty_columns_show_cells_done_time_left_the_whole_cell_and_how_far_it_is() -> None:
    bar, lane = screen(one_inside)
    assert (True, True) == (bar.startswith("54/60 "), bar.rstrip().endswith(" 1:30 left"))
    assert f"{CELL} (step 40, loss 0.512)" == lane


def test_each_lane_has_a_line_with_its_cell_and_how_far_it_is() -> None:
    shown = screen(busy(3), width=120, lanes=4)
    assert [f"{LONG.format(lane)} (step 40/60, loss 0.512)" for lane in range(3)] == shown[1:]
    assert shown[0].rstrip().endswith(" 1:30 left, 3 of 4 lanes")


def test_a_cell_that_does_not_fit_keeps_both_ends_which_tell_cells_apart() -> None:
    shown = screen(busy(2), lanes=2)
    cut = "efficientnet_b0 pr…ass finetune:upper aug:lecture seed{} (step 40/60, loss 0.512)"
    assert [cut.format(0), cut.format(1)] == shown[1:]
    assert 80 == len(shown[1])


def test_words_of_progress_that_the_cell_needs_the_room_of_are_left_out_from_the_end() -> None:
    def play(progress: RunProgress) -> None:
        progress.begun(0, LONG.format(7))
        progress.inside(0, {"step": 40, "steps": 60, "epoch": 1.25, "loss": 0.51234, "val": 0.5})

    assert "efficientnet_b0 pr…ass finetune:upper aug:lecture seed7 (step 40/60, epoch 1.25)" == screen(play)[1]


def test_a_single_long_word_of_progress_is_cut_short_itself() -> None:
    def play(progress: RunProgress) -> None:
        progress.begun(0, CELL)
        progress.inside(0, {"claim": "x" * 90})

    assert f"{CELL} (claim {'x' * 23}…" == screen(play)[1]


@pytest.mark.parametrize("width", [40, 60])
def test_a_narrow_terminal_cuts_lines_short_and_never_wraps(width: int) -> None:
    shown = screen(busy(2), width, lanes=2)
    assert 3 == len(shown)
    assert width >= max(map(len, shown))


def test_a_line_is_that_of_its_lane_until_the_lane_is_free() -> None:
    def play(progress: RunProgress) -> None:
        for lane in range(3):
            progress.begun(lane, f"cell {lane}")
        progress.ended(1)
        progress.begun(0, "cell 3")

    assert ["cell 3", "cell 2"] == screen(play, lanes=3)[1:]


def test_of_more_lanes_than_fit_those_that_changed_last_are_shown_and_the_others_counted() -> None:
    def play(progress: RunProgress) -> None:
        for lane in range(16):
            progress.begun(lane, f"cell {lane}")
        progress.inside(2, {"step": 1})

    changed = ["cell 2 (step 1)", *(f"cell {lane}" for lane in range(9, 16))]
    assert [*changed, "+ 8 more"] == screen(play, lanes=16)[1:]


def test_a_low_terminal_shows_fewer_lanes() -> None:
    assert "+ 14 more" == screen(busy(16), height=5, lanes=16)[-1]


def test_time_left_is_what_was_last_expected_less_the_time_since() -> None:
    def play(progress: RunProgress, clock: Clock) -> None:
        progress.expects(45.0)
        assert "0:45" == progress.left()
        clock.seconds = 25.0
        assert "0:20" == progress.left()

    printed(play)


def test_a_failure_is_printed_at_once_on_either() -> None:
    failed = record(status="failed", reason="no such layer")
    line = f"failed: {TIMING}: no such layer"
    assert [line] == printed(lambda progress, _: progress.done(failed))
    out = io.StringIO()
    with RunProgress(Console(file=out, force_terminal=True, width=80), 2, 1.0) as progress:
        progress.done(failed)
        assert line in re.sub(CONTROL, "", out.getvalue())


def test_a_file_gets_a_line_each_twenty_seconds_in_which_something_happens() -> None:
    def play(progress: RunProgress, clock: Clock) -> None:
        for second in range(0, 45, 5):
            clock.seconds = second
            progress.begun(0, f"cell {second}")

    times = {20: "1:10", 40: "0:50"}
    expected = [f"54/60 processes, {left} left, 0 failed; now cell {cell}" for cell, left in times.items()]
    assert expected == printed(play)


def test_a_file_gets_a_line_while_nothing_happens_too() -> None:
    def play(progress: RunProgress, clock: Clock) -> None:
        one_inside(progress)
        progress.begun(1, "another")
        for _ in range(2):
            clock.seconds += progress.due()
            progress.tick()
            progress.tick()

    inside = f"{CELL} (step 40, loss 0.512) + 1 more"
    expected = [f"54/60 processes, {left} left, 0 failed; now {inside}" for left in ("1:10", "0:50")]
    assert expected == printed(play, lanes=2)


def test_a_line_is_due_twenty_seconds_after_the_last_and_never_on_a_screen() -> None:
    def play(progress: RunProgress, clock: Clock) -> None:
        clock.seconds = 15.0
        assert 5.0 == progress.due()
        clock.seconds = 33.0
        assert 0.0 == progress.due()

    printed(play)
    assert inf == RunProgress(Console(force_terminal=True), 1, 1.0).due()


def test_a_terminal_that_cannot_draw_is_written_to_as_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert 20.0 == RunProgress(Console(force_terminal=True), 1, 1.0, clock=Clock()).due()


def test_a_file_gets_no_codes_of_a_terminal() -> None:
    def play(progress: RunProgress, clock: Clock) -> None:
        one_inside(progress)
        clock.seconds = 20.0
        progress.done(record(status="oom", reason="no memory"))

    assert "" == "".join(re.findall(r"[^ -~]", "".join(printed(play))))


def test_a_disturbed_timing_has_no_line_of_its_own() -> None:
    assert [] == printed(lambda progress, _: progress.disturbed(TIMING, [BUSY]))


def test_that_the_machine_is_busy_is_said_once_with_what_it_means() -> None:
    def play(progress: RunProgress, clock: Clock) -> None:
        for _ in range(5):
            progress.disturbed(TIMING, [BUSY, "throttled"], waited=0.75)

    (line,) = printed(play)
    told = f"stop what else runs, or expect about 4 times as long ({TIMING}: {BUSY}; throttled). "
    assert line.startswith(f"this machine is busy: {told}")


def test_a_machine_that_is_hardly_slower_is_told_in_a_short_line_without_a_number() -> None:
    def play(progress: RunProgress, clock: Clock) -> None:
        for _ in range(2):
            progress.disturbed(TIMING, ["throttled" * 20])

    (line,) = printed(play)
    assert ("expect that it takes longer" in line, True) == (True, len(line) <= 300 - len("100"))


def test_what_is_done_before_the_cells_is_told_as_they_are() -> None:
    def play(progress: RunProgress, clock: Clock) -> None:
        with progress.doing("counts of the lecture") as at:
            clock.seconds = 20.0
            at("40/193 claims: AlexNet")
        clock.seconds = 40.0
        progress.tick()

    said, after = printed(play)
    assert said.endswith("; now counts of the lecture, 40/193 claims: AlexNet")
    assert "now" not in after


NOISY = {"noisy": [BUSY]}


@pytest.mark.parametrize(
    ("told", "first", "again"),
    [
        ([], 0, []),
        (["1 timing was disturbed and measured again; none stayed noisy"], 1, [{}]),
        (
            [f"3 timings were disturbed and measured again; 2 stayed noisy: {TIMING}"],
            3,
            [{}, NOISY, NOISY],
        ),
        (["2 timings were disturbed and marked noisy: no time was left to measure again"], 2, []),
    ],
)
def test_disturbances_are_counted_at_the_end(told: list[str], first: int, again: list[dict[str, Any]]) -> None:
    def play(progress: RunProgress, _: Clock) -> None:
        for _number in range(first):
            progress.done(record(details=NOISY))
        for found in again:
            progress.settled(record(details=found))

    assert told == printed(play)


def test_of_the_cells_that_stayed_noisy_the_first_three_are_named() -> None:
    cells = [replace(TIMING, architecture=f"net{i}") for i in range(5)]

    def play(progress: RunProgress, _: Clock) -> None:
        for cell in cells:
            progress.done(record(cell=cell, details=NOISY))
            progress.settled(record(cell=cell, details=NOISY))

    (line,) = printed(play)
    assert line.endswith(f"; 5 stayed noisy: {cells[0]}; {cells[1]}; {cells[2]}; and 2 more")


def test_lines_say_how_many_comparisons_have_their_answer() -> None:
    def play(progress: RunProgress, clock: Clock) -> None:
        progress.answered("12 of 38 comparisons answered")
        clock.seconds = 20.0
        progress.tick()

    assert ["54/60 processes, 12 of 38 comparisons answered, 1:10 left, 0 failed"] == printed(play)


def test_what_is_planned_later_counts_among_the_cells() -> None:
    def play(progress: RunProgress, clock: Clock) -> None:
        progress.planned(5)
        clock.seconds = 20.0
        progress.tick()

    assert ["54/65 processes, 1:10 left, 0 failed"] == printed(play)


def test_a_figure_that_was_taken_over_was_not_disturbed_now() -> None:
    old = record(details=NOISY, reused_from="r0")
    assert [] == printed(lambda progress, _: progress.done(old))

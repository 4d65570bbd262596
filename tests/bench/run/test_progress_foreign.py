"""Names and reasons from elsewhere, as progress tells of them: in brief, and a terminal does not obey them."""

import io
from collections.abc import Callable

from rich.console import Console

from bench.cell import Cell, Cost, Record
from bench.run.progress import RunProgress

FOREIGN = "bad\x1b]0;PWN\x07.png\u202e"
SHOWN = r"bad\x1b]0;PWN\x07.png\u202e"


def printed(play: Callable[[RunProgress], object]) -> list[str]:
    out = io.StringIO()
    with RunProgress(Console(file=out, width=80), 60, 90.0) as progress:
        play(progress)
    return out.getvalue().splitlines()


def test_a_reason_is_told_in_brief() -> None:
    cell = Cell("resnet18", "latency", Cost(mode="infer", resolution=64))
    failed = Record(cell=cell, replicate=0, status="failed", unit="", reason=FOREIGN + "x" * 10_000)
    (line, *_) = printed(lambda progress: progress.done(failed))
    assert (True, True, True) == (line.isprintable(), SHOWN in line, len(line) <= 300)


def test_a_note_is_told_with_escapes() -> None:
    (line,) = printed(lambda progress: progress.note(f"left out: {FOREIGN}"))
    assert f"left out: {SHOWN}" == line

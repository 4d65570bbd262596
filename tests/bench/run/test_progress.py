"""What a person sees on a terminal while a run goes on."""

import io
import re

from rich.console import Console

from bench.run.progress import RunProgress

CELL = "lecture_cnn pretrain:mnist5k>uci-digits tune-all"


def screen(width: int) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=width, color_system=None)
    with RunProgress(console, cells=60, expected=90.0, done=54) as progress:
        progress.inside(CELL, {"event": "progress", "step": 40, "loss": 0.51234})
        return out.getvalue()


def test_eighty_columns_show_cells_done_time_left_the_whole_cell_and_how_far_it_is() -> None:
    shown = screen(80)
    assert all(part in shown for part in ("54/60", "1:30 left", f"{CELL} (step 40, loss 0.512)"))


def test_a_narrow_terminal_cuts_the_cell_short_and_never_wraps() -> None:
    lines = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line) for line in re.split(r"[\r\n]", screen(40))]
    assert ["lecture_cnn pretrain:mnist5k>uci-digits…"] == [line for line in lines if "lecture" in line]
    assert max(map(len, lines)) <= 40

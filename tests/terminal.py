"""A moving picture of a terminal in which a command is typed and answers, for `nox -s screenshots`."""

from __future__ import annotations

import html
import io
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image

COMMAND = "evobench run --suite counts --arch lenet5,alexnet,resnet18"
KEYS = 4
"""Characters that a frame types."""
TYPING = 120
LAST = 8_000
"""Milliseconds of a frame that types, and of the one that stands at the end."""
LONGEST = 1_500
"""Milliseconds after which a frame does not wait any longer for what was printed later."""
PAGE = """<style>
  body { margin: 0; background: #16181d; }
  pre { margin: 0; padding: 16px; height: %dem; color: #d7dae0; font: 15px/1.35 "DejaVu Sans Mono", monospace; }
  b { color: #7ec699; font-weight: normal; }
</style><pre><b>$</b> %s</pre>"""


def record(browser: Any, path: Path, folder: Path) -> None:
    """Run the command in an empty folder and write what a terminal shows of it, as a GIF file."""
    texts = [(COMMAND[:end], TYPING) for end in range(0, len(COMMAND) + KEYS, KEYS)]
    printed = list(lines(folder))
    ends = [*(at for at, _ in printed), float("inf")]
    for number, (now, after) in enumerate(pairwise(ends), start=1):
        shown = "".join(line for _, line in printed[:number])
        texts.append((f"{COMMAND}\n{shown}", round(min(LONGEST, 1000 * (after - now)))))
    # what was printed at once is one frame
    texts = [(text, wait) for text, wait in texts[:-1] if wait >= TYPING // 2] + [(texts[-1][0], LAST)]
    tab = browser.new_page(viewport={"width": 760, "height": 100})
    pictures = [picture(tab, text, len(printed) + 1) for text, _ in texts]
    waits = [wait for _, wait in texts]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=waits, loop=0, optimize=True)


def lines(folder: Path) -> list[tuple[float, str]]:
    """What the command prints in a folder: seconds since its start, and the line."""
    program = [sys.executable, "-u", "-m", *COMMAND.split()]
    begin, found = time.monotonic(), []
    with subprocess.Popen(
        program, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    ) as process:
        assert process.stdout
        for line in process.stdout:
            found.append((time.monotonic() - begin, line))
    return found


def picture(tab: Any, text: str, rows: int) -> Image.Image:
    """The terminal with a text after its prompt."""
    tab.set_content(PAGE % (rows * 1.35, html.escape(text)))
    taken = Image.open(io.BytesIO(tab.screenshot(full_page=True)))
    return taken.convert("RGB").quantize(16, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)

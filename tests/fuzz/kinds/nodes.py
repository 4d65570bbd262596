"""What a path may be instead of a plain file."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

from tests.fuzz.sandbox import Sandbox


def odd_node(path: Path, box: Sandbox, random: Random) -> None:
    """Make a FIFO, a folder, or a link to a device, to itself, to nothing or out of the input's folder."""
    way = random.choice(
        ("fifo", "folder", "empty", "/dev/zero", "/dev/full", "/dev/stdin", "self", "nothing", "outside")
    )
    if way == "fifo":
        os.mkfifo(path)
    elif way == "folder":
        path.mkdir()
    elif way == "empty":
        path.touch()
    else:
        targets = {"self": str(path), "nothing": "/nowhere/at/all", "outside": str(box.root / "victim")}
        path.symlink_to(targets.get(way, way))

"""Messages between the driver and its workers: one JSON object a line, over pipes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

Frame = dict[str, Any]


def write_frame(pipe: IO[bytes], frame: Frame) -> None:
    """Send one frame.

    It begins with a newline, so that it stands on its own behind a frame whose writer was killed half way.
    """
    pipe.write(b"\n" + json.dumps(frame).encode() + b"\n")
    pipe.flush()


def read_frames(pipe: IO[bytes]) -> Iterator[Frame]:
    """The frames that arrive until the other side closes; what a killed writer left half written is skipped."""
    for line in pipe:
        if not line.strip():
            continue
        try:
            frame = json.loads(line)
        except ValueError:
            continue
        yield frame

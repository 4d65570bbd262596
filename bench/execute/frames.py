"""The line between the driver and its processes: one JSON object a line, over pipes."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from typing import IO, Any

from bench.cell import Picture

Frame = dict[str, Any]
LANES = "EVOBENCH_LANES"
"""Variable that tells a server the descriptor of the socket over which the lines of its lanes come to it."""


class Line:
    """One end of a line between two processes."""

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    def say(self, frame: Frame) -> None:
        """Send one frame.

        It begins with a newline, so that it stands on its own behind a frame whose writer was killed half way.
        """
        self._send(b"\n" + json.dumps(frame).encode() + b"\n")

    def _send(self, data: bytes) -> None:
        self._outgoing.write(data)
        self._outgoing.flush()

    def hear(self) -> Frame | None:
        """The next frame; None where the other side has closed.

        What a killed writer left half written is skipped.
        """
        while line := self._incoming.readline():
            if line == b"\n":  # between two frames
                continue
            try:
                frame = json.loads(line)
            except ValueError:
                continue
            if isinstance(frame, dict):
                return frame
        return None

    def __iter__(self) -> Iterator[Frame]:
        """The frames until the other side closes."""
        return iter(self.hear, None)


def as_frames(pictures: Iterable[Picture]) -> list[Frame]:
    """Pictures as plain data, their files in base64; `pictures_of` reads them back."""
    return [{**vars(picture), "png": b64encode(picture.png).decode()} for picture in pictures]


def pictures_of(frames: Iterable[Frame]) -> tuple[Picture, ...]:
    """Inverse of `as_frames`."""
    return tuple(Picture(**{**frame, "png": b64decode(frame["png"])}) for frame in frames)

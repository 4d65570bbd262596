"""What goes to stdout: data. In the command's own process stderr takes whatever else is printed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from bench.text.plain import made_harmless, whole

_NAMES = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
_streams: list[TextIO] = []
_kept: list[int] = []


def data_out() -> TextIO:
    """The stream that takes data; outside the command, such as in a notebook, `sys.stdout` of the moment."""
    return _streams[-1] if _streams else sys.stdout


@contextmanager
def data_to(stream: TextIO) -> Iterator[None]:
    """Have this stream take the data for a while."""
    _streams.append(stream)
    try:
        yield
    finally:
        _streams.pop()


@contextmanager
def kept_for_data() -> Iterator[None]:
    """Keep stdout for data: stderr takes what others print, such as a catalogue or a program that it starts."""
    sys.stdout.flush()
    kept = os.dup(1)
    stream = _reopened(sys.stdout, kept)
    os.dup2(2, 1)
    _kept.append(kept)
    try:
        with redirect_stdout(sys.stderr), data_to(stream):
            yield
    finally:
        if whole(stream) is not whole(sys.stdout):
            with suppress(OSError):  # it was flushed before, where that could be told of
                stream.close()
        _kept.pop()
        os.dup2(kept, 1)
        os.close(kept)


def led_to_data(path: Path) -> Path:
    """The path, or where data goes if `/dev/stdout` is meant: that name leads to stderr meanwhile."""
    return Path(f"/dev/fd/{_kept[-1]}") if _kept and path.absolute().as_posix() in _NAMES else path


def _reopened(stream: TextIO, kept: int) -> TextIO:
    """A stream like the given one on the descriptor that was kept; the given one unless it writes to stdout."""
    known = whole(stream)
    try:
        if not isinstance(known, TextIOWrapper) or known.fileno() != 1:
            return stream
    except OSError:  # of a stream in memory
        return stream
    new = open(kept, "w", encoding=known.encoding, errors=known.errors, closefd=False)  # noqa: SIM115 - closed there
    new.reconfigure(write_through=known.write_through)  # as PYTHONUNBUFFERED has it
    return made_harmless(new)

"""Files from elsewhere: opened without waiting, read up to a limit, parsed without a traceback."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import tomllib
from collections.abc import Callable
from functools import partial
from io import BufferedReader
from pathlib import Path
from stat import S_ISREG
from typing import Any

TEXT = 4 << 20
"""Most bytes of a study, of claims and of other texts that are parsed whole: the lecture's claims have 160 kB."""
TABLE = 256 << 20
"""Most bytes of a table or a list of images: ImageNet's 1.3 million have 80 MB."""
LOCK = 16 << 20
"""Most bytes of a file in which a project locks its packages."""
IMAGE = 768 << 20
"""Most bytes of an image file: as many pixels as are decoded have 716 MB in four channels of 16 bits."""
DEEPEST = 100
"""Most levels of a parsed text: whoever walks through it may call himself for each."""
_MOST_DIGITS = 18
_AT_ONCE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_DEEP_KEY = re.compile(rf"(?<![\w-])(?:{_PART}[ \t]*\.[ \t]*){{{DEEPEST}}}")
"""A key of TOML with too many parts, which `tomllib` would read in a time that grows with their square."""


def opened(path: str | Path) -> BufferedReader:
    """Open a regular file for reading; whatever else has that name is refused, and never waited for.

    Raises:
        OSError: it is not there, may not be read, or is a folder, a pipe, a socket or a device.
    """
    try:
        _require_regular(os.stat(path).st_mode, path)  # noqa: PTH116 - opening a device may set it going
        handle = os.open(path, _AT_ONCE)
    except ValueError:  # with a NUL in it, or half of a surrogate pair
        raise OSError(errno.EINVAL, "no file can have this name", os.fspath(path)) from None
    file = os.fdopen(handle, "rb")
    try:
        _require_regular(os.fstat(handle).st_mode, path)  # another one may have taken its place meanwhile
    except OSError:
        file.close()
        raise
    return file


def _require_regular(mode: int, path: str | Path) -> None:
    if not S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is not a regular file", os.fspath(path))


def expanded(path: str | Path) -> Path:
    """The path with a home folder for its `~`; that of nobody stays as it is."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - never raises


def real_path(path: str | Path) -> Path:
    """The path from the root without links; of links that lead in a circle `Path.resolve` makes an error."""
    return Path(os.path.realpath(path))


def whole_path(path: str | Path) -> Path:
    """The `real_path` of a path that is `expanded`."""
    return real_path(expanded(path))


def read_bytes(path: str | Path, most: int) -> bytes:
    """Content of a regular file.

    Args:
        path: the file.
        most: most bytes that it may have.

    Raises:
        OSError: it has more, or cannot be opened by `opened`.
    """
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(min(size, most) + 1) or b""  # None where reading would wait, as of /proc/kmsg
        if size < len(data) <= most:  # it grows, or does not tell its size, as in /proc
            data += file.read(most + 1 - len(data)) or b""
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes, which none may have", os.fspath(path))
    return data


def read_text(path: str | Path, most: int = TEXT) -> str:
    """Content of a regular file in UTF-8, without the mark that some editors begin with.

    Raises:
        OSError: it cannot be read by `read_bytes`.
        UnicodeDecodeError: it is not UTF-8.
    """
    text = read_bytes(path, most).decode("utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def whole_number(text: str) -> int | None:
    """The number that a text of ASCII digits is; None of other texts, and of more digits than any count has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def sha256_of(path: str | Path) -> str:
    """SHA-256 of a regular file in hexadecimal digits.

    Raises:
        OSError: it cannot be opened by `opened`.
    """
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def from_toml(text: str) -> dict[str, Any]:
    """Values of a text in TOML.

    Raises:
        ValueError: it is not TOML, is nested too deeply, or has a number of too many digits.
    """
    if _DEEP_KEY.search(text):
        raise ValueError(_too_deep())
    return _parsed(_toml, text)  # type: ignore[no-any-return]


def _toml(text: str) -> dict[str, Any]:
    found = tomllib.loads(text)
    repr(found)  # Python limits the digits of a hexadecimal number where it is written, not where it is read
    return found


def from_json(text: str | bytes) -> Any:
    """Values of a text in JSON.

    Raises:
        ValueError: it is not JSON, is nested too deeply, or has a number of too many digits or beyond all floats.
    """
    return _parsed(partial(json.loads, parse_float=_finite, parse_constant=_finite), text)


def _finite(digits: str) -> float:
    if not math.isfinite(value := float(digits)):
        raise ValueError(f"{digits[:20]} is not a finite number")
    return value


def _parsed(parse: Callable[[Any], Any], text: str | bytes) -> Any:
    try:
        found = parse(text)
    except RecursionError:
        raise ValueError(_too_deep()) from None
    except ValueError as error:
        if "set_int_max_str_digits" in str(
            error
        ):  # Python's limit, which keeps reading a number from taking minutes
            raise ValueError("it has a number of more digits than any") from None
        raise
    level = [found]
    for _ in range(DEEPEST):
        level = [part for value in level for part in _parts(value)]
        if not level:
            return found
    raise ValueError(_too_deep())


def _parts(value: Any) -> list[Any]:
    """The values within a value; those without any are left out."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [part for part in inner if isinstance(part, dict | list)]


def _too_deep() -> str:
    return f"it is nested more than {DEEPEST} levels deep"

"""Files: read from elsewhere without waiting and up to a limit, written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import secrets
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedReader
from pathlib import Path
from stat import S_ISREG
from typing import Any

from bench.errors import text_of

_LETTERS = 40
"""Characters that a draft's name takes from the end of its file's name, since that may be as long as the disk
allows."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
"""Flags of a file that nobody else may have put there."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_LINKS = 40
"""Links, each leading to the next, that Linux follows."""
_PROBE = 1 << 20
"""Bytes that fit on a disk that is not full."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a draft to write to: on leaving it replaces `path`; on an error it is removed and `path` stays.

    Raises:
        OSError: the file cannot be put in its place, or no space is left for it: also where a library calls that
            by another name.
    """
    draft = draft_of(path)
    try:
        create(draft, like=path)
        yield draft
        if draft.is_symlink():  # of another, who may write into this folder
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(draft))
        draft.replace(path)
    except (OSError, RuntimeError) as error:  # the latter is torch's
        named = isinstance(error, OSError) and error.filename
        if not named and (unwritten(error) is not None or is_full(path.parent)):  # while the draft still fills it
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        raise
    finally:
        draft.unlink(missing_ok=True)


def replace(path: Path, content: bytes) -> None:
    """Write a file in one step: where the disk fills up or the process is killed, the former one stays.

    Raises:
        OSError: it cannot be written.
    """
    through = path.is_symlink() or (path.exists() and not path.is_file())  # such as /dev/stdout: write through it
    if through and not is_led_elsewhere(path):
        path.write_bytes(content)
        return
    with replacing(path) as draft:
        draft.write_bytes(content)


def draft_of(path: Path) -> Path:
    """Hidden name beside a path, which nobody can foresee: it ends with the process that writes there."""
    return path.with_name(f".{path.name[-_LETTERS:]}.{secrets.token_hex(8)}.{os.getpid()}")


def create(draft: Path, like: Path) -> None:
    """Make an empty file, with the permissions of one that it is to replace, else with the usual ones.

    Raises:
        OSError: something is there already, be it a link that leads nowhere, or nothing can be made there.
    """
    handle = os.open(draft, _NEW, 0o666)
    try:
        if like.is_file() and hasattr(os, "fchmod"):
            os.fchmod(handle, like.stat().st_mode & 0o777)
    finally:
        os.close(handle)


def is_led_elsewhere(path: Path) -> bool:
    """Whether a path is a link, or another thing than a file, that neither this user nor the system put there.

    It must not be written through: it may lead to a file of the user's own.
    """
    for _ in range(_LINKS):
        if not path.is_symlink() and (path.is_file() or not path.exists()):
            return False
        if not is_of_this_user(path) and path.lstat().st_uid:
            return True
        if not path.is_symlink():
            return False
        path = path.parent / path.readlink()
    return True


def require_own_way(path: Path) -> None:
    """Make sure that no folder on the way to a path is a link that another user has put into somebody's folder.

    Raises:
        OSError: one is: a file of the user's own may lie where it leads.
    """
    for folder in path.absolute().parents:
        theirs = folder.is_symlink() and not is_of_this_user(folder)
        if theirs and folder.lstat().st_uid not in (0, folder.parent.stat().st_uid):
            raise OSError(errno.ELOOP, "a folder on the way is a link of another user", str(folder))


def is_of_this_user(path: Path) -> bool:
    """Whether what lies there, or the link itself where it is one, belongs to this user."""
    return not hasattr(os, "geteuid") or path.lstat().st_uid == os.geteuid()


def unwritten(error: BaseException) -> str | None:
    """File for which no space was left, taken from an error or its causes; empty where none is named.

    None where the error is another.
    """
    words = os.strerror(errno.ENOSPC)  # where only the text of a compiler, or of another process, is left
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in _FULL:
            return str(seen.filename or "")
        if words in text_of(seen):
            return ""
        seen = seen.__cause__ or seen.__context__
    return None


def is_full(folder: Path) -> bool:
    """Whether the disk lacks room for a megabyte, found by writing one that leaves no trace."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PROBE))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.errno in _FULL
    return False


def is_abandoned(path: Path) -> bool:
    """Whether a file is a draft whose writer has ended."""
    import psutil

    writer = path.suffix[1:]
    return path.name.startswith(".") and writer.isdecimal() and not psutil.pid_exists(int(writer))


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


def whole_path(path: str | Path) -> Path:
    """The path from the root, `expanded` and without links; links that lead in a circle stay as they are."""
    return Path(os.path.realpath(expanded(path)))


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

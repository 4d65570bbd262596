"""Files that exist whole or not at all: each is written as a draft, which replaces the target in one step."""

from __future__ import annotations

import errno
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
        if _owner(path) not in (None, 0, _user()):
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
        if folder.is_symlink() and _owner(folder) not in (None, 0, _user(), folder.parent.stat().st_uid):
            raise OSError(errno.ELOOP, "a folder on the way is a link of another user", str(folder))


def is_of_this_user(path: Path) -> bool:
    """Whether something lies there, and it, or the link itself where it is one, belongs to this user."""
    return _owner(path) == _user()


def _owner(path: Path) -> int | None:
    """Number of the user whom a file, a folder or the link itself belongs to; None where nothing lies any more."""
    try:
        return path.lstat().st_uid
    except FileNotFoundError:
        return None


def _user() -> int:
    """Number of this user; 0, which Python says of every owner, on Windows."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


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

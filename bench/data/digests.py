"""Digest of the user's own images; an unchanged file is not read again.

What has been read is remembered by size, times and inode, in this process and, where a verb keeps it, beside the
store: of 20 000 photographs, another run has to read none.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from bench.cell import digest
from bench.data.images import ImageFiles
from bench.files import replacing
from bench.foreign import TABLE, from_json, read_text, sha256_of

_Seen = tuple[int, int, int, int]
"""Size in bytes, times of the last change of content and of the entry in nanoseconds, inode."""
_known: dict[str, tuple[_Seen, str]] = {}
_used: set[str] = set()
"""Files that this process has asked for."""
_MOST = 300_000
"""Most files that are remembered, unless this process has asked for more (half a kilobyte of memory each)."""
_SETTLED_NS = 2_000_000_000
"""Age below which a file is not remembered: it may change again within the same tick of the clock."""
_THREADS, _TOGETHER = 8, 256
_UNREAD = "unread: "


def contents_of(files: ImageFiles) -> tuple[str, ...]:
    """Size and SHA-256 of each file in the form of `content_of`, or why it cannot be read."""
    paths = [os.fspath(path) for path in files.paths]
    # in one task a file, threads would wait for each other five times as long as for the file system
    tasks = [paths[start : start + _TOGETHER] for start in range(0, len(paths), _TOGETHER)]
    with ThreadPoolExecutor(_THREADS) as pool:
        return tuple(chain.from_iterable(pool.map(lambda some: [_content(path) for path in some], tasks)))


def digest_of(files: ImageFiles, contents: Sequence[str]) -> str:
    """Digest of 16 hexadecimal digits over each file's relative path, size, content, class and split."""
    splits = files.split or ("",) * len(files.paths)
    rows = [
        [files.relative(place), content, label, split]
        for place, (content, label, split) in enumerate(zip(contents, files.labels, splits, strict=True))
    ]
    return digest([rows, list(files.names), list(files.refused)])


def content_of(size: int, sha256: str) -> str:
    """Text for a file's content: its size in bytes and its SHA-256 in hexadecimal digits."""
    return f"{size} {sha256}"


def unread(error: OSError) -> str:
    """Text for a file that cannot be read."""
    return f"{_UNREAD}{error.strerror}"


def is_read(content: str) -> bool:
    """Whether a text for a file's content says that it could be read."""
    return not content.startswith(_UNREAD)


def _content(path: str) -> str:
    """Size and SHA-256 of a file, or why it cannot be read."""
    try:
        stat = os.stat(path)  # noqa: PTH116 - a `Path` of each of 100 000 files takes longer than the files
        seen = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
        _used.add(path)
        before = _known.get(path)
        if before is not None and before[0] == seen:
            return before[1]
        found = content_of(stat.st_size, sha256_of(path))
    except OSError as error:  # it is a bad image then, and told of as one when it is to be decoded
        return unread(error)
    if time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) > _SETTLED_NS:
        _known[path] = (seen, found)
    return found


def recall(file: Path) -> None:
    """Take over what `remember` wrote; where it is damaged or missing, all files are read anew."""
    try:
        content = from_json(read_text(file, TABLE))
        _known.update({path: (_seen(seen), str(found)) for path, (seen, found) in content.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return


def remember(file: Path) -> None:
    """Write what is known of files for the next process; of too many files, only those that this process asked
    for."""
    if not _known:
        return
    kept = _known if len(_known) <= _MOST else {path: found for path, found in _known.items() if path in _used}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as draft:
            draft.write_text(json.dumps(kept))
    except OSError:  # it only saves time: without it all is read anew
        return


def _seen(values: Iterable[int]) -> _Seen:
    size, changed, entered, inode = map(int, values)
    return size, changed, entered, inode

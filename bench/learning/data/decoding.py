"""Decodes the files of a data set, in threads; bad ones are left out and told of, or end it."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bench.data.images import ImageFiles
from bench.data.place import FAIL
from bench.declare.artifact import Report
from bench.declare.datasets import bad_image
from bench.errors import UsageError
from bench.learning.data.decode import BadImage, Opened, decode, guarded
from bench.learning.data.stored import Writer
from bench.machine.host import available_cpus

_TOGETHER = 64
"""Images a thread that are decoded before they are written: so many are in memory."""
NAMED = 10
"""Bad images that are named in the details; the others are counted."""


@dataclass
class Decoded:
    """What became of the files."""

    labels: list[int] = field(default_factory=list)
    split: list[str] = field(default_factory=list)
    """Empty where none is prescribed."""
    content: list[int] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    """One line each: which file, and what is wrong with it."""
    formats: Counter[str] = field(default_factory=Counter)
    """Images by format, as Pillow calls it."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Images by what they are beyond plain colour (`Opened.kinds`)."""


def decode_into(writer: Writer, files: ImageFiles, side: int, on_bad: str, report: Report) -> Decoded:
    """Write each image as 3 x side x side.

    Raises:
        UsageError: all images of a class are bad, or one is and `on_bad` is `fail`; the line names it.
    """
    done = Decoded()
    for line in files.refused:
        _refuse(done, line, on_bad)
    with guarded(), ThreadPoolExecutor(available_cpus()) as pool:
        for places in _chunks(len(files.paths)):
            report({"step": places.start, "steps": len(files.paths)})
            for place, found in zip(places, pool.map(lambda i: _one(files.paths[i], side), places), strict=True):
                if isinstance(found, str):
                    _refuse(done, f"{os.path.relpath(files.paths[place], files.root)} {found}", on_bad)
                    continue
                image, content = found
                writer.add(image.pixels)
                done.formats[image.form] += 1
                done.kinds.update(image.kinds)
                done.labels.append(files.labels[place])
                done.content.append(content)
                if files.split:
                    done.split.append(files.split[place])
    _check_classes(files, done)
    return done


def content_of(data: bytes) -> int:
    """0..2**48-1: the beginning of the SHA-256 of a file's bytes, so that equal files stay together."""
    return int.from_bytes(hashlib.sha256(data).digest()[:6], "big")


def _chunks(count: int) -> Iterator[range]:
    size = _TOGETHER * available_cpus()
    for start in range(0, count, size):
        yield range(start, min(start + size, count))


def _one(path: Path, side: int) -> tuple[Opened, int] | str:
    """Opened and content of a file; of a bad one, what is wrong."""
    try:
        data = path.read_bytes()
        return decode(data, side), content_of(data)
    except BadImage as error:
        return str(error)
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _refuse(done: Decoded, line: str, on_bad: str) -> None:
    if on_bad == FAIL:
        raise bad_image(line)
    done.bad.append(line)


def _check_classes(files: ImageFiles, done: Decoded) -> None:
    """Make sure that every class has an image left, in every split that has the class."""
    had = set(zip(files.split or [""] * len(files.labels), files.labels, strict=True))
    kept = set(zip(done.split or [""] * len(done.labels), done.labels, strict=True))
    for split, label in sorted(had - kept):
        where = f" of the {split} split" if split else ""
        raise UsageError(f"all images of class '{files.names[label]}'{where} are bad: {done.bad[0]}")

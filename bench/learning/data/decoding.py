"""Decodes the files of a data set, in threads; bad ones are left out and told of, or end it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.data.images import ImageFiles
from bench.data.place import FAIL
from bench.declare.artifact import Report
from bench.declare.preprocessing import Geometry
from bench.errors import UsageError
from bench.learning.data.decode import BadImage, decode, guarded
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


def decode_into(writer: Writer, files: ImageFiles, geometry: Geometry, on_bad: str, report: Report) -> Decoded:
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
            for place, found in zip(
                places, pool.map(lambda i: _one(files.paths[i], geometry), places), strict=True
            ):
                if isinstance(found, str):
                    _refuse(done, f"{os.path.relpath(files.paths[place], files.root)} {found}", on_bad)
                    continue
                pixels, content = found
                writer.add(pixels)
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


def _one(path: Path, geometry: Geometry) -> tuple[np.ndarray, int] | str:
    """Pixels and content of a file; of a bad one, what is wrong."""
    try:
        data = path.read_bytes()
        return decode(data, geometry), content_of(data)
    except BadImage as error:
        return str(error)
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _refuse(done: Decoded, line: str, on_bad: str) -> None:
    if on_bad == FAIL:
        raise UsageError(f"bad image: {line} (--on-bad-image skip leaves such images out)")
    done.bad.append(line)


def _check_classes(files: ImageFiles, done: Decoded) -> None:
    """Make sure that every class has an image left, in every split that is prescribed."""
    kept = set(zip(done.labels, done.split or [""] * len(done.labels), strict=True))
    for split in sorted(set(files.split)) or [""]:
        for label, name in enumerate(files.names):
            if (label, split) not in kept:
                where = f" of the {split} split" if split else ""
                first = f": {done.bad[0]}" if done.bad else ""
                raise UsageError(f"all images of class '{name}'{where} are bad{first}")

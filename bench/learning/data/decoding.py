"""Decoding of a data set's files, in threads; bad files are left out and reported, or stop the run."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import torch

from bench.data.digests import content_of, unread
from bench.data.images import ImageFiles
from bench.data.place import FAIL
from bench.declare.artifact import Report
from bench.declare.beyond.datasets import bad_image
from bench.declare.preprocessing import Geometry
from bench.errors import UsageError
from bench.foreign import IMAGE, read_bytes
from bench.learning.data.decode import BadImage, DecodedImage, decode, guarded
from bench.learning.data.stored import Writer
from bench.machine.host import available_cpus

_AHEAD = 16
"""Images per thread that are decoded ahead of writing and held in memory."""
_TOLD_EVERY = 128
"""Images between two reports of progress."""
NAMED = 10
"""Bad images that are named in the details; the others are counted."""


@dataclass
class Decoded:
    """Result of decoding the files."""

    labels: list[int] = field(default_factory=list)
    split: list[str] = field(default_factory=list)
    """Split of each image; empty where none is prescribed."""
    content: list[int] = field(default_factory=list)
    """Digest of each file, 0..2**48-1: the beginning of its SHA-256, so that equal files stay together."""
    paths: list[str] = field(default_factory=list)
    """Paths of the usable images, relative to the root."""
    bad: list[str] = field(default_factory=list)
    """Messages about bad images: which file, and what is wrong with it."""
    formats: Counter[str] = field(default_factory=Counter)
    """Number of images by format, by Pillow's names."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Number of images by property beyond plain colour (`DecodedImage.kinds`)."""
    files: list[str] = field(default_factory=list)
    """Content of every file, used or not, as text of `bench.data.digests`."""
    used: list[int] = field(default_factory=list)
    """Positions of the usable images among the files."""


def decode_into(writer: Writer, files: ImageFiles, geometry: Geometry, on_bad: str, report: Report) -> Decoded:
    """Write each image as 3 x side x side.

    Raises:
        UsageError: all images of a class are bad, or one is and `on_bad` is `fail`; the line names it.
    """
    done = Decoded()
    for line in files.refused:
        _refuse(done, line, on_bad)
    with closing(decoded(files.paths, lambda data: decode(data, geometry))) as every:
        for place, found in enumerate(every):
            if place % _TOLD_EVERY == 0:
                report({"step": place, "steps": len(files.paths)})
            done.files.append(found.content)
            if found.image is None:
                _refuse(done, f"{files.relative(place)} {found.wrong}", on_bad)
                continue
            writer.add(found.image.pixels)
            done.formats[found.image.form] += 1
            done.kinds.update(found.image.kinds)
            done.used.append(place)
            done.paths.append(files.relative(place))
            done.labels.append(files.labels[place])
            done.content.append(int(found.content.split()[1][:12], 16))
            if files.split:
                done.split.append(files.split[place])
    _check_classes(files, done)
    return done


def decoded(paths: Sequence[Path], read: Callable[[bytes], DecodedImage]) -> Generator[DecodedFile]:
    """All files in their order, decoded a few ahead of the caller, by as many threads as torch may use.

    Args:
        paths: paths of the files.
        read: function from a file's bytes to pixels; raises `BadImage` where they are not an image.
    """
    threads = min(torch.get_num_threads(), available_cpus())
    waiting: deque[Future[DecodedFile]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        with guarded():
            for path in paths:
                waiting.append(pool.submit(_one, path, read))
                if len(waiting) > _AHEAD * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class DecodedFile:
    """A file's content with the opened image, or what is wrong with it."""

    content: str
    image: DecodedImage | None = None
    wrong: str = ""


def _one(path: Path, read: Callable[[bytes], DecodedImage]) -> DecodedFile:
    try:
        data = read_bytes(path, IMAGE)
    except OSError as error:
        return DecodedFile(unread(error), wrong=f"cannot be read: {error.strerror}")
    content = content_of(len(data), hashlib.sha256(data).hexdigest())
    try:
        return DecodedFile(content, read(data))
    except BadImage as error:
        return DecodedFile(content, wrong=str(error))


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

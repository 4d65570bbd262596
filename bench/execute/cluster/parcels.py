"""Artifacts on their way from one shelf to another: in chunks, and put there only if the SHA-256 is right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.declare.artifact import Artifact, Shelf
from bench.files import create, draft_of

CHUNK = 4 << 20
"""Bytes that are sent at once."""


class Damaged(Exception):
    """Error raised when the received bytes are not those that were sent."""


@dataclass(frozen=True)
class Parcel:
    """Data on an artifact that its receiver needs beside its bytes."""

    artifact: Artifact
    sha256: str
    details: dict[str, Any]


def parcel_of(artifact: Artifact, shelf: Shelf) -> Parcel:
    """Parcel of an artifact that the shelf holds."""
    return Parcel(artifact, shelf.sha256(artifact), shelf.details(artifact))


def chunk_of(artifact: Artifact, shelf: Shelf, offset: int) -> bytes:
    """Bytes of the artifact from `offset` on, up to `CHUNK` of them; empty at its end."""
    with shelf.path(artifact).open("rb") as file:
        file.seek(offset)
        return file.read(CHUNK)


def chunks_of(parcel: Parcel, shelf: Shelf) -> Iterator[bytes]:
    """All bytes of the artifact, in chunks.

    Raises:
        Damaged: at its end, where they are not those that its maker wrote.
    """
    found = hashlib.sha256()
    with shelf.path(parcel.artifact).open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
            yield chunk
    if found.hexdigest() != parcel.sha256:
        raise Damaged(f"{parcel.artifact} is damaged: '{shelf.path(parcel.artifact)}'")


class Arrival:
    """A parcel that is arriving: its bytes lie beside the shelf's artifacts until all are there."""

    def __init__(self, parcel: Parcel, shelf: Shelf) -> None:
        self._parcel = parcel
        self._shelf = shelf
        shelf.folder.mkdir(parents=True, exist_ok=True)
        # named as a draft, so that it is swept up where this process is killed
        self._path = draft_of(shelf.path(parcel.artifact))
        create(self._path, like=self._path)

    def add(self, chunk: bytes) -> None:
        """The next bytes.

        Raises:
            OSError: the disk is full.
        """
        try:
            with self._path.open("ab") as file:
                file.write(chunk)
        except OSError:
            self._path.unlink(missing_ok=True)
            raise

    def settle(self) -> None:
        """Put the artifact on the shelf.

        Raises:
            Damaged: it is not what was sent.
            OSError: the disk is full.
        """
        self.add(b"")  # an empty artifact has no chunk
        try:
            with self._path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != self._parcel.sha256:
                    raise Damaged(f"{self._parcel.artifact} arrived with other bytes than were sent")
            with self._shelf.writing(self._parcel.artifact, self._parcel.details) as draft:
                self._path.replace(draft)
        finally:
            self._path.unlink(missing_ok=True)


def put(parcel: Parcel, chunks: Iterable[bytes], shelf: Shelf) -> None:
    """Put an artifact on the shelf whose bytes come in chunks.

    Raises:
        Damaged: it is not what was sent.
        OSError: the disk is full.
    """
    arrival = Arrival(parcel, shelf)
    for chunk in chunks:
        arrival.add(chunk)
    arrival.settle()

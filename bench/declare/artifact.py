"""Artifacts: intermediate results that several cells share, addressed by their inputs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.cell import digest
from bench.declare.registry import Registry, place_of
from bench.files import is_abandoned, replacing
from bench.foreign import read_text, sha256_of


@dataclass(frozen=True)
class Artifact:
    """Recipe of an artifact: what to make (`kind`, `spec`) and its inputs (`needs`); equal content has an equal
    key."""

    kind: str
    spec: tuple[tuple[str, str | int | float], ...]
    needs: tuple[Artifact, ...] = ()
    code: str = ""
    """Digest of the code and versions that make the artifact."""

    @cached_property
    def key(self) -> str:
        """Address of the artifact: `KIND-` and 16 hexadecimal digits."""
        content = [self.kind, dict(self.spec), [need.key for need in self.needs], self.code]
        return f"{self.kind}-{digest(content)}"

    def __getitem__(self, name: str) -> Any:
        return dict(self.spec)[name]

    def to_dict(self) -> dict[str, Any]:
        """The artifact and its inputs as plain data."""
        needs = [need.to_dict() for need in self.needs]
        return {"kind": self.kind, "spec": dict(self.spec), "needs": needs, "code": self.code}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Artifact:
        """Inverse of `to_dict`."""
        needs = tuple(cls.from_dict(need) for need in data["needs"])
        return cls(data["kind"], tuple(data["spec"].items()), needs, data["code"])

    def __str__(self) -> str:
        return f"{self.kind} " + " ".join(f"{name}={value}" for name, value in self.spec)


def in_order(artifacts: Iterable[Artifact]) -> tuple[Artifact, ...]:
    """The artifacts and all their inputs, each once, inputs first."""
    ordered: dict[str, Artifact] = {}

    def visit(artifact: Artifact) -> None:
        for need in artifact.needs:
            visit(need)
        ordered.setdefault(artifact.key, artifact)

    for artifact in artifacts:
        visit(artifact)
    return tuple(ordered.values())


_MONTH = 30 * 86400.0
HASHED_UP_TO = 1 << 26
"""Size in bytes up to which every run hashes an artifact anew: a set of 20 000 photographs would take ten
seconds."""
_MOST_TOLD = 256 << 20
"""Most bytes of a seal: details may tell of each of a million images."""
Report = Callable[[dict[str, Any]], None]
"""Receives progress of long work: plain data such as `{"epoch": 3, "epochs": 8, "loss": 0.2}`."""
Producer = Callable[[Artifact, "Shelf", Report], None]
PRODUCERS: Registry[Producer] = Registry("artifact kind")


def producer(function: Producer) -> Producer:
    """Declare a function as the maker of artifacts of the kind that it is named after."""
    PRODUCERS.add(function.__name__, function, place_of(function))
    return function


class Shelf:
    """Folder of finished artifacts. A file is there whole, with its SHA-256 beside it, or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, artifact: Artifact) -> Path:
        """Path of the finished artifact."""
        return self.folder / artifact.key

    def unfinished(self, key: str) -> Path:
        """Path at which a training keeps its state, so that it can go on after it was killed."""
        return self.folder / f".unfinished-{key}"

    def sweep(self) -> None:
        """Remove drafts of killed writers, and states of trainings that nobody has continued for a month."""
        for path in self.folder.glob(".*"):
            old = path.name.startswith(".unfinished-") and time.time() - path.stat().st_mtime > _MONTH
            if old or is_abandoned(path):
                path.unlink(missing_ok=True)

    @contextmanager
    def writing(self, artifact: Artifact, details: Mapping[str, Any] | None = None) -> Iterator[Path]:
        """Yield a path to write to; on leaving, its content becomes the artifact in one step.

        What `details` holds then is kept beside it: plain data that a person should know of it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with replacing(self._seal(artifact)) as seal, replacing(self.path(artifact)) as draft:
            yield draft
            if draft.stat().st_size > HASHED_UP_TO:
                _on_disk(draft)  # it will be trusted by its size: a power cut could leave zeros of that size
            told = {
                "sha256": sha256_of(draft),
                "seen": _seen(draft),
                "what": str(artifact),
                "details": dict(details or {}),
            }
            seal.write_text(json.dumps(told))

    def holds(self, artifact: Artifact) -> bool:
        """Whether the finished artifact is there and undamaged.

        Its bytes are read and hashed; not of a large one that lies as it was written, by size, time and inode.
        """
        try:
            seal, seen = self._told(artifact), _seen(self.path(artifact))
            if seen["size"] > HASHED_UP_TO and seal.get("seen") == seen:
                return True
            return bool(seal["sha256"] == sha256_of(self.path(artifact)))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False

    def details(self, artifact: Artifact) -> dict[str, Any]:
        """Details of a finished artifact, as its maker gave them."""
        try:
            found: dict[str, Any] = self._told(artifact).get("details", {})
        except FileNotFoundError:  # whoever made it told nothing
            return {}
        return found

    def sha256(self, artifact: Artifact) -> str:
        """SHA-256 of a finished artifact, as its maker wrote it down."""
        return str(self._told(artifact)["sha256"])

    def _told(self, artifact: Artifact) -> Any:
        """What the seal says, unless it is a pipe or another thing that has no end."""
        return json.loads(read_text(self._seal(artifact), _MOST_TOLD))

    def _seal(self, artifact: Artifact) -> Path:
        return self.folder / f"{artifact.key}.json"


def _seen(path: Path) -> dict[str, int]:
    """State of a file on disk by which it is known to be unchanged without being read."""
    found = path.stat()
    return {"size": found.st_size, "changed": found.st_mtime_ns, "inode": found.st_ino}


def _on_disk(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())

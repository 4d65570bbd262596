"""Cache of the Hugging Face hub on this machine. Uses no network and loads no torch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.foreign import real_path, sha256_of
from bench.lazy import lazy

huggingface_hub = lazy("huggingface_hub")
constants = lazy("huggingface_hub.constants")

_SNAPSHOTS = "snapshots"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class HubRepository:
    """A repository of the hub, by `ORGANISATION/NAME`."""

    name: str
    revision: str = "main"

    def kept(self, *names: str) -> Path | None:
        """The first of these files that is in the cache; None where none is."""
        for name in names:
            try:
                found = huggingface_hub.try_to_load_from_cache(self.name, name, revision=self.revision)
            except (OSError, ValueError):  # no name of a repository, or a cache that is damaged
                return None
            # beside a path there is a mark of its own for files that the repository is known to lack
            if isinstance(found, str):
                return Path(found)
        return None

    def verify(self, file: Path) -> None:
        """Check the SHA-256 after which the cache names a large file: the hub does so only while downloading.

        Raises:
            OSError: the file cannot be read.
            ValueError: the file is damaged.
        """
        named = real_path(file).name
        if _SHA256.fullmatch(named) and (found := sha256_of(file)) != named:
            told = f"SHA-256 {found[:8]}..., not {named[:8]}... as the cache says"
            raise ValueError(f"'{file.name}' of {self.name} has {told}: it is damaged")

    def about(self, file: Path) -> dict[str, Any]:
        """Origin of a cached file for a record: repository, revision (a commit) and name."""
        parts = file.parts
        commit = parts[len(parts) - parts[::-1].index(_SNAPSHOTS)] if _SNAPSHOTS in parts else self.revision
        return {"repository": self.name, "revision": commit, "file": file.name}


def cache() -> Path:
    """Folder of the cache, from `HF_HUB_CACHE` or `HF_HOME`."""
    return Path(constants.HF_HUB_CACHE)


def is_offline() -> bool:
    """Whether `HF_HUB_OFFLINE` forbids network access."""
    return bool(constants.HF_HUB_OFFLINE)


def kept_models() -> list[str]:
    """Repositories of models with weights in the cache, in alphabetical order."""
    suffixes = ("*.safetensors", "*.bin")
    return sorted(
        folder.name.removeprefix("models--").replace("--", "/")
        for folder in cache().glob("models--*")
        if any(any(folder.glob(f"{_SNAPSHOTS}/*/{suffix}")) for suffix in suffixes)
    )

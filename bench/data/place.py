"""Folder of downloaded data sets, and options for reading the user's images: set once per process, by the verb."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.data.reading import PLAIN, Reading
from bench.foreign import expanded

VARIABLE = "EVOBENCH_DATA"
SKIP, FAIL = "skip", "fail"
ON_BAD_IMAGE = (SKIP, FAIL)
_DEFAULT = Path("runs/data")


@dataclass(frozen=True)
class DataPlace:
    """Place of a process's data."""

    folder: Path
    on_bad_image: str = SKIP
    reading: Reading = PLAIN
    """Options for reading the user's own images."""

    def to_dict(self) -> dict[str, Any]:
        """The place as plain data, for another process."""
        reading = self.reading.to_dict()
        return {"folder": str(self.folder), "on_bad_image": self.on_bad_image, "reading": reading}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> DataPlace:
        """Inverse of `to_dict`."""
        return cls(Path(data["folder"]), data["on_bad_image"], Reading.from_dict(data.get("reading", {})))


_settled: list[DataPlace] = []


def data_place() -> DataPlace:
    """Place that was settled last; else that of the environment."""
    return _settled[-1] if _settled else DataPlace(default_folder())


def settle(place: DataPlace | None) -> None:
    """Set the place of this process's data; None: that of the environment."""
    _settled[:] = [] if place is None else [place]


def default_folder(store: Path | None = None) -> Path:
    """`$EVOBENCH_DATA` where it is set, else the folder `data` beside the store."""
    given = os.environ.get(VARIABLE)
    if given:
        return expanded(given).absolute()
    return (_DEFAULT if store is None else store.parent / _DEFAULT.name).absolute()

"""File of a data set: pixels that are read on use, then the properties of each image.

Arrays of numpy's own format stand one behind the other: pixels (uint8, N x C x H x W), labels, splits, contents
(int64, N each) and a text in JSON. The first is memory-mapped: a cell that uses 50 images reads no others.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

import numpy as np


class Writer:
    """Writes images one by one, so that a single one must be in memory."""

    def __init__(self, file: IO[bytes], shape: tuple[int, int, int], most: int) -> None:
        """Begin a file of at most so many images of C x H x W."""
        self._file = file
        self._shape = shape
        self._begin = self._header(most)
        self._count = 0

    def add(self, image: np.ndarray) -> None:
        """Write one image, uint8, C x H x W."""
        self._file.write(np.ascontiguousarray(image, np.uint8).data)
        self._count += 1

    def close(self, labels: np.ndarray, split: np.ndarray, content: np.ndarray, about: dict[str, Any]) -> None:
        """Write the properties of the images: int64, one number each, and plain data about all of them."""
        for array in (labels, split, content, np.frombuffer(json.dumps(about).encode(), np.uint8)):
            np.save(self._file, array)
        self._file.seek(0)
        if self._header(self._count) != self._begin:
            raise RuntimeError("numpy gives headers of equal arrays different lengths")

    def _header(self, count: int) -> int:
        """Write the header of the pixels; returns the offset of its end, which is the same for every count."""
        header = {"descr": "|u1", "fortran_order": False, "shape": (count, *self._shape)}
        np.lib.format.write_array_header_1_0(self._file, header)
        return self._file.tell()


def read(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
    """Pixels (memory-mapped; changes stay in memory), labels, splits, contents and plain data."""
    pixels = np.load(path, mmap_mode="c", allow_pickle=False)
    with path.open("rb") as file:
        file.seek(pixels.offset + pixels.nbytes)
        labels, split, content, text = (np.load(file, allow_pickle=False) for _ in range(4))
    return pixels, labels, split, content, json.loads(text.tobytes())

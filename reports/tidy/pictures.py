"""The pictures of a run as tidy rows, and as files."""

from __future__ import annotations

import re
import struct
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from bench.store.database import CellRow
from bench.store.rows import PictureRow


def rows(found: Iterable[PictureRow], cells: Iterable[CellRow]) -> Iterator[dict[str, Any]]:
    """One row per picture, in the order of the plan."""
    by_key = {planned.cell.key: planned.cell for planned in cells}
    for row in found:
        cell, picture = by_key[row.cell_key], row.picture
        width, height = _size(picture.png)
        yield {
            "key": row.cell_key,
            "cell": str(cell),
            "architecture": cell.architecture,
            "measure": cell.measure,
            "replicate": row.replicate,
            "ordinal": row.ordinal,
            "name": picture.name,
            "title": picture.title,
            "caption": picture.caption,
            "width": width,
            "height": height,
            "png": b64encode(picture.png).decode(),
        }


def _size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels, which stand at the beginning of the file (ISO/IEC 15948, 11.2.2)."""
    width, height = struct.unpack_from(">II", png.ljust(24, b"\0"), 16)
    return width, height


def inside(pictures: pd.DataFrame, trainings: Iterable[str]) -> pd.DataFrame:
    """Pictures of what networks have inside: not of images that trainings answered, by the keys of these."""
    return pictures[~pictures["key"].isin(list(trainings))]


def file_names(pictures: pd.DataFrame) -> dict[tuple[str, int], str]:
    """File name of each picture, by key and ordinal; of several processes that of the first."""
    found: dict[tuple[str, int], str] = {}
    for row in pictures.to_dict("records"):
        found.setdefault((row["key"], row["ordinal"]), _file_name(row))
    return found


def files(pictures: pd.DataFrame) -> dict[str, bytes]:
    """The content of each picture by its file's name: architecture, measure, picture, key of the cell."""
    return {_file_name(row): b64decode(row["png"]) for row in pictures.to_dict("records")}


def _file_name(row: Mapping[Any, Any]) -> str:
    words = [row["architecture"], row["measure"], row["name"], row["key"][:8], row["replicate"], row["ordinal"]]
    return "-".join(re.sub(r"[^\w.]+", "-", str(word)).strip("-.") for word in words) + ".png"

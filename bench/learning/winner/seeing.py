"""Common part of every `predict.py`: finds pictures, prepares them, and runs the network on them.

It travels with each network (`standalone`), so it asks nothing of the harness but how pictures are read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from bench.data.formats import suffix_of, suffixes
from bench.data.walk import is_junk, walked
from bench.declare.preprocessing import Geometry
from bench.foreign import IMAGE, read_bytes
from bench.learning.data.decode import BadImage, decode, decode_by, guarded
from bench.learning.data.fitting import fit_to

TOGETHER = 16
"""Pictures per batch."""
_TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "C64": torch.complex64,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
"""Number formats by their names in a safetensors file."""


def tensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file of safetensors, by name (https://github.com/huggingface/safetensors#format)."""
    data = bytearray(path.read_bytes())
    begin = 8 + int.from_bytes(data[:8], "little")
    found = {}
    for name, about in json.loads(data[8:begin]).items():
        if name != "__metadata__":
            first, last = about["data_offsets"]
            held = data[begin + first : begin + last] or bytearray(8)  # of no elements, too
            flat = torch.frombuffer(held, dtype=_TYPES[about["dtype"]])
            found[name] = flat[: int(np.prod(about["shape"]))].reshape(about["shape"])
    return found


def pictures_below(place: Path) -> Iterator[Path]:
    """Pictures in and beneath a folder, in the order of their paths, or the single file itself."""
    if place.is_file():
        yield place
    for folder, folders, names in walked(place):
        folders[:] = sorted(name for name in folders if not is_junk(name))
        yield from (folder / n for n in sorted(names) if not is_junk(n) and suffix_of(n) in suffixes())


def seen(data: bytes, how: Mapping[str, Any]) -> torch.Tensor:
    """Input of the network for a picture: float32, channels x side x side.

    Args:
        data: the bytes of its file.
        how: content of `preprocessing.json`.

    Raises:
        BadImage: the picture cannot be read.
    """
    files, memory = (Geometry.of_spec(how[name]) if how[name] else None for name in ("files", "memory"))
    pixels = (decode(data, files) if files else decode_by(data, _gray if how["gray"] else _planes)).pixels
    fitted = fit_to(torch.from_numpy(pixels)[None], how["channels"], memory)
    mean, std = (torch.tensor(how[name]).view(-1, 1, 1) for name in ("mean", "std"))
    ready: torch.Tensor = (fitted[0].float() / 255 - mean) / std
    return ready


def _planes(image: Image.Image) -> np.ndarray:
    return np.asarray(image).transpose(2, 0, 1)


def _gray(image: Image.Image) -> np.ndarray:
    """The one channel of a gray picture, which has three equal ones by now; the luma of a coloured one."""
    return np.asarray(image.convert("L"))[None]


Network = Callable[[torch.Tensor], torch.Tensor]
"""Function from float32 N x channels x side x side to scores, N x classes."""
Answer = tuple[Path, torch.Tensor | None, str]
"""A picture, with its scores (float32, one per class), or the reason why it could not be read."""


@torch.inference_mode()
def answers(network: Network, place: Path, how: Mapping[str, Any]) -> Iterator[Answer]:
    """Scores of the network for the pictures in and beneath a folder, in batches."""
    waiting: list[Path] = []
    ready: list[torch.Tensor] = []
    with guarded():
        for path in pictures_below(place):
            try:
                ready.append(seen(read_bytes(path, IMAGE), how))
            except OSError as error:
                yield path, None, f"cannot be read: {error.strerror}"
                continue
            except BadImage as error:
                yield path, None, str(error)
                continue
            waiting.append(path)
            if len(waiting) == TOGETHER:
                yield from zip(waiting, _scores(network, ready), [""] * TOGETHER, strict=True)
                waiting, ready = [], []
    if waiting:
        yield from zip(waiting, _scores(network, ready), [""] * len(waiting), strict=True)


def _scores(network: Network, ready: list[torch.Tensor]) -> torch.Tensor:
    # some networks do not take a single picture: they squeeze its axis away
    return network(torch.stack(ready * 2 if len(ready) == 1 else ready))[: len(ready)]

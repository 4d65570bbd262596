"""Forms of a file of weights, found without torch and without unpacking: its format, and the code it would run."""

from __future__ import annotations

import os
import pickletools
import zipfile
from itertools import islice
from pathlib import Path
from typing import IO, Any

from bench.foreign import from_json, opened, read_bytes
from bench.learning.weights.checkpoints.safe import MOST_VALUE, PROTOCOL, Pickles, foreign_names, protocol_of

SAFETENSORS = ".safetensors"
INDEX = ".index.json"
"""End of the name of the table that says which tensor lies in which file."""
_LEGACY = 0x1950A86A20F9469CFC6C
"""First value of a file that `torch.save` wrote before its archives (torch 1.6), or was asked to write that
way."""
_LEGACY_STEPS = 4
"""More steps than the pickle of that value has: of another file no more are looked at."""
_LEGACY_PICKLES = 4
"""Pickles of such a file: that value, the version, facts about the machine, the object."""
_MOST_HEADER = 100 << 20
"""Most bytes of a safetensors header, which the format itself limits so; and of an index."""
IN_FOLDERS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
"""Names of the weights in a folder, of which the first that exists is taken."""


def files_at(path: Path) -> tuple[Path, ...]:
    """The files that hold the weights of a file, of an index or of a folder; an index comes before its files.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the folder has no weights, or the index is none, or names a file elsewhere.
    """
    if path.is_dir():
        held = [path / name for name in IN_FOLDERS if (path / name).is_file()]
        if not held:
            raise ValueError(f"the folder has none of {', '.join(IN_FOLDERS)}")
        path = held[0]
    if not path.name.endswith(INDEX):
        return (path,)
    files = tuple(path.parent / name for name in dict.fromkeys(weight_map(path).values()))
    return (path, *files)


def weight_map(index: Path) -> dict[str, str]:
    """Name of the file, beside the index, that holds each tensor, by the tensor's name.

    Raises:
        ValueError: the file is not such an index, or names a file elsewhere.
    """
    content = read_bytes(index, _MOST_HEADER)
    try:
        held = {str(name): str(file) for name, file in from_json(content)["weight_map"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError("its index has no table of tensors ('weight_map')") from error
    if elsewhere := [file for file in held.values() if Path(file).name != file]:
        raise ValueError(f"its index names '{elsewhere[0]}', which is not beside it")
    return held


def foreign_in(path: Path) -> list[str]:
    """Names that the pickle of one file would call beyond rebuilding tensors; empty where the form has no code.

    Raises:
        ValueError: the file has another form, is cut off, or declares more than it holds.
    """
    if path.name.endswith(INDEX):
        return []
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if path.suffix == SAFETENSORS:
            _check_safetensors(file, size)
            return []
        if zipfile.is_zipfile(file):
            file.seek(0)
            return _in_archive(file, size)
        file.seek(0)
        return _in_legacy(file, size)


def _check_safetensors(file: IO[bytes], size: int) -> None:
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= min(size - 8, _MOST_HEADER):
        raise ValueError("its header is not one of safetensors")
    try:
        header: dict[str, Any] = from_json(file.read(length))
        spans = sorted(_span(item) for name, item in header.items() if name != "__metadata__")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError("its header is not one of safetensors") from error
    end = 0
    for begin, then in spans:
        if not begin == end <= then:
            raise ValueError("its header tells of tensors that overlap, or leaves a gap between them")
        end = then
    if end != size - 8 - length:
        raise ValueError("its header tells of another length: it is cut off")


def _span(item: dict[str, Any]) -> tuple[int, int]:
    """First byte of a tensor and the one after its last."""
    begin, end = item["data_offsets"]
    if type(begin) is not int or type(end) is not int:
        raise TypeError("an offset is a whole number")
    return begin, end


def _in_archive(file: IO[bytes], size: int) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        if any("/code/" in name for name in names):
            raise ValueError("it is TorchScript, a program; save model.state_dict()")
        data = [name for name in names if name.rpartition("/")[2] == "data.pkl"]
        if not data:
            raise ValueError("it is not an archive of torch.save")
        # a few megabytes can declare gigabytes, by packing them or by entries that share their bytes
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
            declared = sum(entry.file_size for entry in entries)
            raise ValueError(
                f"its archive is compressed, {size:,} bytes for {declared:,}, which torch.save never does;"
                " save the state dict anew"
            )
        if (declared := sum(entry.file_size for entry in entries)) > size:
            raise ValueError(f"its archive declares {declared:,} bytes and has {size:,}")
        if archive.getinfo(data[0]).file_size > MOST_VALUE:
            raise ValueError("its pickle is larger than any")
        content = archive.read(data[0])
        return foreign_names(content) or _of_protocol(content)


def _in_legacy(file: IO[bytes], size: int) -> list[str]:
    """Foreign names in a file without an archive; each pickle ends where the next begins."""
    pickles = Pickles(file, size)
    steps = pickletools.genops(pickles)  # type: ignore[arg-type] # it reads and reads lines, and nothing else
    try:
        first = [argument for _, argument, _ in islice(steps, _LEGACY_STEPS)]
    except ValueError as error:
        raise ValueError("it was not written by torch.save, or is cut off") from error
    if _LEGACY not in first:
        raise ValueError("it was not written by torch.save")
    foreign = [name for _ in range(_LEGACY_PICKLES - 1) for name in foreign_names(pickles)]
    file.seek(0)
    return foreign or _of_protocol(file.read(2))


def _of_protocol(content: bytes) -> list[str]:
    if (protocol := protocol_of(content)) != PROTOCOL:
        # what torch reads without running it is this protocol alone
        raise ValueError(f"its pickle has protocol {protocol}, not torch.save's own {PROTOCOL}: save it anew")
    return []

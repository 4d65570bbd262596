"""Weights in a user's file, as far as they are looked at without torch: form, what a pickle calls, digest."""

from __future__ import annotations

import hashlib
import json
import pickletools
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from bench.errors import UsageError
from bench.learning.scenario import file_of

SAFETENSORS = ".safetensors"
_LEGACY = 0x1950A86A20F9469CFC6C
"""First value of a file that `torch.save` wrote before its archives (torch 1.6), or was asked to write so."""
_LEGACY_PICKLES = 4
"""That value, the version, facts of the machine, the object."""
_TENSOR_MODULES = (
    "torch",
    "torch._utils",
    "torch._tensor",
    "torch.storage",
    "torch.nn.parameter",
    "torch.serialization",
)
_TENSOR_NAMES = (
    "collections.OrderedDict",
    "collections.Counter",
    "_codecs.encode",
    "builtins.set",
    "__builtin__.set",
)
_SHOWN = 3
_MOST_HEADER = 100 << 20
"""Bytes of a safetensors header, which the format itself limits so."""


def check_weights_file(weights: str) -> None:
    """Make sure that `file:PATH` can be a state dict; other weights are none of this function's.

    Nothing of the file is run: a pickle is read, not loaded. Whether its tensors fit is found out later.

    Raises:
        UsageError: there is no such file, it cannot be read, has another form, or holds more than tensors.
    """
    name = file_of(weights)
    if not name:
        return
    path = Path(name)
    if not path.is_file():
        raise UsageError(f"weights '{weights}': there is no file '{path}'")
    try:
        foreign = _foreign(path)
    except OSError as error:
        raise UsageError(f"weights '{weights}' cannot be read: {error.strerror}") from error
    except (ValueError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        # of zipfile's own: an entry that is encrypted, or packed in a way that it does not know
        raise UsageError(f"'{path}' holds no state dict that can be read: {error}") from error
    if foreign:
        raise UsageError(refusal(path, foreign))


def refusal(path: Path, foreign: list[str]) -> str:
    """Why a pickle is not loaded: what it would call, which is as dangerous as any program."""
    shown = ", ".join(foreign[:_SHOWN]) + (", ..." if len(foreign) > _SHOWN else "")
    return (
        f"'{path}' holds more than tensors: loading it would run {shown}; save the state dict alone, "
        "torch.save(model.state_dict(), PATH), or as .safetensors"
    )


def weights_digest(weights: str) -> str:
    """SHA-256 of the file of `file:PATH` in hexadecimal digits, empty for other weights.

    The file is read once: what a run is filed under stays the same while it goes on.

    Raises:
        UsageError: the file is not there, or cannot be read.
    """
    name = file_of(weights)
    if not name:
        return ""
    if name not in _KNOWN:
        _KNOWN[name] = _sha256(weights)
    return _KNOWN[name]


def require_unchanged(weights: str) -> None:
    """Make sure that the file is still the one that the run is filed under.

    Raises:
        UsageError: it is another one by now, or cannot be read.
    """
    if file_of(weights) and _sha256(weights) != weights_digest(weights):
        raise UsageError(f"the file of weights '{weights}' has changed since the run began")


def known_digests() -> dict[str, str]:
    """Of the files that were asked for; `receive_digests` takes them over in another process."""
    return dict(_KNOWN)


def receive_digests(digests: Mapping[str, str]) -> None:
    """Take over what `known_digests` gave in another process."""
    _KNOWN.update(digests)


def forget_digests() -> None:
    """Have files read again when they are asked for next: a new run begins."""
    _KNOWN.clear()


_KNOWN: dict[str, str] = {}


def _sha256(weights: str) -> str:
    try:
        with Path(file_of(weights)).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"weights '{weights}' cannot be read: {error.strerror}") from error


def _foreign(path: Path) -> list[str]:
    """What a pickle would call beside what rebuilds tensors; nothing for safetensors, which have no code."""
    with path.open("rb") as file:
        if path.suffix == SAFETENSORS:
            _check_safetensors(file, path.stat().st_size)
            return []
        if zipfile.is_zipfile(file):
            file.seek(0)
            return _in_archive(file)
        file.seek(0)
        return _in_legacy(file)


def _check_safetensors(file: IO[bytes], size: int) -> None:
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= min(size - 8, _MOST_HEADER):
        raise ValueError("its header is not one of safetensors")
    try:
        header = json.loads(file.read(length))
        ends = [int(item["data_offsets"][1]) for name, item in header.items() if name != "__metadata__"]
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise ValueError("its header is not one of safetensors") from error
    if max(ends, default=0) != size - 8 - length:
        raise ValueError("its header tells of another length: it is cut off")


def _in_archive(file: IO[bytes]) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        if any("/code/" in name for name in names):
            raise ValueError("it is TorchScript, a program; save model.state_dict()")
        data = [name for name in names if name.rpartition("/")[2] == "data.pkl"]
        if not data:
            raise ValueError("it is no archive of torch.save")
        return foreign_names(archive.read(data[0]))


def _in_legacy(file: IO[bytes]) -> list[str]:
    """Of a file without an archive; each pickle ends where the next begins."""
    try:
        values = [argument for _, argument, _ in pickletools.genops(file)]
    except ValueError as error:
        raise ValueError("it was not written by torch.save, or is cut off") from error
    if _LEGACY not in values:
        raise ValueError("it was not written by torch.save")
    return [name for _ in range(_LEGACY_PICKLES - 1) for name in foreign_names(file)]


def foreign_names(content: bytes | IO[bytes]) -> list[str]:
    """Dotted names that one pickle refers to and that do not belong to tensors, each once, in order.

    Raises:
        ValueError: it is no whole pickle.
    """
    return [name for name in dict.fromkeys(_globals(content)) if not _of_tensors(name)]


def _of_tensors(name: str) -> bool:
    return name in _TENSOR_NAMES or name.rpartition(".")[0] in _TENSOR_MODULES


def _globals(content: bytes | IO[bytes]) -> Iterator[str]:
    words: list[str] = []
    for opcode, argument, _ in pickletools.genops(content):
        if opcode.name in ("GLOBAL", "INST"):
            yield str(argument).replace(" ", ".")
        elif opcode.name == "STACK_GLOBAL":
            # protocol 4 names module and attribute by the strings before; taken from its memo they are not seen
            yield ".".join(words[-2:]) or "an unknown object"
        elif isinstance(argument, str):
            words.append(argument)

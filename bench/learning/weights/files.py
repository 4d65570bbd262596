"""Weights in a user's file, as far as they are examined before a run: form, the code they would call, digest."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from bench.errors import UsageError
from bench.foreign import sha256_of
from bench.learning.weights.checkpoints.forms import files_at, foreign_in
from bench.learning.weights.spelling import weights_file

_SHOWN = 3


def check_weights_file(weights: str) -> None:
    """Make sure that `file:PATH` can be a state dict; other weights are none of this function's.

    Nothing of the file is run or unpacked: a pickle is read, not loaded. Whether its tensors fit is found out
    later.

    Raises:
        UsageError: there is no such file, it cannot be read, has another form, declares more than it holds, or
            holds more than tensors and plain data.
    """
    found = weights_file(weights)
    if found is None:
        return
    path = found.path
    if not path.exists():
        raise UsageError(f"weights '{weights}': there is no file '{path}'")
    try:
        for file in files_at(path):
            if foreign := foreign_in(file):
                raise UsageError(refusal(file, foreign))
    except OSError as error:
        raise UsageError(f"weights '{weights}' cannot be read: {_reason(error)}") from error
    except (ValueError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        # of zipfile's own: an entry that is encrypted, or packed in a way that it does not know
        raise UsageError(f"'{path}' holds no state dict that can be read: {error}") from error


def refusal(path: Path, foreign: list[str]) -> str:
    """Reason why a pickle is not loaded: the code that it would call, which is as dangerous as any program."""
    shown = ", ".join(foreign[:_SHOWN]) + (", ..." if len(foreign) > _SHOWN else "")
    return (
        f"'{path}' holds more than tensors: loading it would run {shown}; save the state dict alone, "
        "torch.save(model.state_dict(), PATH), or as .safetensors"
    )


def weights_digest(weights: str) -> str:
    """SHA-256 of the file of `file:PATH` in hexadecimal digits; empty for other weights.

    Of weights in several files it is the digest of their digests. The files are read once: what a run is filed
    under stays the same while it goes on.

    Raises:
        UsageError: the file is not there, or cannot be read.
    """
    found = weights_file(weights)
    if found is None:
        return ""
    name = str(found.path)
    if name not in _KNOWN:
        _KNOWN[name] = _sha256(weights, found.path)
    return _KNOWN[name]


def require_unchanged(weights: str) -> None:
    """Make sure that the file has not changed since the run was planned.

    Raises:
        UsageError: it is another one by now, or cannot be read.
    """
    found = weights_file(weights)
    if found and _sha256(weights, found.path) != weights_digest(weights):
        raise UsageError(f"the file of weights '{weights}' has changed since the run began")


def known_digests() -> dict[str, str]:
    """Digests of the files that were asked for; `receive_digests` takes them over in another process."""
    return dict(_KNOWN)


def receive_digests(digests: Mapping[str, str]) -> None:
    """Take over the result of `known_digests` in another process."""
    _KNOWN.update(digests)


def forget_digests() -> None:
    """Forget all digests, so that files are read again when next asked for: a new run begins."""
    _KNOWN.clear()


_KNOWN: dict[str, str] = {}


def _sha256(weights: str, path: Path) -> str:
    try:
        digests = [sha256_of(file) for file in files_at(path)]
    except OSError as error:
        raise UsageError(f"weights '{weights}' cannot be read: {_reason(error)}") from error
    except ValueError as error:
        raise UsageError(f"weights '{weights}' cannot be read: {error}") from error
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _reason(error: OSError) -> str:
    return f"{error.strerror} ('{Path(error.filename).name}')" if error.filename else str(error.strerror)

"""Catalogues that this user has chosen on this host, remembered outside all stores.

A store from elsewhere may name any file or module, and evobench imports none for its sake.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from bench.errors import UsageError
from bench.files import replacing
from bench.foreign import sha256_of, whole_path

INSTALLED = "evobench.catalogs"
"""The group of entry points of installed catalogues, which are always loaded."""


def identity(catalog: str) -> str:
    """Name of a catalogue: a file by its whole path, a package as it is."""
    return str(whole_path(catalog)) if catalog.endswith(".py") else catalog


def remember(catalogs: Iterable[str]) -> None:
    """Remember that the user has chosen these catalogues as they are now."""
    for catalog in catalogs:
        note = _note(catalog)
        with suppress(OSError):  # a home in which nothing can be written: the user will be asked again
            note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with replacing(note) as draft:
                draft.chmod(0o600)
                draft.write_text(_content(catalog), encoding="ascii")


def require_chosen(catalogs: Iterable[str], named: Iterable[str], run: str) -> None:
    """Make sure that the user has chosen what a store would have imported; nothing is imported here.

    Args:
        catalogs: the catalogues that a run was begun with, as the store has them.
        named: those that the user names now, which is a choice, too.
        run: id of the run.

    Raises:
        UsageError: one was never chosen, or is not as it was when it was chosen; the line says what to type.
    """
    chosen = {*map(identity, named), *(point.value for point in entry_points(group=INSTALLED))}
    for catalog in catalogs:
        if identity(catalog) in chosen or (catalog.endswith(".py") and not _files(catalog)):
            continue  # loading it says that it is not there
        was = _remembered(catalog)
        if was != _content(catalog):
            why = "has changed since you chose it" if was else "is code that you have not chosen on this host"
            raise UsageError(
                f"the catalogue of run {run} {why}: read it, and name it to have it loaded:"
                f" --catalog {shlex.quote(catalog)}"
            )


def _remembered(catalog: str) -> str:
    """Digest of the source of a catalogue as it was chosen, empty where it was not."""
    try:
        return _note(catalog).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _note(catalog: str) -> Path:
    """The file that says which content of a catalogue was chosen."""
    state = Path(os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state"))  # noqa: PTH111 - never raises
    files = _files(catalog)
    place = str(files[0]) if files else identity(catalog)
    name = hashlib.sha256(f"{identity(catalog)}\n{place}".encode(errors="surrogateescape")).hexdigest()
    return state / "evobench" / "catalogs" / name


def _content(catalog: str) -> str:
    """Digest of the source of a catalogue."""
    digests = ((str(file), sha256_of(file)) for file in _files(catalog))
    return hashlib.sha256(repr(sorted(digests)).encode()).hexdigest()


def _files(catalog: str) -> list[Path]:
    """The files of a catalogue, the first that is imported in front; none where it is not there."""
    if catalog.endswith(".py"):
        path = whole_path(catalog)
        return [path] if path.is_file() else []
    try:
        spec = find_spec(catalog.partition(".")[0])  # of the outermost package, which imports nothing
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    first = [Path(spec.origin)] if spec.has_location and spec.origin else []
    inside = [Path(place) for place in spec.submodule_search_locations or ()]
    return [*first, *(file for place in inside for file in sorted(place.rglob("*.py")))]

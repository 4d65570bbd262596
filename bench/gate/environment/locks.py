"""Locks: the exact versions that they say for this Python on this machine, and what of them pip cannot install."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bench.foreign import LOCK, TABLE, from_json, from_toml, read_bytes, read_text

_ELSEWHERE = ("git", "hg", "url", "path", "file", "vcs", "archive")
"""Keys of a package that comes from no index."""
_LOCAL = ("directory", "editable", "virtual")
"""Keys of a package that lies in the repository: its code is found by its path."""


@dataclass(frozen=True)
class LockMismatch:
    """A package that is not installed as a lock says."""

    name: str
    """Name of the package; empty: the whole lock."""
    line: str
    """Line about it for people."""
    identity: str
    """Differs where the lock says something else of it."""


@dataclass
class Locked:
    """Versions that the locks of a project fix."""

    versions: dict[str, str] = field(default_factory=dict)
    """Versions by package name, for this Python and machine."""
    roots: list[str] = field(default_factory=list)
    """Names that a lock itself asks for: the others lock what a project asks for."""
    left_out: list[LockMismatch] = field(default_factory=list)


@dataclass(frozen=True)
class _Package:
    name: str
    version: str | None
    markers: tuple[str, ...] = ()
    """Markers one of which must hold; empty: the package is always needed."""
    source: str = ""
    """Source of the package, if not an index; `local`: the repository."""
    identity: str = ""


def locked(folder: Path) -> Locked:
    """Versions that the locks in a folder fix; a lock that cannot be read is left out, and a line says so."""
    found = Locked()
    for pattern, read in _FORMS.items():
        for file in sorted(path for path in folder.glob(pattern) if path.is_file()):
            try:
                packages = list(read(file))
            except (ImportError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                why = " ".join(str(error).split()) or type(error).__name__
                content = hashlib.sha256(read_bytes(file, TABLE)).hexdigest()
                found.left_out.append(LockMismatch("", f"what {file.name} locks is not installed: {why}", content))
                continue
            _add(found, file.name, packages)
            if read in (_of_pipfile, _of_pylock):
                found.roots += [item.name for item in packages if item.source != "local"]
    return found


def _add(found: Locked, lock: str, packages: list[_Package]) -> None:
    choices: dict[str, set[str]] = {}
    for item in packages:
        if item.source == "local" or not _holds(item.markers):
            continue
        if item.source or item.version is None:
            line = f"{item.name} is not installed as {lock} says: it comes from {item.source or 'no index'}"
            found.left_out.append(LockMismatch(item.name, line, item.identity))
        else:
            choices.setdefault(item.name, set()).add(item.version)
    for name, versions in choices.items():
        if len(versions) > 1:
            several = " and ".join(sorted(versions))
            line = f"{name} is not installed as {lock} says: it has {several} for this Python"
            found.left_out.append(LockMismatch(name, line, several))
        elif found.versions.get(name, *versions) not in versions:
            line = f"{name} is not installed as {lock} says: another lock has {found.versions[name]}"
            found.left_out.append(LockMismatch(name, line, *versions))
        else:
            found.versions[name] = next(iter(versions))


def _of_uv(file: Path) -> Iterator[_Package]:
    content = _toml(file)
    _expect(content.get("version"), 1, "version")
    for item in content.get("package", []):
        source = item.get("source", {})
        yield _Package(
            canonicalize_name(item["name"]),
            _version(item.get("version")),
            tuple(item.get("resolution-markers", ())),
            _source(source),
            repr(source),
        )


def _of_poetry(file: Path) -> Iterator[_Package]:
    content = _toml(file)
    _expect(str(content["metadata"]["lock-version"]).partition(".")[0] in ("1", "2"), True, "lock-version")
    for item in content.get("package", []):
        source = item.get("source", {})
        kind = source.get("type", "legacy")
        markers = item.get("markers", "")
        # one text, or one for each group of dependencies
        texts = tuple(markers.values()) if isinstance(markers, dict) else (markers,) if markers else ()
        where = "" if kind == "legacy" else "local" if kind == "directory" else kind
        yield _Package(canonicalize_name(item["name"]), _version(item["version"]), texts, where, repr(source))


def _of_pdm(file: Path) -> Iterator[_Package]:
    content = _toml(file)
    _expect(str(content["metadata"]["lock_version"]).partition(".")[0], "4", "lock_version")
    for item in content.get("package", []):
        marker = item.get("marker")
        markers = (marker,) if marker else ()
        path = "path" in item and not str(item["path"]).endswith((".whl", ".gz", ".zip"))
        where = "local" if path else _source(item)
        yield _Package(canonicalize_name(item["name"]), _version(item.get("version")), markers, where, repr(item))


def _of_pipfile(file: Path) -> Iterator[_Package]:
    content = from_json(read_text(file, LOCK))
    _expect(content["_meta"]["pipfile-spec"], 6, "pipfile-spec")
    for name, item in content.get("default", {}).items():
        markers = (item["markers"],) if "markers" in item else ()
        if "version" in item and not str(item["version"]).startswith("=="):
            raise ValueError(f"its version of {name} is not exact")
        version = _version(item["version"].lstrip("=")) if "version" in item else None
        yield _Package(canonicalize_name(name), version, markers, _source(item), repr(item))


def _of_pylock(file: Path) -> Iterator[_Package]:
    try:
        from packaging.pylock import (
            PackageDirectory,
            PackageSdist,
            PackageWheel,
            Pylock,
            PylockSelectError,
            PylockValidationError,
        )
    except ImportError:
        raise ImportError("reading it takes packaging 26.1 or newer in this environment") from None
    # `select` knows the markers, and which of several packages this Python takes
    try:
        selected = list(Pylock.from_dict(_toml(file)).select())
    except (PylockSelectError, PylockValidationError) as error:
        raise ValueError(str(error)) from error
    for package, chosen in selected:
        version = str(package.version) if package.version else None
        if isinstance(chosen, PackageDirectory):
            where = "local"
        else:
            where = "" if isinstance(chosen, PackageWheel | PackageSdist) else "elsewhere than an index"
        yield _Package(canonicalize_name(package.name), version, (), where, repr(chosen))


def _source(keys: Mapping[str, Any]) -> str:
    if any(key in keys for key in _LOCAL):
        return "local"
    return next((key for key in _ELSEWHERE if key in keys), "")


def _version(text: object) -> str | None:
    """A version as it may stand behind `==`.

    Raises:
        ValueError: the text is not a version.
    """
    try:
        return None if text is None else str(Version(str(text)))
    except InvalidVersion as error:
        raise ValueError(str(error)) from error


def _holds(markers: tuple[str, ...]) -> bool:
    try:
        return not markers or any(Marker(text).evaluate({"extra": ""}) for text in markers)
    except (InvalidMarker, UndefinedEnvironmentName, UndefinedComparison):  # it may hold
        return True


def _toml(file: Path) -> dict[str, Any]:
    return from_toml(read_text(file, LOCK))


def _expect(found: object, wanted: object, name: str) -> None:
    if found != wanted:
        raise ValueError(f"its {name} is not one that is known here")


_FORMS: Mapping[str, Callable[[Path], Iterator[_Package]]] = {
    "uv.lock": _of_uv,
    "poetry.lock": _of_poetry,
    "pdm.lock": _of_pdm,
    "Pipfile.lock": _of_pipfile,
    "pylock*.toml": _of_pylock,
}

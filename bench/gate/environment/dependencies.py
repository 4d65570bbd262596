"""Requests of a repository's files: requirements, constraints, projects and locks."""

from __future__ import annotations

import configparser
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bench.errors import UsageError
from bench.foreign import LOCK, from_toml, read_bytes, real_path
from bench.gate.environment.locks import LockMismatch, locked
from bench.gate.environment.requirements import Lines

PROJECT = "pyproject.toml"
FILES = (
    PROJECT,
    "setup.py",
    "setup.cfg",
    "*requirements*.txt",
    "requirements/*.txt",
    "*constraints*.txt",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "pylock*.toml",
)
"""Files in a folder that say what is installed."""
_CONSTRAINTS = ("*constraints*.txt", "requirements/*constraints*.txt")
_REQUIREMENTS = ("*requirements*.txt", "requirements/*.txt")
HARNESS = "evobench"
"""Harness package: both sides use this one, whatever a repository asks for."""


@dataclass(frozen=True)
class Asked:
    """Requests of a tree in pip's words; relative paths begin at the tree's root."""

    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    """Options of pip that say where packages come from."""
    locked: tuple[str, ...] = ()
    """Exact versions, as constraints."""
    left_out: tuple[LockMismatch, ...] = ()
    built: tuple[str, ...] = ()
    """Folders of projects whose requirements only their build knows, relative to the root."""
    unread: tuple[str, ...] = ()
    """Texts that decide what these builds ask for."""
    names: frozenset[str] = frozenset()
    """Names of the projects themselves: their code is found by its path and is never installed."""


def projects_around(root: Path, folder: Path) -> list[Path]:
    """The nearest folder from `folder` up to `root` that has a file of `FILES`, and the root, relative to it."""
    inside = folder.relative_to(root)
    for place in (inside, *inside.parents):
        if any(found for pattern in FILES for found in (root / place).glob(pattern)):
            return list(dict.fromkeys((place, Path())))
    return [Path()]


def asked_in(root: Path, folders: Iterable[Path], ignored: Collection[Path] = ()) -> Asked:
    """Requests of some folders of a tree.

    Args:
        root: root folder of the tree.
        folders: relative to it.
        ignored: files that git ignores: they ask for nothing.

    Raises:
        UsageError: files name each other too deeply.
    """
    reading = _Reading(root, frozenset(ignored))
    try:
        for folder in folders:
            reading.project(real_path(root / folder))
    except RecursionError:
        raise UsageError(f"files of requirements in '{root}' name each other in too long a row") from None
    return reading.asked()


class _Reading:
    """Reads projects, and those that they take from folders beside them, each once."""

    def __init__(self, root: Path, ignored: frozenset[Path]) -> None:
        self._root = root
        self._ignored = ignored
        self._lines = Lines()
        self._locked: dict[str, str] = {}
        self._left_out: list[LockMismatch] = []
        self._built: list[str] = []
        self._unread: list[str] = []
        self._names: set[str] = set()
        self._seen: set[tuple[Path, frozenset[str]]] = set()

    def asked(self) -> Asked:
        """All requests that were read."""
        kept = [line for line in self._lines.requirements if name_of(line) not in (*self._names, HARNESS)]
        return Asked(
            tuple(dict.fromkeys(kept)),
            tuple(dict.fromkeys(self._lines.constraints)),
            tuple(dict.fromkeys(self._lines.options)),
            tuple(f"{name}=={version}" for name, version in self._locked.items()),
            tuple(self._left_out),
            tuple(self._built),
            tuple(self._unread),
            frozenset(self._names),
        )

    def project(self, folder: Path, extras: frozenset[str] = frozenset()) -> None:
        """Add what a folder asks for."""
        if (folder, extras) in self._seen or not folder.is_relative_to(self._root):
            return
        self._seen.add((folder, extras))
        constraints, requirements = (
            {file for pattern in patterns for file in folder.glob(pattern)} - self._ignored
            for patterns in (_CONSTRAINTS, _REQUIREMENTS)
        )
        for file in sorted(constraints):
            self._lines.read(file, self._root, constrains=True)
        for file in sorted(requirements - constraints):
            self._lines.read(file, self._root)
        lock = locked(folder)
        self._locked = lock.versions | self._locked  # the nearest project's stand
        self._left_out += lock.left_out
        self._lines.requirements += lock.roots
        self._declared(folder, extras, bool(lock.versions))
        for other, wanted in list(self._lines.projects.items()):
            self.project(other, frozenset(wanted))

    def _declared(self, folder: Path, extras: frozenset[str], has_lock: bool) -> None:
        """Add what the project's own file says."""
        text = text_in(folder / PROJECT)
        try:
            content = from_toml(text)
            self._names |= _names(content)
            self._sources(folder, _table(content, "tool", "uv"))
            self._dependencies(folder, content, has_lock)
            optional = _table(content, "project", "optional-dependencies")
            self._lines.requirements += [str(line) for extra in sorted(extras) for line in optional.get(extra, [])]
        except (ValueError, TypeError, KeyError, AttributeError, NotImplementedError):  # the last of a pattern
            self._left_out.append(
                LockMismatch("", f"{PROJECT} cannot be read: what it asks for is not installed", text)
            )

    def _dependencies(self, folder: Path, content: Mapping[str, Any], has_lock: bool) -> None:
        project, poetry = _table(content, "project"), _table(content, "tool", "poetry")
        is_dynamic = "dependencies" in project.get("dynamic", [])
        if project and not is_dynamic:
            self._lines.requirements += map(str, project.get("dependencies", []))
        elif poetry and has_lock:
            asked = _table(poetry, "dependencies")
            self._lines.requirements += [name for name in asked if name != "python" and _is_plain(asked[name])]
        elif is_dynamic and (
            files := _table(content, "tool", "setuptools", "dynamic", "dependencies").get("file")
        ):
            for file in [files] if isinstance(files, str) else files:
                self._lines.read(folder / file, self._root)
        elif is_dynamic or poetry or (folder / "setup.py").is_file() or _has_setup(folder):
            self._built.append(folder.relative_to(self._root).as_posix())
            setup = [text_in(folder / name) for name in ("setup.py", "setup.cfg")]
            self._unread += [repr(poetry.get("dependencies")), *setup]

    def _sources(self, folder: Path, uv: Mapping[str, Any]) -> None:
        """Add where uv takes packages from: folders beside the project, addresses, other indexes."""
        for name, source in _table(uv, "sources").items():
            for item in source if isinstance(source, list) else [source]:
                self._source(folder, name, item)
        for pattern in _table(uv, "workspace").get("members", []):
            if not Path(os.path.normpath(folder / pattern)).is_relative_to(self._root):
                raise ValueError(f"{pattern} leads out of the tree")  # and perhaps through the whole disk
            for member in sorted(folder.glob(pattern)):
                if text_in(member / PROJECT):
                    self.project(real_path(member))
        for index in uv.get("index", []):
            kind = "--index-url" if index.get("default") else "--extra-index-url"
            self._lines.options.append(f"{kind} {index['url']}")

    def _source(self, folder: Path, name: str, item: Mapping[str, Any]) -> None:
        """Add the place from which uv takes one package."""
        if "path" in item and (folder / item["path"]).is_dir():
            self.project(real_path(folder / item["path"]))
        elif item.get("workspace"):
            self._names.add(canonicalize_name(name))
        elif "git" in item:
            mark = item.get("rev") or item.get("tag") or item.get("branch")
            self._lines.requirements.append(f"{name} @ git+{item['git']}" + (f"@{mark}" if mark else ""))
        elif "url" in item:
            self._lines.requirements.append(f"{name} @ {item['url']}")


def name_of(line: str) -> str | None:
    """The name that a requirement is for; None of a bare address."""
    try:
        return canonicalize_name(Requirement(line).name)
    except InvalidRequirement:
        return None


def _names(content: Mapping[str, Any]) -> set[str]:
    """Name of the project itself, as a set."""
    known = [_table(content, "project").get("name"), _table(content, "tool", "poetry").get("name")]
    return {canonicalize_name(name) for name in known if name}


def _has_setup(folder: Path) -> bool:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text_in(folder / "setup.cfg"))
    except configparser.Error:
        return True
    return parser.has_section("options") or parser.has_section("metadata")


def _is_plain(asked: object) -> bool:
    """Whether a dependency of poetry always comes from an index."""
    return isinstance(asked, str) or (
        isinstance(asked, dict) and not any(key in asked for key in ("git", "path", "url", "optional"))
    )


def _table(content: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A table within tables; empty where it is not there.

    Raises:
        TypeError: something else stands there.
    """
    found: Any = content
    for name in names:
        found = found.get(name, {})
        if not isinstance(found, dict):
            raise TypeError(f"{name} is not a table")
    return found  # type: ignore[no-any-return]


def text_in(file: Path) -> str:
    """Text of a file; empty where there is none."""
    text = read_bytes(file, LOCK).decode("utf-8", errors="replace") if file.is_file() else ""
    return text.replace("\r\n", "\n")

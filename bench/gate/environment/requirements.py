"""Requirement files, as far as they say what is asked for; pip does the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

_INCLUDED = re.compile(r"(?:-r|--requirement|-c|--constraint)[ =]?\s*(?P<file>.+)")
_EDITABLE = re.compile(r"(?:-e|--editable)[ =]?\s*(?P<target>.+)")
_FOUND = re.compile(r"(?:-f|--find-links)[ =]?\s*(?P<folder>.+)")
_EXTRAS = re.compile(r"\[(?P<extras>[^\]]*)\]$")


@dataclass
class Lines:
    """What requirement files ask for."""

    requirements: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    """Of pip, such as an index."""
    projects: dict[Path, set[str]] = field(default_factory=dict)
    """Folders of projects that are to be installed from where they lie, with the extras that are asked for."""
    _seen: set[tuple[Path, bool]] = field(default_factory=set)

    def read(self, file: Path, root: Path, constrains: bool = False) -> None:
        """Add what a file says, and those that it names; a file that is not there says nothing.

        Args:
            file: the file.
            root: folder from which relative paths begin afterwards.
            constrains: whether it says versions alone.
        """
        if (file, constrains) in self._seen or not file.is_file():
            return
        self._seen.add((file, constrains))
        for line in _logical(file.read_text(encoding="utf-8", errors="replace")):
            if found := _INCLUDED.fullmatch(line):
                is_constraint = constrains or line.startswith(("-c", "--c"))
                self.read((file.parent / found["file"]).resolve(), root, is_constraint)
            elif constrains and not line.startswith("-"):
                self.constraints.append(_without_options(line))
            else:
                self._add(line, file.parent, root)

    def _add(self, line: str, folder: Path, root: Path) -> None:
        if found := _FOUND.fullmatch(line):
            self.options.append(f"--find-links {_from(root, folder, found['folder'])}")
        elif editable := _EDITABLE.fullmatch(line):
            self._add_target(editable["target"], folder, root)
        elif line.startswith("-"):
            # hashes would be demanded of evobench's own requirements, too
            self.options += [line] if line != "--require-hashes" else []
        else:
            self._add_target(_without_options(line), folder, root)

    def _add_target(self, target: str, folder: Path, root: Path) -> None:
        """Add a requirement, the address of one, or the project of a folder."""
        extras = found["extras"].split(",") if (found := _EXTRAS.search(target)) else []
        path = (folder / _EXTRAS.sub("", target).removeprefix("file:")).resolve()
        # as pip does: a bare word is a name, even where a folder is called so
        if target.startswith((".", "/", "file:")) and path.is_dir():
            self.projects.setdefault(path, set()).update(extra.strip() for extra in extras)
            return
        self.requirements.append(_from(root, folder, target) if target.startswith(".") else _normal(target))


def _logical(text: str) -> Iterator[str]:
    """Lines without comments, those that a backslash breaks put together."""
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        if cleaned := re.sub(r"(^|\s)#.*$", "", line).strip():
            yield cleaned


def _without_options(line: str) -> str:
    return _normal(re.split(r"\s--", line, maxsplit=1)[0].strip())


def _normal(line: str) -> str:
    """The same text for the same requirement, however it is spaced."""
    try:
        return str(Requirement(line))
    except InvalidRequirement:  # an address
        return line


def _from(root: Path, folder: Path, name: str) -> str:
    """A path within the root relative to it; any other text as it is."""
    path = (folder / name).resolve()
    return f"./{path.relative_to(root).as_posix()}" if path.exists() and path.is_relative_to(root) else name

"""Requirement files, as far as they say what is asked for; pip does the rest."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from bench.foreign import LOCK, read_bytes, real_path

_INCLUDED = re.compile(r"(?:-r|--requirement|-c|--constraint)[ =]?\s*(?P<file>.+)")
_EDITABLE = re.compile(r"(?:-e|--editable)[ =]?\s*(?P<target>.+)")
_FOUND = re.compile(r"(?:-f|--find-links)[ =]?\s*(?P<folder>.+)")
_EXTRAS = re.compile(r"\[(?P<extras>[^\]]*)\]$")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before that of UTF-16, which it begins with
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Encodings by the bytes that files in them begin with; PowerShell writes UTF-16."""


@dataclass
class Lines:
    """Requests of requirement files."""

    requirements: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    """Options of pip, such as an index."""
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
        for line in _logical(_decoded(read_bytes(file, LOCK))):
            if found := _INCLUDED.fullmatch(line):
                is_constraint = constrains or line.startswith(("-c", "--c"))
                if included := _place(file.parent, found["file"]):
                    self.read(included, root, is_constraint)
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
        # as pip does: a bare word is a name, even where a folder is called so
        path = _place(folder, _EXTRAS.sub("", target).removeprefix("file:"))
        if target.startswith((".", "/", "file:")) and path and path.is_dir():
            self.projects.setdefault(path, set()).update(extra.strip() for extra in extras)
            return
        self.requirements.append(_from(root, folder, target) if target.startswith(".") else _normal(target))


def _decoded(content: bytes) -> str:
    """The text of a file, in the encoding that its first bytes tell, as pip reads it."""
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    return content.decode(encoding, errors="replace")


def _place(folder: Path, name: str) -> Path | None:
    """Path that a name in a folder stands for; None where no file can have that name."""
    try:
        path = real_path(folder / name)
        path.exists()
    except (OSError, ValueError):  # too long, or with a character that no name has
        return None
    return path


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
    path = _place(folder, name)
    if path is None or not path.exists() or not path.is_relative_to(root):
        return name
    return f"./{path.relative_to(root).as_posix()}"

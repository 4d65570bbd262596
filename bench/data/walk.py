"""Walk through a folder of images: files of other programs are skipped and counted, links are checked."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from unicodedata import category

from bench.data.formats import NO_SUFFIX, suffix_of, why_not
from bench.data.reading import Reading
from bench.errors import UsageError
from bench.foreign import real_path

_JUNK = frozenset(
    {
        "__macosx",  # archives of macOS
        "@eadir",  # Synology: thumbnails of every picture
        "#recycle",
        "#snapshot",
        "@recycle",  # QNAP
        "$recycle.bin",
        "system volume information",
        "lost+found",
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "icon\r",
        ".ds_store",
    }
)
"""Names of files that unpackers, file managers and network drives leave beside images, in small letters."""
_LEFT = "left by other programs"
_HIDDEN = "hidden"
FOLLOWS = "(--follow-links follows it)"
LEADS_OUT = f"is a link that leads out of the folder {FOLLOWS}"
_NOWHERE = "is a link that leads nowhere"
_AGAIN = "is a folder that is read already"


class Walk:
    """One walk, which counts the files that it leaves out."""

    def __init__(self, root: Path, reading: Reading, left: Counter[tuple[str, str]]) -> None:
        self._root = root
        self._reading = reading
        self._left = left
        self.broken: list[str] = []
        """Messages about links beside the folders of classes that lead nowhere."""

    def folders(self, folder: Path, without: str = "") -> list[Path]:
        """Folders in a folder, in the order of their names; the files beside them are counted as left out.

        Args:
            folder: folder that holds the files.
            without: why the files are left out.

        Raises:
            UsageError: it may not be read, or one is a link out of the root: whole classes cannot be left out as
                bad images can.
        """
        found = []
        for entry in self._entries(folder):
            path = folder / entry.name
            if not _is_folder(entry):
                self._beside(entry, path, without or "beside the folders of classes")
                continue
            if not printable(entry.name):
                raise UsageError(f"'{folder}' has a class whose name cannot be printed: {entry.name!r}")
            link = entry.is_symlink() and not self._reading.follow_links
            if link and not real_path(path).is_relative_to(self._root):
                raise UsageError(f"'{path}' {LEADS_OUT}")
            found.append(path)
        return found

    def has_folders(self, folder: Path) -> bool:
        """Whether a folder holds folders, as the folder of a split does; nothing is counted."""
        return any(_is_folder(entry) for entry in listed(folder) if not is_junk(entry.name))

    def images(self, folder: Path) -> Iterator[tuple[Path, str]]:
        """All images in and beneath a folder, in the order of their names, each with what is wrong with it."""
        yield from self._beneath(folder, {real_path(folder)})

    def leave(self, folder: Path, why: str) -> int:
        """Count all files in and beneath a folder as left out; returns their number."""
        files = [name for _, _, names in walked(folder) for name in names if not is_junk(name)]
        self._left.update((suffix_of(name), why) for name in files)
        return len(files)

    def _beneath(self, folder: Path, read: set[Path]) -> Iterator[tuple[Path, str]]:
        """Images in and beneath a folder. `read` are the real folders read so far: each is read once, so that no
        circle is followed."""
        # a list, since folders may be nested deeper than calls; the real paths are not asked for once a level
        open_ = [(folder, real_path(folder), self._entries(folder))]
        while open_:
            at, real, entries = open_[-1]
            entry = next(entries, None)
            if entry is None:
                open_.pop()
                continue
            path, suffix, is_folder = at / entry.name, suffix_of(entry.name), _is_folder(entry)
            why = self._why_not(suffix)
            if entry.is_symlink() and (wrong := self._wrong_link(path, read)):
                if is_folder or not why or suffix == NO_SUFFIX:
                    yield path, wrong
                else:
                    self._left[suffix, why] += 1
            elif is_folder and not entry.is_symlink() and self._is_read(real / entry.name, read):
                yield path, _AGAIN
            elif is_folder:
                below = real_path(path) if entry.is_symlink() else real / entry.name
                open_.append((path, below, self._entries(path)))
            elif why:
                self._left[suffix, why] += 1
            else:
                # a pipe or a device of that name would be read from without end
                yield path, "" if entry.is_file() else "is not a regular file"

    def _is_read(self, real: Path, read: set[Path]) -> bool:
        """Whether a link led to this folder before; from now on the folder counts as read."""
        if not self._reading.follow_links:
            return False
        known = real in read
        read.add(real)
        return known

    def _why_not(self, suffix: str) -> str:
        if self._reading.types and not why_not(suffix) and suffix not in self._reading.types:
            return "not among --image-types"
        return why_not(suffix)

    def _wrong_link(self, path: Path, read: set[Path]) -> str:
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):  # it leads nowhere, or in a circle
            return _NOWHERE
        if not self._reading.follow_links:
            if not target.is_relative_to(self._root):
                return LEADS_OUT
            return f"is a link to a folder, which is not followed {FOLLOWS}" if target.is_dir() else ""
        if not target.is_dir():
            return ""
        around = target in read or any(known.is_relative_to(target) for known in (self._root, *read))
        read.add(target)
        return _AGAIN if around else ""

    def _beside(self, entry: os.DirEntry[str], path: Path, why: str) -> None:
        if entry.is_symlink() and not path.exists():
            self.broken.append(f"{_shown(str(path.relative_to(self._root)))} {_NOWHERE}")
        else:
            self._left[suffix_of(entry.name), why] += 1

    def _entries(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        """Entries of a folder without files that are not data, which are counted."""
        for entry in listed(folder):
            if not is_junk(entry.name):
                yield entry
                continue
            why = _LEFT if entry.name.lower() in _JUNK else _HIDDEN
            if entry.is_dir(follow_symlinks=False):
                self._left[f"in {_shown(entry.name)}", why] += _files_in(folder / entry.name)
            else:
                self._left[_shown(entry.name), why] += 1


def listed(folder: Path) -> list[os.DirEntry[str]]:
    """Entries of a folder in the order of their names.

    Raises:
        UsageError: the folder may not be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"the folder '{folder}' cannot be read: {error.strerror}") from error


def walked(folder: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder in and beneath a folder, as `os.walk` yields them, however deeply they are nested.

    Links to folders are left out, and so are folders that may not be read. The list of folders may be changed:
    those that are left in it are walked through, in its order.
    """
    open_ = [folder]
    while open_:
        at = open_.pop()
        try:
            with os.scandir(at) as found:
                entries = list(found)
        except OSError:
            continue
        folders = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        yield at, folders, [entry.name for entry in entries if not _is_folder(entry)]
        open_ += [at / name for name in reversed(folders)]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder, or a link to one; a link in a circle is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


@cache
def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is not data: hidden, or left by another program."""
    return name.startswith(".") or name.lower() in _JUNK


def printable(text: str) -> bool:
    """Whether a name has no control characters and is valid UTF-8."""
    return not any(category(c) in ("Cc", "Cs") for c in text)


def _files_in(folder: Path) -> int:
    return sum(len(names) for _, _, names in walked(folder))


def _shown(name: str) -> str:
    """Name under which a left-out file is counted: one for all shadow files of macOS."""
    if name.startswith("._"):
        return "._*"
    return name if printable(name) else repr(name)

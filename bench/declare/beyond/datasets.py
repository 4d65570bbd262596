"""Data sets by name: those that are declared, and the user's own images as `folder:`, `csv:` and `list:PATH`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from bench.data.digests import contents_of, digest_of
from bench.data.folders import scan_folder
from bench.data.images import Dataset, ImageFiles
from bench.data.lists import scan_csv, scan_list
from bench.data.place import FAIL, DataPlace, data_place, settle
from bench.data.reading import Reading
from bench.data.two_labels import two_labels
from bench.declare.registry import Registry, place_of
from bench.errors import UnknownName, UsageError
from bench.foreign import expanded, whole_path

SCANS: dict[str, Callable[[Path, Reading], ImageFiles]] = {
    "folder": scan_folder,
    "csv": scan_csv,
    "list": scan_list,
}
_ABOUT = {
    "folder": "The user's own images, a folder a class.",
    "csv": "The user's own images, listed in a table.",
    "list": "The user's own images, with a class index a line.",
}


@dataclass(frozen=True)
class Known:
    """Facts about the user's own images that planning and learning need without looking at a file."""

    names: tuple[str, ...]
    state: str

    def to_dict(self) -> dict[str, Any]:
        """The facts as plain data, for another process."""
        return {"names": list(self.names), "state": self.state}


class Datasets(Registry[Dataset]):
    """The declared data sets; `get` also knows `folder:PATH`, `csv:PATH` and `list:PATH`.

    The user's own images are looked at once, so that what a run is filed under stays the same while it goes on;
    `forget` has them looked at again.
    """

    def __init__(self) -> None:
        super().__init__("data set")
        self._own: dict[str, Dataset] = {}

    def get(self, name: str) -> Dataset:
        """Look `name` up: declared, `folder:PATH`, `csv:PATH` or `list:PATH`.

        Raises:
            UnknownName: nothing has that name; the message offers the nearest one.
            UsageError: the folder or table is not there, may not be read, or is none of images in classes.
        """
        if name in self:
            return super().get(name)
        kind, colon, _ = name.partition(":")
        if not colon or kind not in SCANS:
            if Path(name).is_dir():
                raise UsageError(f"unknown data set '{name}': the images in a folder are folder:{name}")
            path = name.rpartition(":")[2]
            spellings = [f"{scan}:{path}" for scan in SCANS] if colon else []
            raise UnknownName(self.kind, name, [*self.names(), *spellings])
        own = spelled(name)
        if own not in self._own:
            self._own[own] = _scanned(own)
        return self._own[own]

    def own(self) -> tuple[Dataset, ...]:
        """The user's own images that have been asked for in this process."""
        return tuple(self._own.values())

    def forget(self) -> None:
        """Forget the user's own images, so that they are looked at again when next asked for."""
        self._own.clear()

    def handed(self) -> dict[str, Any]:
        """Facts about data as plain data for a process that works for this one, so that it need not look
        itself."""
        own = {name: Known(item.class_names, item.state()).to_dict() for name, item in self._own.items()}
        return {"place": data_place().to_dict(), "own": own}

    def receive(self, handed: dict[str, Any]) -> None:
        """Take over the result of `handed` in another process."""
        if not handed:
            return
        settle(DataPlace.from_dict(handed["place"]))
        for name, known in handed["own"].items():
            self._own[name] = _own(name, tuple(known["names"]), partial(str, known["state"]), data_place().reading)


def spelled(name: str) -> str:
    """Canonical spelling of `folder:PATH`, `csv:PATH` and `list:PATH`, with an absolute path; other names are
    unchanged.

    Raises:
        UsageError: the path is missing.
    """
    kind, _, path = name.partition(":")
    if kind not in SCANS or ":" not in name:
        return name
    if not path:
        raise UsageError(f"a path is missing: write {kind}:PATH")
    whole = expanded(path)
    # of a table or a list that is a link, the images lie beside the link
    return f"{kind}:{whole_path(whole.parent) / whole.name if kind != 'folder' else whole_path(whole)}"


def _scanned(name: str) -> Dataset:
    kind, _, path = name.partition(":")
    place = data_place()
    found = SCANS[kind](Path(path), place.reading)
    if place.on_bad_image == FAIL and found.refused:
        raise bad_image(found.refused[0])
    bad = (f"bad images: {len(found.refused)}, the first: {found.refused[0]}",) if found.refused else ()
    contents = cache(partial(contents_of, found))
    own = _own(name, found.names, cache(lambda: digest_of(found, contents())), place.reading)
    return replace(
        own,
        left_out=found.left_out,
        notes=(*found.notes, *bad),
        two_labels=lambda: two_labels(found, contents()),
    )


def bad_image(line: str) -> UsageError:
    """Error that ends a run where bad images must not be left out."""
    return UsageError(f"bad image: {line} (--on-bad-image skip leaves such images out)")


def _own(name: str, names: tuple[str, ...], state: Callable[[], str], reading: Reading) -> Dataset:
    kind, _, path = name.partition(":")
    scan = SCANS[kind]
    return Dataset(
        name=name,
        load=partial(scan, Path(path), reading),
        classes=len(names),
        channels=3,
        resolution=None,
        licence="the user's own images: whatever their licence is",
        source=f"{path} on this machine",
        about=_ABOUT[kind],
        package="",
        oriented=False,
        place=place_of(scan),
        class_names=names,
        state=state,
    )

"""Catalogues that are files, on their way to a node with the modules that they import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.declare.loading.imports import Sources
from bench.foreign import real_path


@dataclass(frozen=True)
class Bundle:
    """Catalogues as a node is told of them: the names of packages, and files with their content."""

    named: tuple[str, ...]
    """Names as the driver has them."""
    catalogs: tuple[str, ...]
    """Packages by name; files by their path in the bundle."""
    files: dict[str, bytes]
    """Content by path in the bundle: of each catalogue, of the modules beside it and of what it imports."""

    def unpack(self, folder: Path) -> tuple[str, ...]:
        """Write the files into the folder; returns the catalogues as they are to be loaded."""
        for path, content in self.files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return tuple(str(folder / name) if name in self.files else name for name in self.catalogs)


def bundled(catalogs: Sequence[str]) -> Bundle:
    """The catalogues, ready to travel. Each file has a folder of its own, with the place that it has in a package.

    Raises:
        OSError: a file cannot be read.
    """
    names, files = list[str](), dict[str, bytes]()
    for number, catalog in enumerate(catalogs):
        if not catalog.endswith(".py"):
            names.append(catalog)
            continue
        file = real_path(catalog)
        root = _root(file.parent)
        names.append(f"{number}/{file.relative_to(root).as_posix()}")
        known = {*_beside(file.parent), *Sources().closure(file).files}
        inside = (path for path in known if path.is_relative_to(root) and path.is_file())
        files |= {f"{number}/{path.relative_to(root).as_posix()}": path.read_bytes() for path in inside}
    return Bundle(tuple(catalogs), tuple(names), files)


def _beside(folder: Path) -> Iterator[Path]:
    """Modules in a folder, and in the packages within it."""
    yield from folder.glob("*.py")
    for package in folder.glob("*/__init__.py"):
        yield from _beside(package.parent)


def _root(folder: Path) -> Path:
    """The folder that the outermost package lies in which a folder is of."""
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder

"""Imports of source files, read from their text alone: no module is loaded, so that asking costs no torch."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from bench.cell import digest
from bench.declare.places import library_of

WHOLE = "*"
"""Marker of an import that takes all of a module, or may do so."""
_LOADERS = ("lazy", "load", "import_module", "__import__")
"""Functions that load the module that their first argument names."""
_LARGE = ("torch", "torchvision", "numpy")
"""Packages that count by their version even where they were built outside the folders of installed packages."""
_OURS = __name__.partition(".")[0]
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Import:
    """One import in a file."""

    module: str
    """Dotted name of the module, with a dot in front for each level where it is relative."""
    taken: str = WHOLE
    """Name that is imported from the module."""
    bound: str = ""
    """Name under which a package merely re-exports the import: it matters only to importers of that name."""
    called: bool = False
    """Whether the import is executed only when a function is called."""


@dataclass(frozen=True)
class Closure:
    """All files and packages that a file depends on, itself included."""

    files: frozenset[Path]
    """First-party files: those of the file's package, of evobench, and modules beside a catalogue."""
    packages: frozenset[str]
    """Import names of installed packages, such as `torch`."""


class Sources:
    """Source files, each of which is read and parsed once: later changes are not seen."""

    def __init__(self, read: Callable[[Path], bytes] = Path.read_bytes) -> None:
        self._read = read
        self._content: dict[Path, bytes] = {}
        self._next: dict[tuple[Path, str], tuple[frozenset[tuple[Path, str]], frozenset[str]]] = {}
        self._closures: dict[Path, Closure] = {}
        self._located: dict[tuple[Path, str], Path | None] = {}
        self._folders: dict[str, Path | None] = {}
        self._digests: dict[Path, str] = {}

    def closure(self, file: Path) -> Closure:
        """The file, its imports, their imports, and so on, wherever in a file an import stands.

        Blocks that only a type checker reads are left out. Where a module of a package is imported, the package
        takes part with what its `__init__` runs; of what this merely hands on, only what is asked for is followed.
        """
        if file not in self._closures:
            seen, open_, packages = {(file, WHOLE)}, [(file, WHOLE)], set[str]()
            while open_:
                nodes, names = self._after(*open_.pop())
                packages |= names
                open_ += nodes - seen
                seen |= nodes
            self._closures[file] = Closure(frozenset(path for path, _ in seen), frozenset(packages))
        return self._closures[file]

    def digest(self, file: Path) -> str:
        """Digest of the content of the file and of all its imports, wherever these are installed."""
        if file not in self._digests:
            files = self.closure(file).files
            self._digests[file] = digest(sorted((_name(f), _hash(self._read_once(f))) for f in files))
        return self._digests[file]

    def _read_once(self, file: Path) -> bytes:
        if file not in self._content:
            try:
                self._content[file] = self._read(file)
            except OSError:  # such as what was typed into a console
                self._content[file] = b""
        return self._content[file]

    def _after(self, file: Path, asked: str) -> tuple[frozenset[tuple[Path, str]], frozenset[str]]:
        """Files, with the names imported from them, and packages that are one step from a file."""
        if (file, asked) not in self._next:
            nodes = {(package, "") for package in _packages_of(file)}
            packages = set()
            for item in self._wanted(file, asked):
                known = (file.parent, item.module)
                if known not in self._located:
                    self._located[known] = self._locate(file, item.module)
                if (target := self._located[known]) is not None:
                    nodes.add(_taken(target, item.taken))
                elif (name := item.module.partition(".")[0]) not in sys.stdlib_module_names and name:
                    packages.add(name)
            self._next[file, asked] = frozenset(nodes), frozenset(packages)
        return self._next[file, asked]

    def _wanted(self, file: Path, asked: str) -> list[Import]:
        items = _imports(self._read_once(file), file.name == "__init__.py")
        handed_on = [item for item in items if item.bound and item.bound == asked]
        if asked and not handed_on:
            return list(items)
        return [*handed_on, *(item for item in items if not item.bound and not item.called)]

    def _locate(self, importer: Path, module: str) -> Path | None:
        """File of a first-party module, its package's `__init__`, or the folder of a namespace package; None for
        others."""
        name = module.lstrip(".")
        parts = name.split(".") if name else []
        level = len(module) - len(name)
        folder = importer.parents[level - 1] if level else self._folder_of(parts[0], importer)
        if folder is None:
            return None
        path = folder.joinpath(*parts)
        found = (path / "__init__.py", path.with_name(f"{path.name}.py"))
        return next((file for file in found if file.is_file()), path if path.is_dir() else None)

    def _folder_of(self, name: str, importer: Path) -> Path | None:
        """Folder of a top-level module, where it is first-party code."""
        if name in sys.stdlib_module_names:
            return None
        home = _root(importer)
        if importer.relative_to(home).parts[0] == name:
            return home
        if name not in self._folders:
            self._folders[name] = _found(name)
        found = self._folders[name]
        if found is None:  # it may yet lie beside the file: a catalogue finds it there
            return home if (home / name).is_dir() or (home / f"{name}.py").is_file() else None
        installed = name in _LARGE or library_of(str(found / name))
        return found if name == _OURS or not installed else None


@cache
def _imports(content: bytes, is_package: bool) -> tuple[Import, ...]:
    """Imports of a file; none where it is not Python."""
    try:
        return tuple(_found_in(ast.parse(content), content, is_package))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()


def _found_in(tree: ast.Module, content: bytes, is_package: bool) -> Iterator[Import]:
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} if is_package else set()
    loads = any(f"{loader}(".encode() in content for loader in _LOADERS)
    open_: list[tuple[ast.AST, bool]] = [(tree, False)]
    while open_:
        node, called = open_.pop()
        match node:
            case ast.Import(names):
                for alias in names:  # `import a.b` binds a, of which anything may be taken
                    parts = alias.name.split(".")
                    known = [alias.name] if alias.asname else [".".join(parts[: i + 1]) for i in range(len(parts))]
                    yield from (Import(name, called=called) for name in known)
            case ast.ImportFrom(module, names, level):
                for alias in names:
                    bound = alias.asname or alias.name
                    kept = not is_package or called or bound in used or alias.name == WHOLE
                    base = "." * level + (module or "")
                    yield Import(base, alias.name, "" if kept else bound, called)
            case ast.Call(ast.Name(loader) | ast.Attribute(attr=loader), [ast.Constant(str(name)), *_]):
                if loader in _LOADERS and name.strip("."):
                    yield Import(name, called=called)
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            open_ += [(child, called) for child in node.orelse]
        elif loads or not isinstance(node, ast.expr):
            inside = called or isinstance(node, _Scope)
            open_ += [(child, inside) for child in ast.iter_child_nodes(node)]


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name | ast.Attribute) and ast.unparse(test).endswith("TYPE_CHECKING")


def _taken(target: Path, name: str) -> tuple[Path, str]:
    """File and name that an import refers to, where a package may contain a module of that name."""
    folder = target.parent if target.name == "__init__.py" else target
    if name == WHOLE or (target.suffix == ".py" and target.name != "__init__.py"):
        return target, WHOLE
    modules = (folder / name / "__init__.py", folder / f"{name}.py")
    return next(((file, WHOLE) for file in modules if file.is_file()), (target, name))


def _packages_of(file: Path) -> Iterator[Path]:
    """The `__init__` files of the packages around a file, the innermost first."""
    inside = file.parent.parent if file.name == "__init__.py" else file.parent
    while (inside / "__init__.py").is_file():
        yield inside / "__init__.py"
        inside = inside.parent


@cache
def _root(file: Path) -> Path:
    """Folder of a file's outermost package; for a file without a package, its own folder."""
    folder = file.parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder


def _found(name: str) -> Path | None:
    """Folder in which Python finds a top-level module."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).parent
    return Path(spec.origin).parent if spec.origin else None


@cache
def _name(file: Path) -> str:
    """Path of a file relative to the folder of its outermost package."""
    return file.relative_to(_root(file)).as_posix()


@cache
def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

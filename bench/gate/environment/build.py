"""Results of a project's build: its requirements, and the modules that git does not keep."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from bench.gate.environment.dependencies import PROJECT, text_in
from bench.gate.environment.pip import Pip, PipFailed
from bench.words import few

SUFFIXES = (*SOURCE_SUFFIXES, *EXTENSION_SUFFIXES)
"""Suffixes of the files that Python imports."""
_NOT_CODE = {"build", "dist", "site-packages", "node_modules", "__pycache__"}


@dataclass(frozen=True)
class Unbuilt:
    """Modules that git ignores and base does not have, though its project was built."""

    files: tuple[str, ...] = ()
    """Files relative to the root of the repository."""
    modules: tuple[str, ...] = ()
    """Dotted names under which the modules are imported, in the same order."""
    why: str = ""
    """Reason why a build did not make them."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes that are given even if the base may do without them: code that catches the failing import is other
        code."""
        if not self.files:
            return ()
        return (
            f"ignored by git, not in base: {few(self.files)}; what imports such a file differs for that alone",
        )

    def behind(self, reason: str) -> str | None:
        """Explanation of a failure by one of these modules; None if none explains it."""
        for file, module in zip(self.files, self.modules, strict=True):
            package, _, name = module.rpartition(".")
            if f"'{module}'" in reason or f"cannot import name '{name}' from '{package}'" in reason:
                why = f" ({self.why})" if self.why else ""
                return (
                    f"ignored by git, not in base: {file}{why}; let the build of the project make it"
                    " (pyproject.toml), or let git keep it"
                )
        return None


def ignored_modules(ignored: Iterable[Path], paths: Sequence[Path], root: Path) -> dict[Path, Path]:
    """Files ignored by git that an import may find, each with the folder on the path that it lies under.

    Args:
        ignored: files relative to the root.
        paths: folders on the path of head.
        root: root folder of the repository.
    """
    homes = sorted((path for path in paths if path.is_relative_to(root)), key=lambda path: -len(path.parts))
    found: dict[Path, Path] = {}
    for file in ignored:
        home = next((home for home in homes if (root / file).is_relative_to(home)), None)
        if (
            home is not None
            and _is_module((root / file).relative_to(home))
            and not _in_environment(root / file, root)
        ):
            found[file] = home
    return found


def complete(tree: Path, root: Path, modules: dict[Path, Path], pip: Pip, tell: Callable[[str], None]) -> Unbuilt:
    """Build the projects of a worktree whose ignored modules it lacks, and put into it what the builds have.

    Args:
        tree: the worktree.
        root: the repository that it is of.
        modules: files relative to the root, and the folder on head's path that each lies under.
        pip: pip of the interpreter that base runs with.
        tell: receives what takes long.
    """
    lacking = {file: home for file, home in modules.items() if not (tree / file).exists()}
    why = "its build does not make it"
    worth = [file for file in lacking if _is_worth_a_build(tree, root / file, lacking[file], root)]
    for project in dict.fromkeys(_project_of(tree, file) for file in worth):
        if project is None:
            why = "base has no project that could be built"
            continue
        tell(f"building base: git ignores {worth[0].as_posix()}, which it may need")
        try:
            with built(project, pip) as wheel:
                for home in dict.fromkeys(lacking[file] for file in worth):
                    _add_from(wheel, tree / home.relative_to(root))
        except PipFailed as error:
            why = f"the build of base failed: {error}"
    left = [file for file in lacking if not (tree / file).exists()]
    names = tuple(_module_name((root / file).relative_to(lacking[file])) for file in left)
    return Unbuilt(tuple(file.as_posix() for file in left), names, why)


@contextmanager
def built(project: Path, pip: Pip) -> Iterator[Path]:
    """The wheel of a project, built in an environment of its own.

    Raises:
        PipFailed: the project cannot be built.
    """
    with tempfile.TemporaryDirectory() as folder:
        pip.run(["wheel", "--no-deps", "--wheel-dir", folder, str(project)])
        yield next(Path(folder).glob("*.whl"))


def metadata_of(wheel: Path) -> tuple[str, list[str]]:
    """The name of a wheel's project, and what it asks for, without its extras."""
    with ZipFile(wheel) as content:
        file = next(name for name in content.namelist() if name.endswith(".dist-info/METADATA"))
        found = HeaderParser().parsestr(content.read(file).decode())
    return found["Name"], [line for line in found.get_all("Requires-Dist", []) if "extra ==" not in line]


def _add_from(wheel: Path, home: Path) -> None:
    """Put what a wheel has and a folder lacks into it, within the packages that it has."""
    with ZipFile(wheel) as content:
        for name in content.namelist():
            top, _, rest = name.partition("/")
            target = home / PurePosixPath(name)
            fits = (home / top).is_dir() if rest else name.endswith(SUFFIXES)
            if fits and not name.endswith("/") and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                with content.open(name) as source, target.open("wb") as copy:
                    shutil.copyfileobj(source, copy)


def _is_worth_a_build(tree: Path, file: Path, home: Path, root: Path) -> bool:
    """Whether the module is compiled or lies within a package that the base has, not a script left beside
    these."""
    of_package = file.parent != home and (tree / file.parent.relative_to(root)).is_dir()
    return of_package or file.name.endswith(tuple(EXTENSION_SUFFIXES))


def _project_of(tree: Path, file: Path) -> Path | None:
    """The nearest folder above a file that has something to build."""
    for place in (tree / file).parents:
        text = text_in(place / PROJECT)
        if "[build-system]" in text or "[project]" in text or (place / "setup.py").is_file():
            return place
        if place == tree:
            return None
    return None


def _is_module(inside: Path) -> bool:
    """Whether a path below a folder of the import path is a module's."""
    names = [*inside.parent.parts, inside.name.partition(".")[0]]
    return inside.name.endswith(SUFFIXES) and all(name.isidentifier() and name not in _NOT_CODE for name in names)


def _in_environment(file: Path, root: Path) -> bool:
    return any((place / "pyvenv.cfg").is_file() for place in file.parents if place.is_relative_to(root))


def _module_name(inside: Path) -> str:
    parts = (*inside.parent.parts, inside.name.partition(".")[0])
    return ".".join(part for part in parts if part != "__init__")

"""Making the two sides ready: the base's files and interpreter, and the working tree as it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from bench.errors import NotComparable, UsageError
from bench.foreign import real_path
from bench.gate.base.ancestry import BaseCommit, base_commit
from bench.gate.base.checkout import Repository, import_paths, moved
from bench.gate.environment.build import Unbuilt
from bench.gate.environment.harness import refuse_bare
from bench.gate.environment.interpreter import named_interpreter
from bench.gate.environment.preparing import Ground, prepare
from bench.gate.sides import CodeSide
from bench.words import few

_LOCK = ".lock"
"""File in the folder of comparisons that the one that goes on holds; it stays."""


@dataclass(frozen=True)
class Base:
    """The revision that the working tree is compared with."""

    revision: str | None
    """Git revision of the base; None: the base has the same files as the head."""
    environment: Path | None = None
    """Virtual environment; None: this one, or one of its own where the base asks for other packages."""
    exact: bool = False
    """Whether the revision itself is meant, not its merge base with HEAD."""


@dataclass(frozen=True)
class OpenedSides:
    """Both sides, and what a reader must know of them."""

    base: CodeSide
    head: CodeSide
    commit: str | None
    """Full id of the base's commit; None where the files are the same."""
    foreign: bool
    """Whether code differs that evobench does not know file by file."""
    notes: tuple[str, ...]
    unbuilt: Unbuilt = field(default_factory=Unbuilt)
    """Files that git ignores, so that the base may lack them."""


@contextmanager
def opened(
    base: Base, catalogs: tuple[str, ...], folder: Path, tell: Callable[[str], None]
) -> Iterator[OpenedSides]:
    """Make both sides ready; the base's files are there for as long as the context lasts.

    Args:
        base: the revision to compare with.
        catalogs: catalogues of the user; files by their absolute path.
        folder: folder for the worktree, environments and artifacts; it is made.
        tell: receives what takes long.

    Raises:
        UsageError: neither revision nor environment is named, one is not there, another comparison goes on, or the
            folder is somebody else's.
        NotComparable: the base does not install, or what it lacks is what git ignores.
    """
    if base.revision is None and base.environment is None:
        raise UsageError("name what to compare with: --base REV, --base-env VENV or --against NAME")
    here = real_path(Path.cwd())
    repository = Repository.around(here) if base.revision is not None else None
    chosen = None
    if repository and base.revision is not None:
        chosen = base_commit(repository, base.revision, base.exact)
    interpreter = named_interpreter(base.environment) if base.environment else None
    _require_own(folder)
    folder = real_path(folder)
    with ExitStack() as stack:
        _lock(stack, folder)
        root = repository.root if repository else here
        head = CodeSide(
            "the working tree", Path(sys.executable), import_paths(root), here, folder / "head", catalogs
        )
        if repository is None or chosen is None:
            refuse_bare(interpreter or head.interpreter, head.paths)
            side = CodeSide(
                f"'{base.environment}'",
                interpreter or head.interpreter,
                head.paths,
                here,
                folder / "base",
                catalogs,
            )
            yield OpenedSides(
                side, head, None, False, (f"base is the working tree with the Python of '{base.environment}'",)
            )
            return
        name, commit = str(chosen), chosen.id
        # what evobench itself writes is not a change of what is compared
        aside = repository.aside(folder if folder.parent == root else folder.parent)
        tree = stack.enter_context(repository.worktree(commit, folder / "tree"))
        prepared = prepare(Ground(repository, tree, here, name, folder, tell), head.paths, interpreter)
        own = moved([real_path(item) for item in catalogs if item.endswith(".py")], root, tree)
        packages = tuple(item for item in catalogs if not item.endswith(".py"))
        (inside,) = moved([here], root, tree)
        both = OpenedSides(
            CodeSide(
                name,
                prepared.interpreter,
                (*moved(head.paths, root, tree), *prepared.paths),
                inside if inside.is_dir() else tree,
                folder / "base",
                (*map(str, own), *packages),
                (root, tree),
            ),
            head,
            commit,
            repository.own_code_differs(commit, aside),
            (
                *_notes(repository, base, chosen, aside),
                *_shared(catalogs, root),
                *prepared.notes,
                *prepared.unbuilt.notes,
            ),
            prepared.unbuilt,
        )
        if interpreter:
            refuse_bare(interpreter, both.base.paths)
        try:
            yield both
        except NotComparable as error:
            if told := prepared.unbuilt.behind(str(error)):
                raise NotComparable(f"{name}: {told}") from error
            raise


def _notes(repository: Repository, base: Base, commit: BaseCommit, aside: tuple[str, ...]) -> tuple[str, ...]:
    changed = repository.changed(aside)
    touched = f" with {changed} {'file' if changed == 1 else 'files'} changed" if changed else ""
    notes = [f"base is {commit.short}, {commit.why}", f"head is {repository.short('HEAD')}{touched}"]
    if passed := repository.passed_over():
        notes.append(f"git was told to pass over changes of {few(passed)}: any figure may differ by them")
    elif not changed and commit.id == repository.revision("HEAD"):
        notes.append("base and head are the same commit, and nothing is changed")
    if base.environment:
        notes.append(f"base runs with the Python of '{base.environment}'")
    return tuple(notes)


def _shared(catalogs: tuple[str, ...], root: Path) -> list[str]:
    """Lines saying that a catalogue is the same on both sides, so that its own declarations cannot have
    changed."""
    files = [real_path(item) for item in catalogs if item.endswith(".py")]
    return [
        f"catalogue '{file}' lies outside of the repository: base and head have the same"
        for file in files
        if not file.is_relative_to(root)
    ]


def _require_own(folder: Path) -> None:
    """Make sure that what is removed in a folder was made by a comparison: it may have come with a repository.

    Raises:
        UsageError: it was not, or a link leads elsewhere.
    """
    within = sorted(folder.iterdir()) if folder.is_dir() else []
    for path in (folder, *within, *folder.glob("beside/*")):
        if path.is_symlink():
            raise UsageError(f"'{path}' is a link, and a comparison removes what is there: name another --store")
    for path in within:
        if path.name in ("tree", "beside") and folder / _LOCK not in within:
            raise UsageError(f"'{path}' is of no comparison, and one would remove it: name another --store")


def _lock(stack: ExitStack, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(FileLock(folder / _LOCK).acquire(timeout=0))
    except Timeout:
        raise UsageError(
            f"another comparison goes on in '{folder}': two at once would disturb each other"
        ) from None
    except OSError as error:
        raise UsageError(f"cannot write into '{folder}': {error.strerror}") from error

"""Preparation of the base: its interpreter, what its environment lacks, and what its project has to build."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

from bench.errors import NotComparable
from bench.gate.base.checkout import Repository, is_evobench
from bench.gate.environment.build import Unbuilt, built, complete, ignored_modules, metadata_of
from bench.gate.environment.dependencies import Asked, asked_in, projects_around
from bench.gate.environment.difference import RequestDifference, difference, misfits
from bench.gate.environment.harness import lay_harness, lay_projects
from bench.gate.environment.installed import Installed, harness_requirements, installed_here, installed_in, needed
from bench.gate.environment.interpreter import WantedEnvironment, interpreter_for, site_of
from bench.gate.environment.pip import Pip, PipFailed

_FEW = 5
"""Packages that a note has room for."""


@dataclass(frozen=True)
class Prepared:
    """Interpreter and paths with which the base runs."""

    interpreter: Path
    paths: tuple[Path, ...] = ()
    """Folders that follow base's own on its path."""
    notes: tuple[str, ...] = ()
    unbuilt: Unbuilt = field(default_factory=Unbuilt)


@dataclass(frozen=True)
class Ground:
    """The base's place: its files and its folders."""

    repository: Repository
    tree: Path
    """The worktree of base."""
    here: Path
    """The folder of the repository that one stands in."""
    name: str
    """Name of the base in messages."""
    folder: Path
    """Folder in which environments are kept."""
    tell: Callable[[str], None]
    """Receives a line before each long activity."""


def prepare(ground: Ground, paths: Sequence[Path], named: Path | None) -> Prepared:
    """Make ready what base runs with.

    Args:
        ground: repository, name and environments of the base.
        paths: folders on the path of head.
        named: an interpreter that the user has named; None: this one, or one that is made.

    Raises:
        NotComparable: an environment cannot be made.
    """
    ignored = ground.repository.ignored()
    prepared = Prepared(named) if named else _environment(ground, ignored)
    modules = ignored_modules(ignored, paths, ground.repository.root)
    pip = Pip(prepared.interpreter, ground.folder)
    return replace(prepared, unbuilt=complete(ground.tree, ground.repository.root, modules, pip, ground.tell))


def _environment(ground: Ground, ignored: Sequence[Path]) -> Prepared:
    """This interpreter where the base's requests resolve to what is installed here, else one made for them."""
    root, tree = ground.repository.root, ground.tree
    places = dict.fromkeys([*projects_around(root, ground.here), *projects_around(tree, _inside(ground))])
    head = asked_in(root, places, {root / file for file in ignored})
    base = asked_in(tree, places)
    this = Prepared(Path(sys.executable))
    if base == head == Asked(names=head.names):
        return this
    here = installed_here(root)
    if base != head:
        base, head = _with_builds(base, head, ground)
    versions = {name: item.version for name, item in here.items()}
    own = is_evobench(tree)
    beside = tuple(harness_requirements(here, optional_only=own))
    notes = _misfits(head, versions, needed((*head.requirements, *beside), here))
    wants = needed((*base.requirements, *beside), here)
    apart = difference(base, head, versions, wants)
    if apart or set(base.left_out) != set(head.left_out):
        notes += [item.line for item in base.left_out if not item.name or item.name in wants]
    if not apart:
        return replace(this, notes=(*notes, *_alike(apart, ground.name, versions)))
    ground.tell(f"{ground.name} asks for other packages: it gets an environment that has them")
    python = interpreter_for(WantedEnvironment(base, beside, apart, here, tree), ground.name, ground.folder)
    notes += _elsewhere(installed_in(site_of(python.parents[1])), here, ground.name)
    return Prepared(python, (_laid(ground, list(places), not own),), tuple(notes))


def _inside(ground: Ground) -> Path:
    """The folder in base's tree for the one that one stands in, or the nearest above it that is there."""
    folder = ground.tree / ground.here.relative_to(ground.repository.root)
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def _with_builds(base: Asked, head: Asked, ground: Ground) -> tuple[Asked, Asked]:
    """Both, with what only a build tells: base is built, and of head it is known as it is installed here."""
    for place in base.built:
        ground.tell(f"building {ground.name}: only that tells what it asks for")
        try:
            with built(ground.tree / place, Pip(Path(sys.executable), ground.folder)) as wheel:
                name, lines = metadata_of(wheel)
        except PipFailed as error:
            raise NotComparable(
                f"only its build tells what {ground.name} asks for, and it failed: {error} (make an environment"
                " for it, with evobench, and name it: --base-env VENV)"
            ) from error
        base = replace(base, requirements=(*base.requirements, *lines))
        try:
            others = tuple(item for item in Distribution.from_name(name).requires or [] if "extra ==" not in item)
        except PackageNotFoundError:
            continue  # what is asked for is compared as text
        head = replace(head, requirements=(*head.requirements, *others), unread=base.unread)
    return base, head


def _laid(ground: Ground, places: Sequence[Path], with_harness: bool) -> Path:
    """A folder of what no environment holds: evobench, and the metadata of base's own projects."""
    # so called since what lies in a folder of this name is not taken for the repository's own
    folder = ground.folder / "beside" / "site-packages"
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    if with_harness:
        lay_harness(folder)
    lay_projects(folder, ground.tree, places)
    return folder


def _misfits(head: Asked, versions: dict[str, str], wants: set[str]) -> list[str]:
    found = misfits(head, versions, wants)
    return [f"head runs with other packages than its files ask for: {_some(found)}"] if found else []


def _alike(apart: RequestDifference, name: str, versions: dict[str, str]) -> list[str]:
    known = [f"{item} {versions[item]}" for item in apart.alike if item in versions]
    return [f"{name} asks for the same packages in other words: {_some(known)}"] if known else []


def _elsewhere(site: Installed, here: Installed, name: str) -> list[str]:
    """Packages that the base has in another version."""
    found = [
        f"{item} {site[item].version} (head: {here[item].version if item in here else 'none'})"
        for item in sorted(site)
        if item not in here or site[item].version != here[item].version
    ]
    return [f"{name} runs with packages of its own: {_some(found) or 'it lacks some of those of head'}"]


def _some(found: Sequence[str]) -> str:
    more = len(found) - _FEW
    return "; ".join(found[:_FEW]) + (f"; and {more} more" if more > 0 else "")

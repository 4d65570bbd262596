"""Installed packages, and which of them an environment for the base shares."""

from __future__ import annotations

import csv
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions, entry_points
from pathlib import Path
from urllib.parse import unquote, urlparse

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bench.foreign import real_path
from bench.gate.environment.dependencies import HARNESS

_USED = ("timm", "hf", "lite", "heif", "onnx")
"""Extras of evobench by which it can measure more."""
CATALOGS = "evobench.catalogs"
Installed = Mapping[str, Distribution]
"""Distributions by their canonical name."""


def installed_here(root: Path) -> Installed:
    """Packages that this interpreter finds, except evobench and those that lie in a repository: their code has two
    versions.

    Args:
        root: root folder of the repository.
    """
    found: dict[str, Distribution] = {}
    for item in distributions():
        name = canonicalize_name(item.metadata["Name"]) if "Name" in item.metadata else ""
        if name and name not in found:  # the first on the path is the one that is imported
            found[name] = item
    return {name: item for name, item in found.items() if name != HARNESS and not _lies_in(item, root)}


def installed_in(site: Path) -> Installed:
    """Packages in a folder of packages."""
    return {canonicalize_name(item.metadata["Name"]): item for item in distributions(path=[str(site)])}


def harness_requirements(here: Installed, optional_only: bool = False) -> list[str]:
    """Requirements of this evobench, and of what it uses where present: libraries of models, catalogues.

    Args:
        here: installed packages, from which optional ones are taken.
        optional_only: leave out what it cannot do without.
    """
    found: list[str] = []
    for line in Distribution.from_name(HARNESS).requires or []:
        asked = Requirement(line)
        if asked.marker is None or asked.marker.evaluate({"extra": ""}):
            found += [] if optional_only else [line]
        elif (
            any(asked.marker.evaluate({"extra": extra}) for extra in _USED)
            and canonicalize_name(asked.name) in here
        ):
            found.append(f"{asked.name}{asked.specifier}")
    catalogs = {canonicalize_name(point.dist.name) for point in entry_points(group=CATALOGS) if point.dist}
    return [*found, *sorted(catalogs & here.keys())]


def needed(requirements: Iterable[str], known: Installed) -> set[str]:
    """Names of what some requirements lead to, as far as it is known what these ask for in turn."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    todo = [(line, "") for line in requirements]
    while todo:
        line, extra = todo.pop()
        try:
            wanted = Requirement(line)
        except InvalidRequirement:  # a bare address
            continue
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(wanted.name)
        found.add(name)
        for asked in {"", *wanted.extras} if name in known else ():
            if (name, asked) not in seen:
                seen.add((name, asked))
                todo += [(other, asked) for other in known[name].requires or []]
    return found


def same_version(one: str, other: str) -> bool:
    """Whether two versions differ only in where they were built, such as 2.13.0 and 2.13.0+cpu."""
    try:
        return Version(one).public == Version(other).public
    except InvalidVersion:
        return one == other


def claim(item: Distribution, site: Path) -> Path:
    """Say in a folder of packages that a distribution is there, before it is: pip then keeps to its version.

    Returns:
        The folder that says so, which pip can read and not uninstall.
    """
    name = canonicalize_name(item.metadata["Name"]).replace("-", "_")
    folder = site / f"{name}-{item.version}.dist-info"
    folder.mkdir()
    text = item.read_text("METADATA") or item.read_text("PKG-INFO") or ""
    (folder / "METADATA").write_text(text, encoding="utf-8")
    return folder


def can_be_shared(item: Distribution) -> bool:
    """Whether the distribution's own files are known."""
    return item.read_text("RECORD") is not None


def share(items: Iterable[Distribution], everything: Iterable[Distribution], site: Path) -> None:
    """Let a folder of packages have distributions that lie elsewhere, without a copy where the system has links.

    Args:
        items: requirements of the environment.
        everything: all that is installed where these are: a folder that others have a part in is not shared whole.
        site: the folder; what is there already stays.
    """
    owners: dict[Path, set[str]] = defaultdict(set)
    for item in everything:
        for place in _places(item):
            owners[place].add(item.metadata["Name"])
    shared = list(items)
    names = {item.metadata["Name"] for item in shared}
    for item in shared:
        for place, files in _places(item).items():
            if owners[place] <= names and not (site / place.name).is_dir():
                _link(place, site / place.name)
            elif not (site / place.name).is_symlink():
                for file in files:
                    _link(place.parent / file, site / file)


def _places(item: Distribution) -> dict[Path, list[str]]:
    """Top-level entries of a distribution in its folder of packages, with its files below each."""
    home = Path(str(item.locate_file("")))
    found: dict[str, list[str]] = defaultdict(list)
    for file, *_ in csv.reader(
        (item.read_text("RECORD") or "").splitlines()
    ):  # `Distribution.files` takes seconds
        top = file.partition("/")[0]
        if top and top not in ("..", "__pycache__"):  # not scripts, nor what Python compiled
            found[top].append(file)
    return {home / top: files for top, files in found.items()}


def _link(source: Path, target: Path) -> None:
    if target.exists() or not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.symlink_to(source, target_is_directory=source.is_dir())
    except OSError:  # Windows keeps links for some users
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)


def _lies_in(item: Distribution, root: Path) -> bool:
    """Whether its code is a repository's own: installed editable, or found where a repository stands."""
    home = real_path(str(item.locate_file("")))
    if home.is_relative_to(root) and "site-packages" not in home.parts:
        return True
    about = json.loads(item.read_text("direct_url.json") or "{}")
    address = urlparse(about.get("url", ""))
    return address.scheme == "file" and real_path(unquote(address.path)).is_relative_to(root)

"""This evobench for an environment that lacks it: its own packages, not what is installed beside them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from bench.errors import NotComparable
from bench.execute.limits import START
from bench.foreign import from_toml, read_text
from bench.gate.base.checkout import PACKAGES
from bench.gate.environment.dependencies import HARNESS, PROJECT

_HOME = Path(__file__).parents[3]


def lay_harness(folder: Path) -> None:
    """Copy the packages of evobench into a folder, with the metadata that name its verbs and catalogues."""
    for package in PACKAGES:
        shutil.copytree(_HOME / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    here = Distribution.from_name(HARNESS)
    parts = {name: here.read_text(name) or "" for name in ("METADATA", "entry_points.txt")}
    _lay_metadata(folder, f"{HARNESS}-{here.version}", parts)


def refuse_bare(interpreter: Path, paths: Iterable[Path]) -> None:
    """Make sure that an interpreter which the user names finds an evobench.

    Args:
        interpreter: interpreter of the environment.
        paths: folders that are on its path besides.

    Raises:
        NotComparable: there is none; the line says how to put it there.
    """
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec('evobench') is None)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    try:
        lacks = subprocess.run([str(interpreter), "-P", "-c", code], env=environment, timeout=START).returncode
    except subprocess.TimeoutExpired:
        raise NotComparable(f"'{interpreter}' does not answer within {START:.0f} s") from None
    if lacks:
        raise NotComparable(
            f"the environment of '{interpreter}' lacks evobench, which measures there, too: install this one into"
            f" it ('{interpreter}' -m pip install '{_source()}')"
        )


def lay_projects(folder: Path, tree: Path, projects: Iterable[Path]) -> None:
    """Write the metadata of projects that are not installed: their entry points may name catalogues.

    Args:
        folder: folder to write to.
        tree: tree that has the projects.
        projects: folders relative to it.
    """
    for place in projects:
        file = tree / place / PROJECT
        try:
            project = from_toml(read_text(file))["project"]
            points = _entry_points(project)
            name, version = str(project["name"]), str(project.get("version", "0"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # what cannot be read was told where its requirements were
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        _lay_metadata(
            folder, f"{name.replace('-', '_')}-{version}", {"METADATA": text, "entry_points.txt": points}
        )


def _source() -> str:
    """Source from which pip installs this evobench."""
    if (_HOME / PROJECT).is_file():
        return str(_HOME)
    here = Distribution.from_name(HARNESS)
    about = json.loads(here.read_text("direct_url.json") or "{}")
    return str(about.get("url") or f"{HARNESS}=={here.version}")


def _entry_points(project: Mapping[str, Any]) -> str:
    groups = {"console_scripts": project.get("scripts", {}), **project.get("entry-points", {})}
    lines = [line for group, points in groups.items() for line in (f"[{group}]", *_lines(points))]
    return "".join(f"{line}\n" for line in lines)


def _lines(points: Mapping[str, str]) -> list[str]:
    return [f"{name} = {target}" for name, target in points.items()]


def _lay_metadata(folder: Path, name: str, parts: Mapping[str, str]) -> None:
    home = folder / f"{name}.dist-info"
    home.mkdir(parents=True, exist_ok=True)
    for part, text in parts.items():
        (home / part).write_text(text, encoding="utf-8")

"""Installed distributions, and the command that installs one that is missing."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires, version


def version_of(package: str) -> str:
    """Version of an installed distribution; empty where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def required() -> frozenset[str]:
    """Distributions that come with evobench whatever extras are asked for; none where it is not installed."""
    return frozenset(_name(line) for line in _lines() if "extra ==" not in line)


def install_command(package: str) -> str:
    """The command that installs a distribution: by the first extra of evobench that names it, else by its name."""
    named = (line for line in _lines() if _name(line) == package)
    extras = (found[1] for line in named if (found := re.search(r"extra == ['\"]([\w-]+)", line)))
    extra = next(extras, "")
    return f"pip install 'evobench[{extra}]'" if extra else f"pip install {package}"


def _lines() -> list[str]:
    """The requirements of evobench as its metadata have them: `mlxtend>=0.23.4; extra == "data"`."""
    try:
        return requires("evobench") or []
    except PackageNotFoundError:  # run from its source files
        return []


def _name(line: str) -> str:
    return re.split(r"[^\w-]", line, maxsplit=1)[0]

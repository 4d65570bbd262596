"""Modules that load at first use, so that declarations stay light, and the packages that are installed."""

from __future__ import annotations

import importlib
import re
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from types import ModuleType
from typing import Any


class _LazyModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        kept = vars(self).get("_loaded")
        if (
            kept is None or sys.modules.get(self.__name__) is not kept
        ):  # to import it again takes as long as a call
            kept = self._loaded = load(self.__name__)
        return getattr(kept, name)


def lazy(name: str) -> Any:
    """A stand-in for module `name` that imports it when an attribute is asked for."""
    return _LazyModule(name)


def load(name: str) -> ModuleType:
    """Import module `name`; torchvision also where a CPU build of torch lacks operators for it."""
    if name.partition(".")[0] == "torchvision" and "torchvision" not in sys.modules:
        from bench.torchvision_operators import import_torchvision

        import_torchvision()
    return importlib.import_module(name)


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

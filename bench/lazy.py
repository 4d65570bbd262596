"""Modules that load at first use: declarations stay light, and torch is loaded only where it is needed."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


class _LazyModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(load(self.__name__), name)


def lazy(name: str) -> Any:
    """A stand-in for module `name` that imports it when an attribute is asked for."""
    return _LazyModule(name)


def load(name: str) -> ModuleType:
    """Import module `name`; torchvision also where a CPU build of torch lacks operators for it."""
    if name.partition(".")[0] == "torchvision" and "torchvision" not in sys.modules:
        from bench.torchvision_operators import import_torchvision

        import_torchvision()
    return importlib.import_module(name)

"""Which modules a job needed, those that its server had imported before it included.

Stands on the standard library alone: it runs in the interpreter of any revision.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import ModuleType


def uses_of(names: Sequence[str]) -> Callable[[], list[str]]:
    """Start to watch these modules; the result tells which of them were used since: imported, or asked for an
    attribute."""
    unused = {name for name in names if type(sys.modules.get(name)) is ModuleType}
    for name in unused:
        sys.modules[name].__class__ = _unused(name, unused)

    def used() -> list[str]:
        return [name for name in names if name in sys.modules and name not in unused]

    return used


def _unused(name: str, unused: set[str]) -> type[ModuleType]:
    """The class of a module that nobody has used: with its first use it is an ordinary one, as fast as any."""

    class Unused(ModuleType):
        def __getattribute__(self, attribute: str) -> object:
            if not attribute.startswith("__"):  # what importing and looking for strays read of every module
                self.__class__ = ModuleType  # type: ignore[assignment]
                unused.discard(name)
            return ModuleType.__getattribute__(self, attribute)

    return Unused

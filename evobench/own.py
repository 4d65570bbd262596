"""`bench`, `suites` and `reports` are those beside this package, whatever else on the path is called so."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

PACKAGES = ("bench", "suites", "reports")
HOME = Path(__file__).parents[1]


class _Beside:
    """Finds them before the path is asked, in which PYTHONPATH and the working directory come first."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The one beside this package; None for any other module."""
        if name not in PACKAGES:
            return None
        spec = PathFinder.find_spec(name, [str(HOME)])
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"there is no package '{name}' in '{HOME}'", name=name)
        return spec


def come_first() -> None:
    """From now on the three names mean the packages beside this one."""
    if _Beside not in sys.meta_path:
        sys.meta_path.insert(0, _Beside)


def refuse_strangers() -> None:
    """Make sure that none of the three was imported from elsewhere before.

    Raises:
        ImportError: one was; the message names it and its place.
    """
    for name in PACKAGES:
        module = sys.modules.get(name)
        folders = [Path(folder).resolve() for folder in getattr(module, "__path__", [])]
        if module is not None and (HOME / name).resolve() not in folders:
            place = getattr(module, "__file__", None) or ", ".join(map(str, folders))
            raise ImportError(
                f"'{name}' was imported from {place}: evobench has a package of that name, in '{HOME}'", name=name
            )

"""Check that a side has loaded its own files alone. It runs in the interpreter of any revision."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench.remote import EvobenchError

from .side import OWN

_EVOBENCH = ("bench", "suites", "reports")


def refuse_strays(other: Path, own: Path, cleared: set[str] | None = None) -> None:
    """Make sure that nothing comes from the tree that this side is compared with, nor from a copy of both.

    Args:
        other: the repository that is worked in.
        own: the worktree of this side.
        cleared: names of modules that are known not to be strays; those that are looked at now are added. A fork
            has those of its server: to look at two thousand again would take longer than many steps.

    Raises:
        EvobenchError: something does; the message says how to avoid it.
    """
    cleared = set() if cleared is None else cleared
    names = sorted(sys.modules.keys() - cleared)
    for name in names:
        file = Path(getattr(sys.modules.get(name), "__file__", None) or os.devnull)
        # the gate itself, which is the same for both; multiprocessing knows it by another name
        if name in ("__main__", "__mp_main__") or name.startswith(OWN):
            continue
        if "site-packages" in file.parts:
            _refuse_copy(file, own, name)
        elif file.is_relative_to(other) and not file.is_relative_to(own):
            raise EvobenchError(
                f"'{name}' comes from the working tree, not from the base (an editable install?): give the base an"
                " environment of its own (--base-env)"
            )
    cleared.update(names)


def _refuse_copy(file: Path, own: Path, name: str) -> None:
    """Raise where a module was installed that the repository has, too."""
    if name.partition(".")[0] in _EVOBENCH and not (own / "evobench" / "__init__.py").is_file():
        return  # of evobench itself: the repository has a namesake of it at most, which nothing imports
    place = file.parts[len(file.parts) - file.parts[::-1].index("site-packages") :]
    for folder in ("", "src"):
        if (own / folder).joinpath(*place).is_file():
            raise EvobenchError(
                f"'{name}' comes from {file}, not from the repository that has it: both sides would be the same"
                " (install it with pip install -e, or name its folder in PYTHONPATH)"
            )

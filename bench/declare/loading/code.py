"""Digest of the code and versions behind a figure: where it differs, a kept figure is stale."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterable
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from bench.cell import digest
from bench.declare.loading.imports import Sources
from bench.lazy import version_of

PACKAGES = ("torch", "torchvision", "fvcore", "numpy", "scikit-learn")
"""What every figure may depend on. Packages of data are not among them, so that who installs them later keeps the
figures of all else: figures learned from them depend on what the declaration of their data set imports."""
ABSENT = "absent"
_RUNNER = Path(__file__).parents[2] / "execute" / "work" / "measuring.py"
"""Modules that run a measure and make an artifact: with their imports, they are part of every figure."""
_SOURCES = Sources()


@cache
def versions() -> tuple[tuple[str, str], ...]:
    """Installed versions of the packages that can change a figure."""
    return tuple((name, version_of(name) or ABSENT) for name in PACKAGES)


@cache
def code_digest(*places: str, sources: Sources = _SOURCES) -> str:
    """Digest for figures that the declarations at `places` (`file:line`) take part in.

    It covers the declaring files, what runs them, all first-party code that these import, and the versions of
    `PACKAGES` and of what that code imports beside them: where one differs, kept figures are stale.
    """
    starts = [_RUNNER, *(Path(place.rpartition(":")[0]).absolute() for place in places)]
    imported = frozenset().union(*(sources.closure(file).packages for file in starts))
    return digest([[sources.digest(file) for file in starts], versions(), _versions_of(imported)])


@cache
def measure_code(place: str) -> str:
    """Digest of the code of a measure: of the file that declares it at `place` (`file:line`), and of the clock.

    Of statements alone, not of comments: where it differs, figures were measured in another way.
    """
    clock = importlib.util.find_spec("bench.clock")
    files = [place.rpartition(":")[0], *([clock.origin] if clock and clock.origin else [])]
    return digest([_statements(Path(file)) for file in files])


def remember_sources(places: Iterable[str]) -> None:
    """Read all sources now: editing during a run must not change the digests of its figures."""
    code_digest(*places)


@cache
def _versions_of(imported: frozenset[str]) -> list[tuple[str, str]]:
    """Distribution and version of packages that are known by the name that code imports."""
    known = {distribution for name in imported for distribution in _distributions().get(name, [name])}
    return sorted((distribution, version_of(distribution) or ABSENT) for distribution in known)


_distributions = cache(packages_distributions)


def _statements(file: Path) -> str:
    try:
        return ast.dump(ast.parse(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, SyntaxError, MemoryError, RecursionError):
        return hashlib.sha256(file.read_bytes() if file.is_file() else b"").hexdigest()

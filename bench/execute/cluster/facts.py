"""Facts about a machine that decide figures and keys: a node that differs in one cannot take part."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version

from bench.cell import digest
from bench.data.formats import decoders
from bench.declare.catalog import declared_places
from bench.declare.loading.code import ABSENT, code_digest, versions
from bench.packages import version_of

_SOURCES = ("timm", "transformers")
"""Packages that architectures come from, where they are installed."""
_CODE = "code of evobench and of the catalogues, with what they import"


def facts() -> dict[str, str]:
    """Facts by name; the catalogues must be loaded.

    Only the minor version of Python counts: the code of a figure is the same in its patches.
    """
    return {
        "Python": platform.python_version().rpartition(".")[0],
        "evobench": version("evobench"),
        **dict(versions()),
        **{name: version_of(name) or ABSENT for name in _SOURCES},
        "pillow": decoders(),
        _CODE: digest(sorted({code_digest(f"{file}:1") for file in _files()})),
    }


def difference(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """The first fact that differs, as a part of a sentence about a node; empty where none does."""
    for name, value in here.items():
        found = there.get(name, ABSENT)
        if value in (found, ABSENT):
            continue
        if name == _CODE:
            return f"has other {_CODE}"
        return f"lacks {name} {value}" if found == ABSENT else f"has {name} {found}, the driver has {value}"
    return ""


def _files() -> set[str]:
    return {place.rpartition(":")[0] for place in declared_places()}

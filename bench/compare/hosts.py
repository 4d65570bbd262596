"""Words that tell one host from another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.compare.facts import flat

_NOT_DECISIVE = ("git", "release", "flags", "versions", "devices")
"""Facts about a host that do not tell it from others, or are told apart from the rest."""


def difference_of(base: Mapping[str, Any], head: Mapping[str, Any]) -> str:
    """Differences between the fingerprints of two hosts with different keys."""
    before, after = _decisive(base), _decisive(head)
    names = [name for name in dict.fromkeys([*after, *before]) if before.get(name) != after.get(name)]
    told = [f"{name}: {before.get(name, 'none')} and {after.get(name, 'none')}" for name in names]
    return ", ".join(told[:3] + ([f"{len(told) - 3} more"] if len(told) > 3 else [])) or "host key"


def _decisive(fingerprint: Mapping[str, Any]) -> dict[str, str]:
    """Facts that tell a host from others, with its packages and environment variables by their own names."""
    host = {name: value for name, value in fingerprint.items() if name not in _NOT_DECISIVE}
    variables = fingerprint.get("flags", {}).get("environment", {})
    return {
        name: text for group in (host, fingerprint.get("versions", {}), variables) for name, text in flat(group)
    }

"""Nested facts, such as a run's host, as names and words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def flat(data: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested facts under one name each, as words: `flags: governor`."""
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}: ")
        elif isinstance(value, list | tuple):
            yield f"{prefix}{name}", ", ".join(str(item) for item in value) or "none"
        else:
            yield f"{prefix}{name}", "none" if value is None else str(value)

"""JSON that every reader of JSON takes: it has no word for infinity, nor for what is not a number."""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache
from typing import Any

from bench.text.plain import harmless

_ESCAPES = re.compile(r"\\(?:u[0-9a-f]{4}(?:\\u[0-9a-f]{4})*|.)")
"""What stands for other characters in JSON that is ASCII; the two halves of one stay together."""


def as_json(value: object, **form: Any) -> str:
    """A value as JSON; figures that are infinite or none are null, as are those that are missing.

    Args:
        value: plain data.
        form: options of `json.dumps`.
    """
    try:
        return json.dumps(value, allow_nan=False, **form)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False, **form)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def harmless_json(text: str) -> str:
    """JSON, as `as_json` writes it, whose texts are as `harmless` makes them, names in objects included."""
    # the one control character that stands for itself is the last of ASCII
    return _ESCAPES.sub(lambda found: _harmless(found.group()), text).replace("\x7f", r"\\x7f")


@lru_cache(maxsize=1000)
def _harmless(escapes: str) -> str:
    letters = json.loads(f'"{escapes}"')
    told = harmless(letters)
    return escapes if told == letters else json.dumps(told)[1:-1]

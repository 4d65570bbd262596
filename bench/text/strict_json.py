"""JSON that every reader of JSON takes: it has no word for infinity, nor for what is not a number."""

from __future__ import annotations

import json
import math
from typing import Any


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

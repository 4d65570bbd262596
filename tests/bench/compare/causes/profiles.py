"""Profiles of pretended processes."""

from __future__ import annotations

from typing import Any


def row(path: str, item: str, amount: float, kind: str = "Conv2d", **more: Any) -> dict[str, Any]:
    """A row as a side tells it."""
    return {"path": path, "type": kind, "about": "", "item": item, "amount": amount, "number": 1, **more}


def process(slow: float = 0.0, other: float = 0.0) -> list[dict[str, Any]]:
    """A network of two layers: a convolution, and a block whose Python takes `slow` seconds more."""
    return [
        row("0", "aten::conv2d", 0.004 + other),
        row("1", "python", 0.001 + slow, "Block"),
        row("1", "aten::add", 0.001, "Block"),
    ]

"""Words for people that several rooms share."""

from __future__ import annotations

from datetime import UTC, datetime


def cells(number: int) -> str:
    """`1 cell`, `7 cells`."""
    return "1 cell" if number == 1 else f"{number} cells"


def moment(text: str) -> str:
    """An ISO 8601 moment to the minute: `2026-01-02 03:04 UTC`; nothing where none is given."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if text else ""

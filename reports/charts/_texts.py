"""Texts that must fit a place."""

from __future__ import annotations

from html import escape, unescape


def cut(text: str, letters: int) -> str:
    """A text of plotly, of so many letters at most; an entity such as `&lt;` is one letter, and never cut."""
    plain = unescape(text)
    return text if len(plain) <= letters else f"{escape(plain[: letters - 1].rstrip(' ,'), quote=False)}…"

"""Tables as Markdown, and text as Markdown that shows it as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bench.text.plain import harmless

_SPECIAL = re.compile(
    r"(?P<entity>[<>~$]|&(?=#?\w+;)|:(?=//)|(?<=\bwww)\.)"  # which not all readers let a backslash escape
    r"|[\\`*|{}]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # within a word it means nothing
    r"|\](?=[(\[:])"  # of a link; an interval stays as it is
    r"|^[#+-](?=[#+\s-]|$)|(?<=^\d)[.)](?=\s)|(?<=^\d\d)[.)](?=\s)",  # of a heading or a list
    re.IGNORECASE,
)


def markdown(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A GitHub-flavoured Markdown table, in which every value is text."""
    lines = [_line(columns), "|" + " --- |" * len(columns)]
    lines += [_line([plain(value) for value in row]) for row in rows]
    return "\n".join(lines) + "\n"


def _line(values: Sequence[str]) -> str:
    return "| " + " | ".join(map(escaped, values)) + " |"


def escaped(text: str) -> str:
    """Markdown that shows a text on one line: no part of it is markup, a link, HTML or the end of a cell."""
    line = harmless(" ".join(text.split()))
    return _SPECIAL.sub(_escape, line)


def _escape(found: re.Match[str]) -> str:
    return f"&#{ord(found.group())};" if found["entity"] else f"\\{found.group()}"


def coded(text: str) -> str:
    """Markdown of a text in the typeface of code, whatever is in it."""
    line = harmless(" ".join(text.split()))
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    return f"{fence}{line}{fence}" if fence == "`" else f"{fence} {line} {fence}"


def plain(value: object) -> str:
    """A value in few characters; empty for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)

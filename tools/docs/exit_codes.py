"""The page of the reference about exit codes, made from their declaration."""

from __future__ import annotations

import griffe

from bench.errors import Exit

_TOP = """# Exit codes

Every verb ends with one of these codes. A script that treats all but 0 as a failure is right; one that must tell
a verdict from a fault looks at the number. [Continuous integration](../how-to/ci.md) says what to do with each.

| code | name | meaning |
| --- | --- | --- |
"""


def page() -> str:
    """The page, in Markdown."""
    declared = griffe.load("bench.errors", search_paths=["."])["Exit"]
    lines = [f"| {code.value} | {code.name} | {_meaning(declared, code.name)} |" for code in Exit]
    return _TOP + "\n".join(lines) + "\n"


def _meaning(declared: griffe.Object | griffe.Alias, name: str) -> str:
    docstring = declared[name].docstring
    return " ".join(docstring.value.split())

"""What the pages of the documentation have their readers do works, and gives what the pages show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import DOCS, Command, follow, shows, steps

QUICK = {"how-to/add-an-architecture.md"}
"""Pages that are gone through in less than ten seconds."""


def pages() -> list[Any]:
    """Every page with a command whose answer it shows."""
    found = [
        path for path in sorted(DOCS.rglob("*.md")) if any(isinstance(s, Command) for s in steps(path.read_text()))
    ]
    names = [path.relative_to(DOCS).as_posix() for path in found]
    return [pytest.param(n, marks=[] if n in QUICK else pytest.mark.slow) for n in names]


@pytest.mark.parametrize("name", pages())
def test_a_page_shows_what_its_commands_print(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "reader"
    folder.mkdir()
    for command, printed in follow(DOCS / name, folder):
        assert shows(command.shown, printed), f"$ {command.line}\n{printed}"

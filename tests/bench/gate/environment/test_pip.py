"""How pip is found."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import pytest

from bench.gate.environment.pip import Pip


class Refusing(MetaPathFinder):
    """As setuptools' finder does when pip is looked for: it warns, and drops distutils from this process."""

    def find_spec(self, name: str, *_: Any) -> None:
        """Nothing is found here."""
        assert name != "pip", "a finder of another package was asked for pip"


def test_looking_for_pip_asks_no_finder_of_another_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "meta_path", [Refusing(), *sys.meta_path])
    assert [sys.executable, "-P", "-m", "pip"] == Pip(Path(sys.executable), tmp_path)._command()

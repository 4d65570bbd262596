"""pip, for an interpreter that need not have it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from bench.errors import EvobenchError

_PIP = ("-P", "-m", "pip")
"""No module of the working folder stands in for one of pip's."""


class PipFailed(EvobenchError):
    """Error raised when pip failed; the message is its last words."""


@dataclass(frozen=True)
class Pip:
    """Installs and builds for one interpreter."""

    target: Path
    """The interpreter."""
    folder: Path
    """Folder in which an environment with pip is made, if this one has none."""

    def resolve(self, arguments: Sequence[str], work: Path) -> list[dict[str, Any]]:
        """Packages that pip would install, item by item as in its report (`pip install --report`).

        Raises:
            PipFailed: there is no set of versions that fits, or one cannot be had.
        """
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            self.run(["install", "--dry-run", "--report", str(report), *arguments], work)
            found: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["install"]
            return found

    def run(self, arguments: Sequence[str], work: Path | None = None) -> None:
        """Run pip.

        Raises:
            PipFailed: pip ends with a failure.
        """
        command = [*self._command(), "--python", str(self.target), *arguments, "--quiet"]
        done = subprocess.run(
            # no limit but pip's own on each answer of the network: torch is fetched and built code compiled
            [*command, "--disable-pip-version-check"],
            cwd=work,
            capture_output=True,
            text=True,
            errors="replace",
        )
        if done.returncode:
            raise PipFailed(_last_words(done.stderr))

    def _command(self) -> list[str]:
        if PathFinder.find_spec("pip"):  # setuptools' own finder would drop distutils, which a process may use
            return [sys.executable, *_PIP]
        home = self.folder / "env-pip"
        python = python_of(home)
        if not python.exists():
            try:
                venv.create(home, with_pip=True, clear=True)
            except (OSError, subprocess.CalledProcessError) as error:
                raise PipFailed(f"no environment with pip can be made in '{home}': {error}") from error
        return [str(python), *_PIP]


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment on this system."""
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return errors[-1] if errors else lines[-1] if lines else "pip failed"

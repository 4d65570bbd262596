"""The interpreter of the base: this one, one that the user names, or one made for what the base asks for."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from bench.errors import NotComparable, UsageError
from bench.gate.environment.dependencies import Asked
from bench.gate.environment.difference import RequestDifference
from bench.gate.environment.installed import (
    Installed,
    can_be_shared,
    claim,
    installed_in,
    needed,
    same_version,
    share,
)
from bench.gate.environment.pip import Pip, PipFailed, python_of

_DONE = "evobench-installed"
"""A file in an environment that was installed to the end."""


def named_interpreter(environment: Path) -> Path:
    """The interpreter of a virtual environment, or the one that is named itself.

    Raises:
        UsageError: there is none.
    """
    if environment.is_file() and os.access(environment, os.X_OK):
        return environment.absolute()
    for place in ("bin/python", "Scripts/python.exe"):
        if (environment / place).is_file():
            return (environment / place).absolute()
    raise UsageError(f"'{environment}' is not a virtual environment: it has no bin/python")


@dataclass(frozen=True)
class WantedEnvironment:
    """Contents that an environment is to have."""

    asked: Asked
    """Requests of the base."""
    beside: tuple[str, ...]
    """Requirements of evobench."""
    apart: RequestDifference
    """Packages that must not be taken from here unseen."""
    here: Installed
    """Packages that may be taken from here."""
    tree: Path
    """The worktree, in which relative paths begin."""

    @property
    def lines(self) -> tuple[str, ...]:
        """All requirements."""
        return (*self.asked.requirements, *self.beside)

    @property
    def digest(self) -> str:
        """Differs where another environment comes out."""
        shared = sorted(f"{name} {item.version} {item.locate_file('')}" for name, item in self.here.items())
        asked = (self.asked.constraints, self.asked.locked, self.asked.options, sorted(self.apart.names))
        files = [hashlib.sha256(file.read_bytes()).hexdigest() for file in self._files()]
        content = repr((self.lines, asked, self.apart.whole, files, shared, sys.version, sys.prefix))
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    def _files(self) -> list[Path]:
        """Lock files of the worktree that are installed."""
        named = [self.tree / line for line in self.lines if line.startswith("./")]
        return [file for file in named if file.is_file()]


def interpreter_for(wanted: WantedEnvironment, revision: str, folder: Path) -> Path:
    """The interpreter of an environment that holds what base asks for; made where it is not there yet.

    What is installed here in a version that base takes, too, is shared and not installed again: base then has the
    very same build of it.

    Args:
        wanted: packages that the environment is to hold.
        revision: name of the revision, for messages.
        folder: folder in which environments are kept.

    Raises:
        NotComparable: the environment cannot be made; the message has pip's last words and a way out.
    """
    home = folder / f"env-{wanted.digest}"
    python = python_of(home)
    if (home / _DONE).is_file() and python.exists():
        return python
    try:
        venv.create(home, with_pip=False, clear=True)
        _fill(wanted, Pip(python, folder), site_of(home))
    except (OSError, subprocess.SubprocessError) as error:
        raise NotComparable(f"no environment for {revision} can be made in '{home}': {error}") from error
    except PipFailed as error:
        raise NotComparable(
            f"{revision} does not install: pip was given its requirements and evobench's, and said: {error}"
            " (make an environment that has both and name it: --base-env VENV)"
        ) from error
    (home / _DONE).touch()
    return python


def site_of(home: Path) -> Path:
    """The folder of packages of a virtual environment that is made with this interpreter."""
    return Path(sysconfig.get_path("purelib", "venv", vars={"base": str(home), "platbase": str(home)}))


def _fill(wanted: WantedEnvironment, pip: Pip, site: Path) -> None:
    """Install what differs, and share the rest."""
    here = {name: item for name, item in wanted.here.items() if can_be_shared(item)}
    offered = {} if wanted.apart.whole else {n: here[n] for n in here.keys() - wanted.apart.names}
    claims = {name: claim(item, site) for name, item in offered.items()}
    with tempfile.TemporaryDirectory() as scratch:
        found = pip.resolve(_arguments(wanted, Path(scratch)), wanted.tree)
        new = {canonicalize_name(item["metadata"]["name"]): item for item in found}
        for name, item in list(new.items()):
            if (
                name in here
                and not item["is_direct"]
                and same_version(item["metadata"]["version"], here[name].version)
            ):
                del new[name]
        for folder in claims.values():
            (folder / "METADATA").unlink()
            folder.rmdir()
        if new:
            options = _arguments(wanted, Path(scratch), [_exactly(item) for item in new.values()])
            pip.run(["install", "--no-deps", *options], wanted.tree)
    installed = installed_in(site)
    asked = [*wanted.lines, *new]
    shared = needed(asked, {**here, **installed}) - installed.keys()
    share([here[name] for name in sorted(shared & here.keys())], wanted.here.values(), site)


def _arguments(wanted: WantedEnvironment, scratch: Path, lines: Sequence[str] | None = None) -> list[str]:
    """Arguments for pip, written to files because a line of them may hold options."""
    options = wanted.asked.options
    files = {
        "requirements.txt": (*options, *(wanted.lines if lines is None else lines)),
        "constraints.txt": (*wanted.asked.constraints, *wanted.asked.locked),
    }
    for name, content in files.items():
        (scratch / name).write_text("".join(f"{line}\n" for line in content), encoding="utf-8")
    given = ["--requirement", str(scratch / "requirements.txt")]
    return given if lines is not None else [*given, "--constraint", str(scratch / "constraints.txt")]


def _exactly(item: dict[str, Any]) -> str:
    """The requirement that gives what pip has resolved."""
    name, version, source = item["metadata"]["name"], item["metadata"]["version"], item["download_info"]
    if not item["is_direct"]:
        return f"{name}=={version}"
    if "vcs_info" in source:
        return f"{name} @ {source['vcs_info']['vcs']}+{source['url']}@{source['vcs_info']['commit_id']}"
    return f"{name} @ {source['url']}"

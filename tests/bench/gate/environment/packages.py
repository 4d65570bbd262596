"""Small packages and repositories for the tests: nothing is fetched."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile


def metadata(name: str, version: str, requires: Sequence[str] = ()) -> str:
    """What a distribution says of itself."""
    asked = "".join(f"Requires-Dist: {line}\n" for line in requires)
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{asked}"


def install(site: Path, name: str, version: str, requires: Sequence[str] = ()) -> None:
    """Put a package of one module into a folder of packages, as pip would."""
    (site / name).mkdir(parents=True)
    (site / name / "__init__.py").write_text(f"VERSION = '{version}'\n")
    home = site / f"{name}-{version}.dist-info"
    home.mkdir()
    (home / "METADATA").write_text(metadata(name, version, requires))
    (home / "RECORD").write_text(
        "".join(f"{file},,\n" for file in (f"{name}/__init__.py", f"{home.name}/METADATA"))
    )


def wheel(folder: Path, name: str, version: str, requires: Sequence[str] = ()) -> Path:
    """A wheel of a package of one module."""
    folder.mkdir(exist_ok=True, parents=True)
    file = folder / f"{name}-{version}-py3-none-any.whl"
    home = f"{name}-{version}.dist-info"
    parts = {
        f"{name}/__init__.py": f"VERSION = '{version}'\n",
        f"{home}/METADATA": metadata(name, version, requires),
        f"{home}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{part},,\n" for part in (*parts, f"{home}/RECORD"))
    with ZipFile(file, "w") as content:
        for part, text in {**parts, f"{home}/RECORD": record}.items():
            content.writestr(part, text)
    return file


def git(folder: Path, *arguments: str) -> str:
    """What git says."""
    who = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def write(root: Path, files: dict[str, str]) -> None:
    """Write files by their path within a folder."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def commit(root: Path, files: dict[str, str], message: str = "changed") -> None:
    """Write files and commit all."""
    if not (root / ".git").exists():
        root.mkdir(exist_ok=True, parents=True)
        git(root, "init", "--quiet", "--initial-branch=main")
    write(root, files)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)

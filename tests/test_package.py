"""The package: sdist and wheel are complete, and the wheel runs where the repository is not to be seen."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from markdown_it import MarkdownIt

from tests.rooms import ROOT
from tests.test_structure import PACKAGES, tracked

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSION: str = PROJECT["version"]


class Built(NamedTuple):
    """What a build of the repository gives."""

    sdist: Path
    wheel: Path

    def in_sdist(self) -> set[str]:
        """Paths of its files within the sdist."""
        with tarfile.open(self.sdist) as archive:
            files = [member.name for member in archive.getmembers() if member.isfile()]
        return {name.partition("/")[2] for name in files}

    def in_wheel(self) -> set[str]:
        """Paths of its files within the wheel."""
        return set(zipfile.ZipFile(self.wheel).namelist())

    def metadata(self) -> Message:
        """What the wheel tells an index."""
        return message_from_bytes(
            zipfile.ZipFile(self.wheel).read(f"evobench-{VERSION}.dist-info/METADATA"),
        )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """An sdist of the files that git tracks, and a wheel that is made from that sdist."""
    source, dist = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for path in tracked():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, source / path)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist), str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert 0 == done.returncode, done.stdout + done.stderr
    return Built(dist / f"evobench-{VERSION}.tar.gz", dist / f"evobench-{VERSION}-py3-none-any.whl")


@pytest.mark.slow
def test_the_sdist_has_every_file_of_the_repository(built: Built) -> None:
    assert set() == set(tracked()) - built.in_sdist()


@pytest.mark.slow
def test_the_wheel_has_every_file_of_the_packages_and_nothing_else(built: Built) -> None:
    packages = {path for path in tracked() if path.partition("/")[0] in PACKAGES}
    assert packages == {path for path in built.in_wheel() if ".dist-info/" not in path}


@pytest.mark.slow
def test_the_readme_on_an_index_has_no_relative_link_or_picture(built: Built) -> None:
    text = built.metadata().get_payload()
    assert isinstance(text, str)
    links = re.findall(r'\b(?:href|src|srcset)="([^"]*)"', MarkdownIt("commonmark").enable("table").render(text))
    assert [] == [link for link in links if not link.startswith(("https://", "#"))]
    assert links


@pytest.mark.slow
def test_the_wheel_counts_from_an_empty_folder_in_an_environment_without_the_repository(
    built: Built, tmp_path: Path
) -> None:
    environment, folder = tmp_path / "environment", tmp_path / "empty"
    folder.mkdir()
    python = clean_environment(environment, built.wheel)
    program = python.parent / ("evobench.exe" if os.name == "nt" else "evobench")
    assert f"evobench {VERSION}\n" == said(folder, program, "--version")
    assert str(environment) in said(folder, python, "-c", "import bench; print(bench.__file__)")
    assert "report.html" in said(folder, program, "run", "--suite", "counts", "--arch", "lenet5")
    assert '"lenet5"' in said(folder, program, "show", "--table", "counts", "--format", "json")


def clean_environment(folder: Path, wheel: Path) -> Path:
    """The Python of a new environment that holds the wheel and sees the dependencies that are installed here.

    Folders that `.pth` files name are not followed into it: an editable evobench is installed by such a file.
    """
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = ("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel))
    subprocess.run([str(python), *pip], check=True)
    own = Path(said(folder, python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    others = [path for path in sys.path if Path(path).name == "site-packages"]
    (own / "dependencies.pth").write_text("".join(f"{path}\n" for path in others))
    return python


def said(folder: Path, *command: str | Path) -> str:
    """What a command prints that is run in a folder, in which nothing says where Python looks for modules."""
    words = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([*map(str, command)], cwd=folder, env=words, capture_output=True, text=True)
    assert 0 == done.returncode, done.stderr
    return done.stdout


def test_the_citation_is_of_the_version_in_pyproject() -> None:
    assert VERSION == yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"]


def test_the_changelog_has_a_section_for_the_version_and_a_link_for_each_section() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    sections = re.findall(r"(?m)^## \[([^]]+)\]", text)
    assert VERSION in sections
    assert sections == re.findall(r"(?m)^\[([^]]+)\]: https://", text)

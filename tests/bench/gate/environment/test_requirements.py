"""Requirement files, as far as they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.gate.environment.requirements import Lines
from tests.bench.gate.environment.packages import write


def lines(root: Path, **files: str) -> Lines:
    write(root, {f"{name}.txt": text for name, text in files.items()})
    found = Lines()
    found.read(root / "requirements.txt", root)
    return found


def test_comments_and_spaces_do_not_count(tmp_path: Path) -> None:
    assert ["six>=1.16"] == lines(tmp_path, requirements="# words\nsix >= 1.16  # more\n\n").requirements


def test_a_line_that_a_backslash_breaks_is_one(tmp_path: Path) -> None:
    assert ["six==1.16.0"] == lines(tmp_path, requirements="six==1.16.0 \\\n    --hash=sha256:00\n").requirements


def test_a_file_that_is_named_is_read_too(tmp_path: Path) -> None:
    found = lines(tmp_path, requirements="-r base.txt\n-c pins.txt\n", base="six\n", pins="six==1.16.0\n")
    assert (["six"], ["six==1.16.0"]) == (found.requirements, found.constraints)


def test_files_that_name_each_other_are_read_once(tmp_path: Path) -> None:
    assert ["six"] == lines(tmp_path, requirements="-r base.txt\nsix\n", base="-r requirements.txt\n").requirements


def test_an_index_is_an_option(tmp_path: Path) -> None:
    found = lines(tmp_path, requirements="--extra-index-url https://example.org/simple\nsix\n")
    assert ["--extra-index-url https://example.org/simple"] == found.options


def test_a_folder_of_a_project_is_not_installed_but_read(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    found = lines(tmp_path, requirements="-e ./lib[fast]\nsix\n")
    assert ({tmp_path / "lib": {"fast"}}, ["six"]) == (found.projects, found.requirements)


def test_a_file_in_the_repository_is_named_from_its_root(tmp_path: Path) -> None:
    write(tmp_path, {"wheels/a.whl": "", "apps/requirements.txt": "../wheels/a.whl\n"})
    found = Lines()
    found.read(tmp_path / "apps/requirements.txt", tmp_path)
    assert ["./wheels/a.whl"] == found.requirements


def test_hashes_are_not_demanded(tmp_path: Path) -> None:
    assert [] == lines(tmp_path, requirements="--require-hashes\n").options


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_file_is_read_in_the_encoding_that_it_begins_with(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "requirements.txt").write_text("six==1.16.0\n", encoding=encoding)
    found = Lines()
    found.read(tmp_path / "requirements.txt", tmp_path)
    assert ["six==1.16.0"] == found.requirements


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b"], ids=["too long", "with a null"])
@pytest.mark.parametrize("option", ["-r ", "-c ", "-f ", "-e ./", "./"])
def test_what_no_file_can_be_called_hides_nothing_else(tmp_path: Path, option: str, name: str) -> None:
    assert "six" in lines(tmp_path, requirements=f"{option}{name}\nsix\n").requirements


def test_a_circle_of_links_hides_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    assert "six" in lines(tmp_path, requirements="-r circle\n-e ./circle\nsix\n").requirements

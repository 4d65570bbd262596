"""Files are written whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.files import is_abandoned, replacing


def test_a_draft_takes_the_place_of_the_former_file(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("former")
    with replacing(file) as draft:
        draft.write_text("new")
        assert "former" == file.read_text()
    assert "new" == file.read_text()
    assert [file] == list(tmp_path.iterdir())


def test_an_error_leaves_the_former_file_and_no_draft(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("former")
    with pytest.raises(ZeroDivisionError), replacing(file) as draft:
        draft.write_text("half")
        1 / 0  # noqa: B018 - the error is the point
    assert "former" == file.read_text()
    assert [file] == list(tmp_path.iterdir())


def test_a_file_whose_name_is_as_long_as_the_disk_allows_is_written(tmp_path: Path) -> None:
    file = tmp_path / ("n" * 251 + ".csv")
    with replacing(file) as draft:
        draft.write_text("new")
    assert [file] == list(tmp_path.iterdir())


def test_a_file_and_its_seal_have_drafts_of_their_own_however_long_their_names_are(tmp_path: Path) -> None:
    name = "n" * 100
    with replacing(tmp_path / name) as draft, replacing(tmp_path / f"{name}.json") as seal:
        assert draft != seal
        draft.write_text("content")
        seal.write_text("seal")


def test_the_draft_of_a_writer_that_has_ended_is_abandoned(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", ""])
    writer.wait()
    assert is_abandoned(tmp_path / f".page.html.{writer.pid}")


@pytest.mark.parametrize("name", [".page.html.{own}", ".page.html", ".unfinished-heads-1", "page.1"])
def test_a_draft_that_is_written_now_is_not_abandoned_nor_is_another_file(name: str, tmp_path: Path) -> None:
    assert not is_abandoned(tmp_path / name.format(own=os.getpid()))

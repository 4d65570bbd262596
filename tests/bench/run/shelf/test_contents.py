"""What is told to be on the shelf: by the names that evobench gives, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.declare.artifact import Artifact, Shelf
from bench.run.shelf.contents import DRAFT, UNFINISHED, is_left_behind, lying

CHECKPOINT = Artifact("checkpoint", (("architecture", "lenet5"),), code="c0de")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shelf with one artifact of 7 bytes."""
    with Shelf(tmp_path).writing(CHECKPOINT) as path:
        path.write_bytes(b"weights")
    return tmp_path


@pytest.fixture
def gone() -> int:
    """The number of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_an_artifact_is_one_thing_with_its_seal(folder: Path) -> None:
    (found,) = lying(folder)
    seal = folder / f"{CHECKPOINT.key}.json"
    assert (CHECKPOINT.key, "checkpoint", 7 + seal.stat().st_size) == (found.name, found.what, found.size)
    assert (seal, folder / CHECKPOINT.key) == found.paths


def test_where_there_is_no_shelf_nothing_lies(tmp_path: Path) -> None:
    assert () == lying(tmp_path / "artifacts")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        (".unfinished-checkpoint-0123456789abcdef", UNFINISHED),
        (".unfinished-0123456789abcdef", UNFINISHED),
        (".features-0123456789abcdef.4711", DRAFT),
        (".features-0123456789abcdef.json.4711", DRAFT),
        (".digests.json.4711", DRAFT),
    ],
)
def test_what_is_not_finished_is_told_by_its_name(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / name).write_bytes(b"1234")
    assert [(name, what, 4)] == [(item.name, item.what, item.size) for item in lying(tmp_path)]


def test_the_draft_of_an_artifact_with_a_long_name_is_told(tmp_path: Path) -> None:
    long = Artifact("a_kind_whose_name_is_longer_than_that_of_a_draft", ())
    with Shelf(tmp_path).writing(long) as path:
        path.touch()
        assert {DRAFT} == {item.what for item in lying(tmp_path)}


@pytest.mark.parametrize(
    "name", ["digests.json", "notes.txt", "weights-final.pt", "my-0123456789", ".gitignore", "-0123456789abcdef"]
)
def test_what_evobench_did_not_write_is_not_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert () == lying(tmp_path)


def test_folders_and_links_are_not_told(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "features-0123456789abcdef").mkdir()
    (tmp_path / "heads-0123456789abcdef").symlink_to(tmp_path / CHECKPOINT.key)
    assert [CHECKPOINT.key] == [item.name for item in lying(tmp_path)]


@pytest.mark.parametrize("ending", ["", ".json"], ids=["seal", "file"])
def test_an_artifact_without_its_file_or_its_seal_was_left_behind(folder: Path, ending: str) -> None:
    (folder / f"{CHECKPOINT.key}{ending}").unlink()
    assert [True] == [is_left_behind(item) for item in lying(folder)]


def test_a_draft_was_left_behind_where_its_writer_is_gone(tmp_path: Path, gone: int) -> None:
    for writer in (gone, os.getpid()):
        (tmp_path / f".features-0123456789abcdef.{writer}").touch()
    found = {int(item.name.rpartition(".")[2]): is_left_behind(item) for item in lying(tmp_path)}
    assert {gone: True, os.getpid(): False} == found


def test_a_removal_that_is_cut_off_leaves_no_artifact(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = lying(folder)
    unlink = Path.unlink

    def cut_off(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "unlink", cut_off)
    with pytest.raises(KeyboardInterrupt):
        found.remove()
    assert (True, False) == ((folder / CHECKPOINT.key).exists(), Shelf(folder).holds(CHECKPOINT))

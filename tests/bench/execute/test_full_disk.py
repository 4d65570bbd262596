"""A job whose disk fills up: told as such, with the file, whatever a library made of it."""

from pathlib import Path
from typing import Any

import pytest

from bench.declare.artifact import PRODUCERS, Artifact, Shelf
from bench.execute.jobs import Given, Make
from bench.execute.work.worker import perform
from tests.bench.small_disk import SmallDisk

WEIGHTS = Artifact("some_weights", ())


@pytest.fixture
def producers(kept_process: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the producer of the artifact does, by its key; jobs are done in this process."""
    made: dict[str, Any] = {WEIGHTS.kind: None}
    monkeypatch.setattr(PRODUCERS, "_items", made)
    return made


def done(folder: Path) -> dict[str, Any]:
    """The last frame of making the artifact."""
    frames: list[dict[str, Any]] = []
    perform(Make(WEIGHTS, 1, Given(folder)), frames.append)
    return frames[-1]


def save(artifact: Artifact, shelf: Shelf, report: object) -> None:
    import torch

    with shelf.writing(artifact) as path:
        torch.save(torch.zeros(1 << 18), path)


def test_weights_for_which_there_is_no_room_are_told_with_their_file(
    small_disk: SmallDisk, producers: dict[str, Any]
) -> None:
    producers[WEIGHTS.kind] = save
    small_disk.fill(spare=100_000)
    found = done(small_disk.folder)
    expected = (True, f"'{small_disk.folder / WEIGHTS.key}' could not be written, the disk is full")
    assert expected == (found["disk_full"], found["reason"])
    small_disk.free()
    assert ("ok", True) == (done(small_disk.folder)["status"], Shelf(small_disk.folder).holds(WEIGHTS))


def test_a_file_that_nobody_names_is_told_as_a_temporary_one(
    tmp_path: Path, producers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def compile_it(*_: object) -> None:
        raise RuntimeError("as: /tmp/ccX.o: No space left on device")

    producers[WEIGHTS.kind] = compile_it
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/tmp")
    found = done(tmp_path)
    expected = (True, "a file (temporary ones lie in '/tmp') could not be written, the disk is full")
    assert expected == (found["disk_full"], found["reason"])


def test_another_error_is_not_told_as_one(tmp_path: Path, producers: dict[str, Any]) -> None:
    def fail(*_: object) -> None:
        raise ValueError("shapes")

    producers[WEIGHTS.kind] = fail
    found = done(tmp_path)
    assert (False, True) == (found["disk_full"], found["reason"].startswith("ValueError: shapes"))

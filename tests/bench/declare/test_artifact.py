"""Artifacts: their address, their order, and the shelf that holds them whole or not at all."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench.declare.artifact import Artifact, Shelf, in_order

CHECKPOINT = Artifact("checkpoint", (("architecture", "lenet5"), ("epochs", 3)), code="c0de")
FEATURES = Artifact("features", (("size", 8),), needs=(CHECKPOINT,))
HEADS = Artifact("heads", (("lr", 0.1),), needs=(FEATURES, CHECKPOINT))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A shelf whose folder is not there yet."""
    return Shelf(tmp_path / "artifacts")


def put(shelf: Shelf, artifact: Artifact, content: bytes = b"weights") -> None:
    with shelf.writing(artifact) as path:
        path.write_bytes(content)


@pytest.mark.parametrize(
    "other",
    [
        replace(CHECKPOINT, kind="features"),
        replace(CHECKPOINT, spec=(("architecture", "lenet5"), ("epochs", 4))),
        replace(CHECKPOINT, needs=(FEATURES,)),
        replace(CHECKPOINT, code="0ther"),
    ],
    ids=["kind", "spec", "needs", "code"],
)
def test_whatever_decides_the_content_decides_the_address(other: Artifact) -> None:
    assert CHECKPOINT.key != other.key


def test_the_order_of_the_specification_does_not_change_the_address() -> None:
    assert CHECKPOINT.key == replace(CHECKPOINT, spec=CHECKPOINT.spec[::-1]).key


def test_a_changed_need_changes_the_address_of_all_that_is_made_from_it() -> None:
    changed = replace(FEATURES, needs=(replace(CHECKPOINT, code="0ther"),))
    assert FEATURES.key != changed.key


def test_needs_come_first_and_each_artifact_once() -> None:
    assert (CHECKPOINT, FEATURES, HEADS) == in_order([HEADS, FEATURES, CHECKPOINT])


def test_an_artifact_is_asked_for_what_it_is_made_of() -> None:
    assert 3 == CHECKPOINT["epochs"]


def test_a_shelf_holds_what_was_put_on_it(shelf: Shelf) -> None:
    put(shelf, CHECKPOINT)
    assert shelf.holds(CHECKPOINT)
    assert b"weights" == shelf.path(CHECKPOINT).read_bytes()


def test_an_empty_shelf_holds_nothing(shelf: Shelf) -> None:
    assert not shelf.holds(CHECKPOINT)


def test_a_failed_writing_leaves_nothing(shelf: Shelf) -> None:
    with pytest.raises(ValueError, match="loss is NaN"), shelf.writing(CHECKPOINT) as path:
        path.write_bytes(b"half")
        raise ValueError("loss is NaN")
    assert not shelf.holds(CHECKPOINT)
    assert [] == list(shelf.folder.iterdir())


def test_a_second_writing_replaces_the_first(shelf: Shelf) -> None:
    put(shelf, CHECKPOINT, b"old")
    put(shelf, CHECKPOINT, b"new")
    assert shelf.holds(CHECKPOINT)
    assert b"new" == shelf.path(CHECKPOINT).read_bytes()


@pytest.mark.parametrize("damage", [b"weightz", b"weight", b""], ids=["one bit", "cut short", "emptied"])
def test_a_damaged_file_is_not_held(shelf: Shelf, damage: bytes) -> None:
    put(shelf, CHECKPOINT)
    shelf.path(CHECKPOINT).write_bytes(damage)
    assert not shelf.holds(CHECKPOINT)


@pytest.mark.parametrize("seal", ["", "{}", "[]", '{"sha256": null}'], ids=["empty", "no sum", "list", "null"])
def test_a_damaged_seal_is_not_trusted(shelf: Shelf, seal: str) -> None:
    put(shelf, CHECKPOINT)
    (shelf.folder / f"{CHECKPOINT.key}.json").write_text(seal)
    assert not shelf.holds(CHECKPOINT)


KILLED = """
import sys, time
from pathlib import Path
from bench.declare.artifact import Artifact, Shelf

artifact = Artifact("checkpoint", (("architecture", "lenet5"), ("epochs", 3)), code="c0de")
with Shelf(Path(sys.argv[1])).writing(artifact) as path:
    path.write_bytes(b"half")
    print("writing", flush=True)
    sys.stdin.readline()
"""


def changed_in_place(shelf: Shelf, nanoseconds: int) -> None:
    """Other bytes in a file of the same size, whose time of change is so much later than when it was written."""
    path = shelf.path(CHECKPOINT)
    before = path.stat()
    with path.open("rb+") as file:
        file.write(b"W")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + nanoseconds))


@pytest.mark.parametrize(("up_to", "later", "held"), [(0, 0, True), (0, 1, False), (100, 0, False)])
def test_a_large_artifact_that_lies_as_it_was_written_is_not_read_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, up_to: int, later: int, held: bool
) -> None:
    monkeypatch.setattr("bench.declare.artifact.HASHED_UP_TO", up_to)
    put(shelf, CHECKPOINT)
    changed_in_place(shelf, later)
    assert held == shelf.holds(CHECKPOINT)


def test_a_large_artifact_in_another_file_is_read(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.declare.artifact.HASHED_UP_TO", 0)
    put(shelf, CHECKPOINT)
    copy = tmp_path / "copy"
    copy.write_bytes(b"Weights")
    copy.replace(shelf.path(CHECKPOINT))
    assert not shelf.holds(CHECKPOINT)


def test_a_large_artifact_of_an_older_seal_is_read_and_held(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    put(shelf, CHECKPOINT)
    seal = shelf.folder / f"{CHECKPOINT.key}.json"
    older = {name: value for name, value in json.loads(seal.read_text()).items() if name != "seen"}
    seal.write_text(json.dumps(older))
    monkeypatch.setattr("bench.declare.artifact.HASHED_UP_TO", 0)
    assert shelf.holds(CHECKPOINT)


def test_a_killed_writer_leaves_no_artifact_and_hinders_no_other(shelf: Shelf) -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", KILLED, str(shelf.folder)]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        os.kill(writer.pid, signal.SIGKILL)
    assert not shelf.holds(CHECKPOINT)
    put(shelf, CHECKPOINT)
    assert shelf.holds(CHECKPOINT)


def test_what_killed_writers_left_is_swept_and_what_living_ones_write_is_not(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    old, new = tmp_path / ".unfinished-a", tmp_path / ".unfinished-b"
    drafts = [tmp_path / f".features-1.{ended.pid}", tmp_path / f".features-1.json.{ended.pid}"]
    alive = tmp_path / f".features-2.{os.getpid()}"
    for path in (old, new, alive, *drafts):
        path.touch()
    os.utime(old, (0, 0))
    Shelf(tmp_path).sweep()
    assert {new.name, alive.name} == {path.name for path in tmp_path.iterdir()}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
@pytest.mark.parametrize("name", [CHECKPOINT.key, f"{CHECKPOINT.key}.json"], ids=["artifact", "seal"])
def test_a_pipe_on_the_shelf_is_no_artifact_and_is_not_waited_for(shelf: Shelf, name: str) -> None:
    put(shelf, CHECKPOINT)
    (shelf.folder / name).unlink()
    os.mkfifo(shelf.folder / name)
    assert not shelf.holds(CHECKPOINT)

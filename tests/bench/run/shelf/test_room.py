"""No time is spent on what could not be kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.errors import StoreError
from bench.run.driver import Pace, drive
from bench.run.shelf.room import RECORD, require_room
from tests.bench.driving import Recorder, declarations, desk, step


@pytest.fixture
def declared() -> Iterator[None]:
    with declarations():
        yield


def free(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    usage = type("Usage", (), {"free": size})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)


def test_a_disk_with_as_much_free_as_is_needed_has_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, RECORD)
    require_room(tmp_path)


def test_a_disk_with_less_is_told_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 3_000_000)
    words = r"^only 3.0 MB are free at '.*', and 16 MB are needed: free some, as with evobench clean; .* --resume$"
    with pytest.raises(StoreError, match=words):
        require_room(tmp_path)


def test_a_run_ends_before_the_cell_whose_record_would_have_no_room(
    declared: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, executor = [step()], Recorder()
    place = desk(tmp_path, executor, steps)
    free(monkeypatch, 3_000_000)
    with pytest.raises(StoreError, match=r"^only 3.0 MB are free"):
        drive(place, steps, Pace())
    assert ([], ()) == (executor.jobs, place.store.records("r1"))

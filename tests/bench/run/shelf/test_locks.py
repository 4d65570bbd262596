"""Who works in a store's folder: runs hold off a removal, and a removal holds off runs."""

from pathlib import Path
from threading import Event, Thread

import pytest

from bench.errors import UsageError
from bench.run.shelf.locks import measuring, removing
from tests.processes import PATIENCE

RUN, OTHER = "20260102-030405-aaaa", "20260102-030405-bbbb"


def test_a_run_that_is_being_measured_is_told_to_who_removes(tmp_path: Path) -> None:
    with measuring(tmp_path, RUN), removing(tmp_path) as measured:
        assert (RUN,) == measured


def test_ones_own_run_is_left_out(tmp_path: Path) -> None:
    with measuring(tmp_path, RUN), measuring(tmp_path, OTHER), removing(tmp_path, RUN) as measured:
        assert (OTHER,) == measured


def test_a_run_that_has_ended_is_not_told(tmp_path: Path) -> None:
    with measuring(tmp_path, RUN):
        pass
    with removing(tmp_path) as measured:
        assert () == measured


def test_a_run_is_measured_once_at_a_time(tmp_path: Path) -> None:
    with (
        measuring(tmp_path, RUN),
        pytest.raises(UsageError, match=f"^run {RUN} is being measured by another process$"),
        measuring(tmp_path, RUN),
    ):
        pass


def test_a_run_begins_when_a_removal_is_over(tmp_path: Path) -> None:
    begun, ended = Event(), Event()

    def run() -> None:
        with measuring(tmp_path, RUN):
            begun.set()
            ended.wait(PATIENCE)

    with removing(tmp_path) as measured:
        thread = Thread(target=run)
        thread.start()
        assert ((), False) == (measured, begun.wait(0.05))
    assert begun.wait(PATIENCE)
    ended.set()
    thread.join()

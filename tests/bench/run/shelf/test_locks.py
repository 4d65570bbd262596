"""Who works in a store's folder: runs hold off a removal, and a removal holds off runs."""

from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread

import pytest

from bench.errors import UsageError
from bench.run.shelf import locks
from bench.run.shelf.beside import lock_of_run, locked_runs
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


def test_a_lock_is_gone_when_its_run_has_ended(tmp_path: Path) -> None:
    with measuring(tmp_path, RUN):
        assert [RUN] == locked_runs(tmp_path)
    assert [] == locked_runs(tmp_path)


def test_locks_of_runs_that_were_killed_are_removed_by_the_next_run(tmp_path: Path) -> None:
    lock_of_run(tmp_path, RUN).touch()
    with measuring(tmp_path, OTHER):
        assert [OTHER] == locked_runs(tmp_path)


def test_locks_of_runs_that_were_killed_are_removed_where_artifacts_are(tmp_path: Path) -> None:
    lock_of_run(tmp_path, RUN).touch()
    with removing(tmp_path):
        assert [] == locked_runs(tmp_path)


def test_a_lock_that_another_run_holds_stays(tmp_path: Path) -> None:
    with measuring(tmp_path, RUN), measuring(tmp_path, OTHER):
        assert [RUN, OTHER] == locked_runs(tmp_path)


def test_other_files_that_are_called_locks_stay(tmp_path: Path) -> None:
    (tmp_path / ".npm.lock").touch()
    with removing(tmp_path):
        assert (tmp_path / ".npm.lock").exists()


def test_a_run_that_many_want_at_once_is_never_measured_by_two(tmp_path: Path) -> None:
    inside, most, times = 0, 0, 0

    def want() -> None:
        nonlocal inside, most, times
        for _ in range(50):
            try:
                with measuring(tmp_path, RUN):
                    inside += 1
                    most, times = max(most, inside), times + 1
                    inside -= 1
            except UsageError:
                continue

    threads = [Thread(target=want) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (1, True) == (most, times > 0)


def test_nobody_waits_for_ever_for_who_removes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_WAIT", 0.1)
    with (
        removing(tmp_path),
        pytest.raises(UsageError, match=r"^another process has held '.*\.artifacts\.lock' for more than 0\.1 s"),
        measuring(tmp_path, RUN),
    ):
        pass


def test_a_run_ends_as_it_should_where_the_artifacts_stay_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_WAIT", 0.1)
    with ExitStack() as stopped, measuring(tmp_path, RUN):
        stopped.enter_context(removing(tmp_path))
    with measuring(tmp_path, RUN):  # nobody holds the lock that was left
        pass

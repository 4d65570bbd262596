"""Locks in a store's folder: each run has one, and another keeps runs from beginning while artifacts are
removed.

A run's lock is taken and removed under that other one, so that nobody waits for a file that is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bench.errors import UsageError
from bench.run.shelf.beside import lock_of_run, locked_runs

_WAIT = 60.0
"""Seconds that are waited for the shelf's lock: who holds it removes some files, unless it was stopped."""


@contextmanager
def measuring(place: Path, run: str) -> Iterator[None]:
    """Hold the lock of a run while it is measured; it is not taken while artifacts are removed.

    Args:
        place: the folder of the store.
        run: id of the run.

    Raises:
        UsageError: another process measures it, or does not let go of the artifacts, or the id has not the form
            of evobench's own.
    """
    path = lock_of_run(place, run)
    lock = FileLock(path)
    with _of_shelf(place):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise UsageError(f"run {run} is being measured by another process") from None
        _held(place)  # which removes those of runs that were killed
    try:
        yield
    finally:
        try:
            with _of_shelf(place):
                lock.release()
                path.unlink(missing_ok=True)
        except UsageError:  # what was measured is whole; the file is left to the next run, which removes it
            lock.release()


@contextmanager
def removing(place: Path, own: str = "") -> Iterator[tuple[str, ...]]:
    """Let no run begin meanwhile; gives the ids of those that are being measured, except one's own.

    Raises:
        UsageError: another process does not let go of the artifacts.
    """
    with _of_shelf(place):
        yield tuple(run for run in _held(place) if run != own)


@contextmanager
def _of_shelf(place: Path) -> Iterator[None]:
    path = place / ".artifacts.lock"
    try:
        held = FileLock(path).acquire(timeout=_WAIT)
    except Timeout:
        raise UsageError(
            f"another process has held '{path}' for more than {_WAIT:g} s, as one that removes artifacts does:"
            " wait for it, or end it"
        ) from None
    with held:
        yield


def _held(place: Path) -> list[str]:
    """Runs that are being measured; locks that nobody holds are removed. The lock of the shelf must be held."""
    return [run for run in locked_runs(place) if _is_held(lock_of_run(place, run))]


def _is_held(path: Path) -> bool:
    try:
        with FileLock(path).acquire(timeout=0):
            pass
    except Timeout:
        return True
    path.unlink(missing_ok=True)
    return False

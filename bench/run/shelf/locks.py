"""Locks in a store's folder: each run has one, and another keeps runs from beginning while artifacts are
removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bench.errors import UsageError

_RUNS = ".[0-9]*.lock"


@contextmanager
def measuring(place: Path, run: str) -> Iterator[None]:
    """Hold the lock of a run while it is measured; it is not taken while artifacts are removed.

    Args:
        place: the folder of the store.
        run: id of the run.

    Raises:
        UsageError: another process measures it.
    """
    lock = _of_run(place, run)
    with _of_shelf(place):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise UsageError(f"run {run} is being measured by another process") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def removing(place: Path, own: str = "") -> Iterator[tuple[str, ...]]:
    """Let no run begin meanwhile; gives the ids of those that are being measured, except one's own."""
    with _of_shelf(place):
        runs = sorted(path.name[1 : -len(".lock")] for path in place.glob(_RUNS))
        yield tuple(run for run in runs if run != own and _is_held(_of_run(place, run)))


def _of_run(place: Path, run: str) -> FileLock:
    return FileLock(place / f".{run}.lock")


def _of_shelf(place: Path) -> FileLock:
    return FileLock(place / ".artifacts.lock")


def _is_held(lock: FileLock) -> bool:
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True

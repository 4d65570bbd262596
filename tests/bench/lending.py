"""An executor that the tests of a module share, since its server takes seconds to start."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.execute.local.executor import LocalExecutor


class _Lent(LocalExecutor):
    def close(self) -> None:
        """Go on: the next call uses the same server."""


@contextmanager
def shared_executor(catalogs: Sequence[str] = (), lanes: int = 1) -> Iterator[LocalExecutor]:
    """One that a verb cannot close; closed at the end."""
    executor = _Lent(catalogs, lanes=lanes)
    yield executor
    LocalExecutor.close(executor)

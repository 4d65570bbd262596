"""An executor that the tests of a module share, since its server takes seconds to start."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from bench.cli import measuring
from bench.execute import accelerator
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


@contextmanager
def lending(executor: LocalExecutor) -> Iterator[None]:
    """Runs of this process measure with a server that is started already."""
    with pytest.MonkeyPatch.context() as patched:
        for module in (measuring, accelerator):
            patched.setattr(module, "LocalExecutor", lambda *_, **__: executor)
        yield

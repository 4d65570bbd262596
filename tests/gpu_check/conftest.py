"""The check's own declarations, there for a test and gone after it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.declare.catalog import DATASETS, MEASURES, SUITES, load_catalogs
from bench.declare.loading import discovery
from tests.gpu_check.grid import QUICK
from tests.gpu_check.session import CATALOG, Session, opened


@contextmanager
def declarations() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        load_catalogs()
        for registry in (DATASETS, MEASURES, SUITES):
            patch.setattr(registry, "_items", dict(registry._items))
            patch.setattr(registry, "_places", dict(registry._places))
        patch.setattr(discovery, "_loaded", set(discovery._loaded))
        patch.delitem(sys.modules, CATALOG, raising=False)
        load_catalogs([CATALOG])
        yield


@contextmanager
def quick_session(device: str, folder: Path) -> Iterator[Session]:
    with declarations():
        session = opened(QUICK, device, folder)
        try:
            yield session
        finally:
            session.close()


@pytest.fixture
def declared() -> Iterator[None]:
    with declarations():
        yield

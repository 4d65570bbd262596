"""Which modules a job needed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from bench.gate.inside.needs import uses_of

NAME = "gate_slow_module"


@pytest.fixture(autouse=True)
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A module that can be imported, and is gone afterwards."""
    (tmp_path / f"{NAME}.py").write_text("answer = 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop(NAME, None)


def test_what_is_imported_is_used() -> None:
    used = uses_of([NAME])
    importlib.import_module(NAME)
    assert [NAME] == used()


def test_what_was_imported_before_and_is_left_alone_is_not_used() -> None:
    importlib.import_module(NAME)
    used = uses_of([NAME])
    importlib.import_module(NAME)
    assert [] == used()


def test_what_was_imported_before_is_used_where_something_of_it_is_asked_for() -> None:
    module = importlib.import_module(NAME)
    used = uses_of([NAME])
    assert 42 == module.answer
    assert [NAME] == used()


def test_a_module_that_was_used_is_an_ordinary_one_again() -> None:
    module = importlib.import_module(NAME)
    uses_of([NAME])
    assert 42 == module.answer
    assert ModuleType is type(module)


def test_what_was_neither_imported_nor_used_is_not_told() -> None:
    assert [] == uses_of([NAME])()

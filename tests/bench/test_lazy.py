"""Lazy modules: nothing is imported before an attribute is asked for."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.lazy import lazy, load


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Name of a module that nobody has imported."""
    (tmp_path / "costly_module.py").write_text("answer = 42\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "costly_module"
    sys.modules.pop("costly_module", None)


def test_a_lazy_module_is_not_imported_by_being_named(module: str) -> None:
    lazy(module)
    assert module not in sys.modules


def test_a_lazy_module_is_imported_when_an_attribute_is_asked_for(module: str) -> None:
    assert 42 == lazy(module).answer
    assert module in sys.modules


def test_looking_for_a_protocol_does_not_import(module: str) -> None:
    assert not hasattr(lazy(module), "__wrapped__")
    assert module not in sys.modules


def test_an_attribute_that_the_module_lacks_is_an_attribute_error(module: str) -> None:
    with pytest.raises(AttributeError, match=r"costly_module.*question"):
        _ = lazy(module).question


def test_a_module_that_is_not_there_fails_at_its_first_use() -> None:
    absent = lazy("not_there_at_all")
    with pytest.raises(ModuleNotFoundError, match="not_there_at_all"):
        _ = absent.answer


def test_loading_gives_the_module_itself(module: str) -> None:
    assert load(module) is sys.modules[module]

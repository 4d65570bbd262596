"""Which modules of a side are refused as not its own."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from bench.errors import EvobenchError
from bench.gate.inside.apart import refuse_strays


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A worktree with a module `bench.sizes`, which is installed, too, and loaded from there."""
    (tmp_path / "tree/bench").mkdir(parents=True)
    (tmp_path / "tree/bench/sizes.py").touch()
    module = ModuleType("bench.sizes")
    module.__file__ = str(tmp_path / "lib/site-packages/bench/sizes.py")
    monkeypatch.setitem(sys.modules, "bench.sizes", module)
    return tmp_path / "tree"


def test_an_installed_copy_of_what_the_tree_of_evobench_has_is_refused(tree: Path) -> None:
    (tree / "evobench").mkdir()
    (tree / "evobench/__init__.py").touch()
    with pytest.raises(EvobenchError, match=r"'bench\.sizes' comes from .* not from the repository that has it"):
        refuse_strays(tree.parent / "work", tree)


def test_a_module_of_evobench_is_no_copy_of_its_namesake_in_another_repository(tree: Path) -> None:
    refuse_strays(tree.parent / "work", tree)
    assert (tree / "bench/sizes.py").is_file()


@pytest.mark.parametrize("name", ["__main__", "__mp_main__"])
def test_the_gates_own_file_may_come_from_the_working_tree(
    tree: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    gate = ModuleType(name)
    gate.__file__ = str(tree.parent / "work/bench/gate/inside/side.py")
    monkeypatch.setitem(sys.modules, name, gate)
    refuse_strays(tree.parent / "work", tree)
    assert name in sys.modules


def test_what_a_server_was_cleared_of_is_not_looked_at_again_but_what_came_since_is(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleared: set[str] = set()
    refuse_strays(tree.parent / "work", tree, cleared)
    assert "bench.sizes" in cleared
    stray = ModuleType("gate_stray")
    stray.__file__ = str(tree.parent / "work/gate_stray.py")
    monkeypatch.setitem(sys.modules, "gate_stray", stray)
    with pytest.raises(EvobenchError, match="'gate_stray' comes from the working tree"):
        refuse_strays(tree.parent / "work", tree, cleared)

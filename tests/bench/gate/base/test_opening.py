"""Both sides, made ready in a real repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import NotComparable, UsageError
from bench.gate.base.opening import Base, opened
from tests.bench.gate.environment.packages import commit, write


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in which one stands; git ignores a module that its package imports."""
    root = tmp_path / "work"
    commit(root, {".gitignore": "_version.py\n", "net/__init__.py": "from net._version import V\n"})
    write(root, {"net/_version.py": "V = 1\n"})
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", str(root))
    return root


def fail(words: str, folder: Path) -> str:
    """What is told of a base that fails with these words."""
    with (
        pytest.raises(NotComparable) as error,
        opened(Base("main"), (), folder, lambda _: None),
    ):
        raise NotComparable(words)
    return str(error.value)


def test_a_base_that_misses_what_git_ignores_is_told_so(repository: Path, tmp_path: Path) -> None:
    told = fail("main does not start: No module named 'net._version'", tmp_path / "kept")
    assert "ignored by git, not in base: net/_version.py" in told


def test_what_git_ignores_is_told_where_base_does_without_it(repository: Path, tmp_path: Path) -> None:
    told = "ignored by git, not in base: net/_version.py; what imports such a file differs for that alone"
    with opened(Base("main"), (), tmp_path / "kept", lambda _: None) as sides:
        assert told in sides.notes


def test_a_base_that_misses_something_else_is_told_that(repository: Path, tmp_path: Path) -> None:
    assert "No module named 'timm'" == fail("No module named 'timm'", tmp_path / "kept")


@pytest.mark.parametrize(("place", "number"), [("nets.py", 1), ("work/nets.py", 0)])
def test_a_catalogue_that_both_sides_share_is_told(
    repository: Path, tmp_path: Path, place: str, number: int
) -> None:
    file = tmp_path / place
    told = f"catalogue '{file}' lies outside of the repository: base and head have the same"
    with opened(Base("main"), (str(file),), tmp_path / "kept", lambda _: None) as sides:
        assert number == sides.notes.count(told)


@pytest.mark.parametrize("place", [".", "tree", "beside", "beside/site-packages", "env-pip", ".lock"])
def test_nothing_is_removed_where_a_link_of_the_repository_leads(
    repository: Path, tmp_path: Path, place: str
) -> None:
    theirs = tmp_path / "theirs"
    write(theirs, {"tree/kept": "", "site-packages/kept": "", "kept": ""})
    link = repository / "runs" / "regress" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(theirs)
    refused = pytest.raises(UsageError, match="is a link, and a comparison removes what is there")
    with refused, opened(Base("main"), (), repository / "runs" / "regress", lambda _: None):
        pass
    assert ["kept", "site-packages/kept", "tree/kept"] == sorted(
        str(file.relative_to(theirs)) for file in theirs.rglob("*") if file.is_file()
    )


def test_a_folder_that_no_comparison_made_is_not_removed(repository: Path) -> None:
    write(repository, {"regress/tree/kept.py": ""})
    refused = pytest.raises(UsageError, match=r"'.*tree' is of no comparison, and one would remove it")
    with refused, opened(Base("main"), (), repository / "regress", lambda _: None):
        pass
    assert (repository / "regress" / "tree" / "kept.py").is_file()


def test_what_a_killed_comparison_left_is_replaced(repository: Path, tmp_path: Path) -> None:
    write(tmp_path, {"kept/.lock": "", "kept/tree/left": ""})
    with opened(Base("main"), (), tmp_path / "kept", lambda _: None):
        assert [False, True] == [(tmp_path / "kept" / "tree" / name).exists() for name in ("left", "net")]

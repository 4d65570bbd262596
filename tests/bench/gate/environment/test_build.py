"""Modules that git ignores: which may be needed, and what a build of base brings."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from bench.errors import EvobenchError
from bench.gate.environment.build import Unbuilt, complete, ignored_modules, metadata_of
from bench.gate.environment.pip import Pip, PipFailed
from tests.bench.gate.environment.packages import wheel, write

PROJECT = {"pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "x"\n[project]\nname = "my_pkg"\n'}


class Building(Pip):
    """Builds a wheel with the given modules, or fails."""

    modules: tuple[str, ...] = ()
    words = ""

    def run(self, arguments: object, work: Path | None = None) -> None:
        """Put the wheel where it is wanted."""
        if self.words:
            raise PipFailed(self.words)
        (where,) = [Path(item) for item in arguments if Path(item).is_dir() and "tmp" in item][:1]  # type: ignore[attr-defined]
        with ZipFile(where / "my_pkg-1-py3-none-any.whl", "w") as content:
            for name in self.modules:
                content.writestr(name, "V = 1\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository; beside it the worktree `tree`, which has the package without its ignored module."""
    write(tmp_path / "work", {**PROJECT, "src/my_pkg/__init__.py": "", "src/my_pkg/_version.py": "V = 2\n"})
    write(tmp_path / "tree", {**PROJECT, "src/my_pkg/__init__.py": ""})
    return tmp_path / "work"


VERSION = Path("src/my_pkg/_version.py")


def finish(root: Path, pip: Pip, file: Path = VERSION, path: str = "src") -> Unbuilt:
    return complete(root.parent / "tree", root, {file: root / path}, pip, lambda _: None)


def pip(*modules: str, words: str = "") -> Building:
    made = Building(Path("python"), Path())
    object.__setattr__(made, "modules", modules)
    object.__setattr__(made, "words", words)
    return made


def test_what_a_build_has_and_base_lacks_is_put_where_it_is_imported(root: Path) -> None:
    assert () == finish(root, pip("my_pkg/__init__.py", "my_pkg/_version.py")).files
    tree = root.parent / "tree"
    assert ("V = 1\n", "") == ((tree / VERSION).read_text(), (tree / "src/my_pkg/__init__.py").read_text())


def test_a_package_at_the_top_is_completed_too(root: Path) -> None:
    write(root.parent / "tree", {"flat/__init__.py": ""})
    assert () == finish(root, pip("flat/_version.py"), Path("flat/_version.py"), ".").files


def test_a_module_that_does_not_come_of_the_build_explains_why_an_import_fails(root: Path) -> None:
    told = finish(root, pip("my_pkg/__init__.py")).behind("ModuleNotFoundError: No module named 'my_pkg._version'")
    assert told is not None
    assert told.startswith("ignored by git, not in base: src/my_pkg/_version.py (its build does not make it)")


def test_a_build_that_fails_is_told_when_the_module_is_missed(root: Path) -> None:
    told = finish(root, pip(words="no compiler")).behind("cannot import name '_version' from 'my_pkg' (x.py)")
    assert told is not None
    assert "(the build of base failed: no compiler)" in told


def test_a_fault_of_another_kind_is_not_explained_by_it(root: Path) -> None:
    assert None is finish(root, pip()).behind("ModuleNotFoundError: No module named 'timm'")


def test_a_script_beside_the_packages_is_not_worth_a_build(root: Path) -> None:
    unbuilt = finish(root, pip(words="built"), Path("scratch.py"), ".")
    assert ("scratch.py",) == unbuilt.files
    assert "built" not in unbuilt.why


def test_without_a_project_nothing_is_built(root: Path) -> None:
    (root.parent / "tree/pyproject.toml").unlink()
    assert "base has no project that could be built" == finish(root, pip(words="built")).why


@pytest.mark.parametrize(
    ("file", "is_one"),
    [
        ("src/my_pkg/_version.py", True),
        ("src/my_pkg/_C.cpython-311-x86_64-linux-gnu.so", True),
        ("src/my_pkg/data.bin", False),
        ("src/my_pkg/__pycache__/x.py", False),
        ("build/lib/my_pkg/_version.py", False),
        (".venv/lib/site-packages/six.py", False),
        ("runs/notes.py", False),
    ],
)
def test_only_what_an_import_may_find_counts(tmp_path: Path, file: str, is_one: bool) -> None:
    assert is_one == bool(ignored_modules([Path(file)], [tmp_path / "src"], tmp_path))


def test_an_environment_within_the_repository_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, {"env/pyvenv.cfg": "", "env/lib/x.py": ""})
    assert {} == ignored_modules([Path("env/lib/x.py")], [tmp_path], tmp_path)


def test_a_wheel_says_what_it_asks_for(tmp_path: Path) -> None:
    file = wheel(tmp_path, "mine", "1.0", ["six>=1", "more; extra == 'all'"])
    assert ("mine", ["six>=1"]) == metadata_of(file)


def test_the_failure_of_pip_is_one_line_of_its_own() -> None:
    assert issubclass(PipFailed, EvobenchError)


def test_a_project_in_another_encoding_is_built(root: Path) -> None:
    file = root.parent / "tree" / "pyproject.toml"
    file.write_bytes(file.read_bytes() + b"# caf\xe9\n")
    assert () == finish(root, pip("my_pkg/__init__.py", "my_pkg/_version.py")).files

"""Catalogues that are files travel with what they import from beside them, and with nothing else."""

import sys
from pathlib import Path

import pytest

from bench.execute.cluster.bundle import bundled


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """A catalogue with a module and a package beside it, among other things."""
    home = tmp_path / "home"
    for name, content in {
        "mine.py": "import helper\nfrom nets.small import net\n",
        "helper.py": "VALUE = 1\n",
        "nets/__init__.py": "",
        "nets/small.py": "def net(): ...\n",
        "runs/artifacts/features-0": "0" * 100,
        "runs/script.py": "",
        ".git/hook.py": "",
        "photo.jpg": "",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(content)
    return home / "mine.py"


def test_a_file_travels_with_the_modules_and_packages_beside_it(catalog: Path) -> None:
    assert {"0/mine.py", "0/helper.py", "0/nets/__init__.py", "0/nets/small.py"} == set(
        bundled([str(catalog)]).files
    )


def test_unpacked_it_is_loaded_from_there(catalog: Path, tmp_path: Path) -> None:
    (name,) = bundled([str(catalog)]).unpack(tmp_path / "there")
    assert tmp_path / "there" / "0" / "mine.py" == Path(name)
    assert catalog.read_text() == Path(name).read_text()


def test_a_file_within_a_package_keeps_its_place_in_it(tmp_path: Path) -> None:
    package = tmp_path / "outer" / "inner"
    package.mkdir(parents=True)
    (package / "mine.py").write_text("from outer import shared\n")
    for file in (package / "__init__.py", package.parent / "__init__.py", package.parent / "shared.py"):
        file.touch()
    bundle = bundled([str(package / "mine.py")])
    assert ("0/outer/inner/mine.py",) == bundle.catalogs
    assert "0/outer/shared.py" in bundle.files


def test_two_files_of_the_same_name_stay_apart(tmp_path: Path) -> None:
    files = [tmp_path / "a" / "mine.py", tmp_path / "b" / "mine.py"]
    for file in files:
        file.parent.mkdir()
        file.write_text(f"# {file.parent.name}\n")
    bundle = bundled([str(file) for file in files])
    assert {"0/mine.py": b"# a\n", "1/mine.py": b"# b\n"} == bundle.files


def test_a_package_is_told_by_name(tmp_path: Path) -> None:
    bundle = bundled(["json"])
    assert (("json",), {}) == (bundle.catalogs, bundle.files)
    assert ("json",) == bundle.unpack(tmp_path)


def test_what_is_installed_does_not_travel(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("import psutil, evobench\n")
    assert "psutil" not in sys.stdlib_module_names
    assert {"0/mine.py"} == set(bundled([str(file)]).files)

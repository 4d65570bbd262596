"""What a file stands on, as its imports and those of what it imports say."""

from pathlib import Path

import pytest

from bench.declare.loading.imports import Sources


def files(folder: Path, content: dict[str, str]) -> Path:
    """Write files; the first of them."""
    for name, text in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder / next(iter(content))


def stands_on(folder: Path, content: dict[str, str]) -> set[str]:
    """What the first of the files stands on, itself left out, by the name in the folder."""
    first = files(folder, content)
    return {file.relative_to(folder).as_posix() for file in Sources().closure(first).files if file != first}


@pytest.mark.parametrize(
    "statement",
    [
        "import parts",
        "from parts import WIDTH",
        "import parts as own",
        "def net():\n    from parts import WIDTH",
        "class Net:\n    import parts",
        "try:\n    import parts\nexcept ImportError:\n    parts = None",
        "parts = lazy('parts')",
        "def net():\n    return (known or lazy.load('parts'))",
        "parts = importlib.import_module('parts')",
        "if TYPE_CHECKING:\n    import other\nelse:\n    parts = lazy('parts')",
    ],
)
def test_an_import_is_followed_however_it_is_written(statement: str, tmp_path: Path) -> None:
    content = {"net.py": statement, "parts.py": "", "other.py": ""}
    assert {"parts.py"} == stands_on(tmp_path, content)


@pytest.mark.parametrize("condition", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_what_only_a_type_checker_reads_is_not_followed(condition: str, tmp_path: Path) -> None:
    assert set() == stands_on(tmp_path, {"net.py": f"if {condition}:\n    import parts\n", "parts.py": ""})


def test_what_is_imported_is_followed_in_its_turn_and_in_a_circle(tmp_path: Path) -> None:
    content = {"net.py": "import a", "a.py": "import b", "b.py": "import net, a", "c.py": ""}
    assert {"a.py", "b.py"} == stands_on(tmp_path, content)


@pytest.mark.parametrize(
    "statement", ["from . import block", "from .block import Block", "from ..own.block import *"]
)
def test_a_relative_import_is_followed(statement: str, tmp_path: Path) -> None:
    content = {"own/net.py": statement, "own/block.py": "", "own/__init__.py": "", "own/other.py": ""}
    assert {"own/__init__.py", "own/block.py"} == stands_on(tmp_path, content)


def test_the_packages_that_a_module_lies_in_take_part_with_what_they_run(tmp_path: Path) -> None:
    content = {
        "net.py": "import own.parts.block as block",
        "own/__init__.py": "from own.seeds import fixed\nfixed()",
        "own/seeds.py": "",
        "own/parts/__init__.py": "import own.patches",
        "own/parts/block.py": "",
        "own/patches.py": "",
    }
    assert set(content) - {"net.py"} == stands_on(tmp_path, content)


DOOR = {
    "own/__init__.py": "from own.net import Net\nfrom own.loss import loss as cost\ndef tell(): import own.told",
    "own/net.py": "",
    "own/loss.py": "",
    "own/told.py": "",
}
"""A package that hands on what is in its modules, and has a function of its own."""


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("from own import Net", {"own/net.py"}),
        ("from own import cost", {"own/loss.py"}),
        ("from own.net import Net", {"own/net.py"}),
        ("from own import net", {"own/net.py"}),
        ("from own import tell", {"own/told.py", "own/net.py", "own/loss.py"}),
        ("import own", {"own/told.py", "own/net.py", "own/loss.py"}),
        ("from own import *", {"own/told.py", "own/net.py", "own/loss.py"}),
    ],
)
def test_of_what_a_package_hands_on_only_what_is_asked_for_is_followed(
    statement: str, expected: set[str], tmp_path: Path
) -> None:
    assert {"own/__init__.py", *expected} == stands_on(tmp_path, {"user.py": statement, **DOOR})


def test_a_folder_without_init_is_a_package_too(tmp_path: Path) -> None:
    assert {"own/net.py"} <= stands_on(tmp_path, {"user.py": "from own import net", "own/net.py": ""})


def test_installed_packages_are_named_and_not_followed(tmp_path: Path) -> None:
    first = files(tmp_path, {"net.py": "import json\nimport torch.nn\nfrom rich import table\nimport not_there\n"})
    closure = Sources().closure(first)
    assert {first} == closure.files
    assert {"torch", "rich", "not_there"} == closure.packages


def test_what_is_installed_hides_what_lies_beside_a_catalogue(tmp_path: Path) -> None:
    assert set() == stands_on(tmp_path, {"net.py": "import rich", "rich.py": ""})


@pytest.mark.parametrize("content", [b"def (", b"\0", b"\xff\xfe"])
def test_a_file_that_is_not_python_imports_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_bytes(content)
    assert {tmp_path / "net.py"} == Sources().closure(tmp_path / "net.py").files


def test_a_file_that_has_been_read_is_not_read_again(tmp_path: Path) -> None:
    first, sources = files(tmp_path, {"net.py": "import parts", "parts.py": ""}), Sources()
    before = sources.digest(first)
    (tmp_path / "parts.py").write_text("WIDTH = 8")
    assert before == sources.digest(first)
    assert before != Sources().digest(first)


def test_the_digest_does_not_depend_on_where_files_lie(tmp_path: Path) -> None:
    here, there = (
        files(tmp_path / place, {"own/net.py": "import own.a", "own/__init__.py": "", "own/a.py": ""})
        for place in ("here", "there")
    )
    assert Sources().digest(here) == Sources().digest(there)


def test_two_files_that_change_places_change_the_digest(tmp_path: Path) -> None:
    first = files(tmp_path, {"net.py": "import a, b", "a.py": "X = 1", "b.py": "X = 2"})
    before = Sources().digest(first)
    files(tmp_path, {"a.py": "X = 2", "b.py": "X = 1"})
    assert before != Sources().digest(first)

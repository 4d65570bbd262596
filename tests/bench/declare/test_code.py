"""The digest that decides whether a kept figure may stand for a new one."""

from pathlib import Path

import pytest

from bench.declare import code
from bench.declare.code import code_digest


@pytest.fixture(autouse=True)
def _forgetful() -> None:
    """Files are read anew: each test changes them."""
    _forget()


@pytest.fixture
def declared(tmp_path: Path) -> str:
    """Place of an architecture in a package with hand-written models beside it."""
    for folder in ("architectures", "models"):
        (tmp_path / folder).mkdir()
    (tmp_path / "models" / "net.py").write_text("depth = 18\n")
    (tmp_path / "architectures" / "resnet.py").write_text("# resnet\n")
    return f"{tmp_path / 'architectures' / 'resnet.py'}:7"


def _forget() -> None:
    for known in (code_digest, code._with_imported, code._hash_file):
        known.cache_clear()


def anew(*places: str) -> str:
    _forget()
    return code_digest(*places)


def test_unchanged_code_has_an_unchanged_digest(declared: str) -> None:
    assert anew(declared) == anew(declared)


def test_a_changed_declaration_changes_the_digest(declared: str) -> None:
    before = anew(declared)
    Path(declared.rpartition(":")[0]).write_text("# resnet, mended\n")
    assert before != anew(declared)


def test_a_changed_model_beside_the_declarations_changes_the_digest(declared: str, tmp_path: Path) -> None:
    before = anew(declared)
    (tmp_path / "models" / "net.py").write_text("depth = 34\n")
    assert before != anew(declared)


def test_a_moved_line_alone_does_not_change_the_digest(declared: str) -> None:
    assert anew(declared) == anew(declared.replace(":7", ":9"))


def test_a_changed_version_changes_the_digest(declared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = anew(declared)
    monkeypatch.setattr(code, "versions", lambda: (("torch", "3.0"),))
    assert before != anew(declared)


def test_a_package_that_is_not_installed_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "PACKAGES", ("not-there-at-all",))
    code.versions.cache_clear()
    assert (("not-there-at-all", "absent"),) == code.versions()
    code.versions.cache_clear()


def test_the_engine_is_a_part_of_every_digest(declared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = anew(declared)
    monkeypatch.setattr(code, "_engine", lambda: "another engine")
    assert before != anew(declared)


def test_a_change_of_what_a_catalogue_imports_from_beside_it_makes_its_figures_stale(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("def net():\n    from parts import WIDTH\n    from torch import nn\n")
    (tmp_path / "parts.py").write_text("WIDTH = 8\n")
    before = anew(f"{tmp_path}/models.py:1")
    (tmp_path / "parts.py").write_text("WIDTH = 80\n")
    assert before != anew(f"{tmp_path}/models.py:1")


def test_other_files_beside_a_catalogue_make_nothing_stale(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("import math\n")
    before = anew(f"{tmp_path}/models.py:1")
    (tmp_path / "parts.py").write_text("WIDTH = 80\n")
    assert before == anew(f"{tmp_path}/models.py:1")

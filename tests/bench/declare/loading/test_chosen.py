"""Catalogues that the user has chosen: a store alone has none imported."""

import re
import sys
from pathlib import Path

import pytest

from bench.declare.loading.chosen import remember, require_chosen
from bench.errors import UsageError

RUN = "20260102-030405-aaaa"
NEVER = "is code that you have not chosen on this host: read it, and name it to have it loaded: --catalog "
CHANGED = "has changed since you chose it: read it, and name it to have it loaded: --catalog "


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def catalog(tmp_path: Path, state: Path) -> str:
    path = tmp_path / "mine.py"
    path.write_text("")
    return str(path)


@pytest.fixture
def package(tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package in a folder that Python imports from, such as the one that one works in."""
    (tmp_path / "strange_package").mkdir()
    for name in ("__init__", "evil"):
        (tmp_path / "strange_package" / f"{name}.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    return "strange_package.evil"


def refused(catalog: str, named: tuple[str, ...] = ()) -> str:
    with pytest.raises(UsageError) as error:
        require_chosen([catalog], named, RUN)
    return str(error.value)


def test_a_catalogue_that_was_never_chosen_is_refused_with_what_to_type(catalog: str) -> None:
    assert f"the catalogue of run {RUN} {NEVER}{catalog}" == refused(catalog)


def test_what_to_type_is_quoted_for_a_shell(tmp_path: Path, state: Path) -> None:
    path = tmp_path / "x;touch y.py"
    path.write_text("")
    assert refused(str(path)).endswith(f"--catalog '{path}'")


def test_a_catalogue_that_was_chosen_is_let_through(catalog: str) -> None:
    remember([catalog])
    require_chosen([catalog], (), RUN)


def test_one_that_is_named_now_is_let_through(catalog: str) -> None:
    require_chosen([catalog], [catalog], RUN)


def test_another_of_that_content_is_refused(catalog: str, tmp_path: Path) -> None:
    remember([catalog])
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.py").write_text("")
    assert NEVER in refused(str(tmp_path / "other" / "mine.py"))


def test_one_that_has_changed_is_refused(catalog: str) -> None:
    remember([catalog])
    Path(catalog).write_text("changed = True")
    assert CHANGED in refused(catalog)


def test_one_that_has_changed_can_be_chosen_again(catalog: str) -> None:
    remember([catalog])
    Path(catalog).write_text("changed = True")
    remember([catalog])
    require_chosen([catalog], (), RUN)


def test_a_module_is_refused_unimported(package: str) -> None:
    assert (True, False) == (NEVER in refused(package), "strange_package" in sys.modules)


def test_a_module_that_python_brings_is_refused() -> None:
    assert (True, False) == (NEVER in refused("__phello__.spam"), "__phello__" in sys.modules)


def test_a_package_is_known_by_all_its_files(package: str, tmp_path: Path) -> None:
    remember([package])
    require_chosen([package], (), RUN)
    (tmp_path / "strange_package" / "further.py").write_text("")
    assert CHANGED in refused(package)


@pytest.mark.parametrize("name", ["", ".", "..evil", "a b", "/tmp/evil", "__main__", "-x"])
def test_what_is_not_a_module_is_refused(state: Path, name: str) -> None:
    assert NEVER in refused(name)


def test_an_installed_catalogue_is_always_loaded_and_needs_no_choice(state: Path) -> None:
    require_chosen(["suites"], (), RUN)


def test_a_file_that_is_not_there_is_left_to_whoever_loads_it(state: Path, tmp_path: Path) -> None:
    require_chosen([str(tmp_path / "none.py")], (), RUN)


def test_choices_are_the_users_own(catalog: str, state: Path) -> None:
    remember([catalog])
    (note,) = (state / "evobench" / "catalogs").iterdir()
    assert [0o700, 0o600] == [path.stat().st_mode & 0o777 for path in (note.parent, note)]
    assert re.fullmatch(r"[0-9a-f]{64}", note.name)


def test_where_nothing_can_be_remembered_the_user_is_asked_again(
    catalog: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    remember([catalog])
    assert NEVER in refused(catalog)

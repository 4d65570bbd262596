"""The environment that is made for base: what is installed into it, and what it shares with this one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.errors import NotComparable, UsageError
from bench.gate.environment.dependencies import Asked
from bench.gate.environment.difference import RequestDifference
from bench.gate.environment.installed import installed_in
from bench.gate.environment.interpreter import WantedEnvironment, interpreter_for, named_interpreter, site_of
from tests.bench.gate.environment.packages import install, wheel


@pytest.fixture(autouse=True)
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all that pip knows of: packages `changing` and `locked_in` in two versions each."""
    folder = tmp_path / "wheels"
    for name in ("changing", "locked_in"):
        for version in ("1.0", "2.0"):
            wheel(folder, name, version)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


@pytest.fixture
def wanted(tmp_path: Path) -> WantedEnvironment:
    """Base asks for `changing` in version 1; here are version 2, `heavy`, which is on no index, and `of_head`."""
    site = tmp_path / "here/site-packages"
    install(site, "changing", "2.0")
    install(site, "heavy", "3.0+cpu", ["below"])
    install(site, "below", "1.0")
    install(site, "of_head", "1.0")
    asked = Asked(("changing==1.0", "heavy>=3"))
    return WantedEnvironment(asked, (), RequestDifference(frozenset({"changing"})), installed_in(site), tmp_path)


def versions(python: Path) -> dict[str, str]:
    return {name: item.version for name, item in installed_in(site_of(python.parents[1])).items()}


def test_what_base_asks_for_is_installed_and_what_is_the_same_is_shared(
    wanted: WantedEnvironment, tmp_path: Path
) -> None:
    python = interpreter_for(wanted, "main (abc)", tmp_path)
    assert {"changing": "1.0", "heavy": "3.0+cpu", "below": "1.0"} == versions(python)
    code = "import changing, heavy, below; print(changing.VERSION, heavy.VERSION)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert "1.0 3.0+cpu" == done.stdout.strip()


@pytest.mark.slow  # pip is started four times: 10 s on a busy machine
def test_an_environment_is_kept(
    wanted: WantedEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = interpreter_for(wanted, "main (abc)", tmp_path)
    monkeypatch.setattr("bench.gate.environment.interpreter._fill", lambda *_: pytest.fail("made anew"))
    assert made == interpreter_for(wanted, "main (abc)", tmp_path)


@pytest.mark.slow  # pip is started four times: 10 s on a busy machine
def test_an_environment_that_was_not_finished_is_made_anew(wanted: WantedEnvironment, tmp_path: Path) -> None:
    site = site_of(tmp_path / f"env-{wanted.digest}")
    install(site, "half", "1.0")
    (site.parents[2] / "bin").mkdir()
    (site.parents[2] / "bin/python").touch()
    assert "half" not in versions(interpreter_for(wanted, "main (abc)", tmp_path))


@pytest.mark.slow  # pip is started four times: 10 s on a busy machine
def test_a_package_that_head_holds_back_comes_in_the_version_that_base_would_get(
    wanted: WantedEnvironment, tmp_path: Path
) -> None:
    here = {name: item for name, item in wanted.here.items() if name != "changing"}
    old = tmp_path / "old/site-packages"
    install(old, "changing", "1.0")
    held = replace(wanted, asked=Asked(("changing",)), here={**here, **installed_in(old)})
    assert {"changing": "2.0"} == versions(interpreter_for(held, "main (abc)", tmp_path))


@pytest.mark.slow  # pip is started four times: 10 s on a busy machine
def test_a_locked_version_holds_for_what_others_ask_for(
    wanted: WantedEnvironment, tmp_path: Path, wheels: Path
) -> None:
    wheel(wheels, "outer", "1.0", ["locked_in"])
    locked = replace(wanted, asked=Asked(("outer",), locked=("locked_in==1.0",)))
    assert {"outer": "1.0", "locked-in": "1.0"} == versions(interpreter_for(locked, "main (abc)", tmp_path))


def test_what_cannot_be_installed_is_told_with_the_last_words_of_pip_and_a_way_out(
    wanted: WantedEnvironment, tmp_path: Path
) -> None:
    absent = replace(wanted, asked=Asked(("changing==7",)))
    with pytest.raises(NotComparable) as error:
        interpreter_for(absent, "main (abc)", tmp_path)
    assert "main (abc) does not install: pip was given its requirements and evobench's" in str(error.value)
    assert "No matching distribution found for changing==7" in str(error.value)
    assert "--base-env VENV" in str(error.value)


def different(wanted: WantedEnvironment, tmp_path: Path) -> Iterator[WantedEnvironment]:
    yield replace(wanted, asked=replace(wanted.asked, locked=("below==1.0",)))
    yield replace(wanted, beside=("heavy",))
    yield replace(wanted, apart=RequestDifference(whole=True))
    other = tmp_path / "other/site-packages"
    install(other, "heavy", "4.0")
    yield replace(wanted, here={**wanted.here, **installed_in(other)})


def test_another_request_evobench_or_package_of_here_is_another_environment(
    wanted: WantedEnvironment, tmp_path: Path
) -> None:
    digests = [wanted.digest, *(item.digest for item in different(wanted, tmp_path))]
    assert len(digests) == len(set(digests))


def test_a_file_of_the_tree_that_is_installed_counts_by_its_content(
    wanted: WantedEnvironment, tmp_path: Path
) -> None:
    file = replace(wanted, asked=Asked(("./own.whl",)))
    (tmp_path / "own.whl").write_text("one")
    before = file.digest
    (tmp_path / "own.whl").write_text("two")
    assert before != file.digest


def test_an_environment_is_named_by_its_folder(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").write_text("")
    assert tmp_path / "bin/python" == named_interpreter(tmp_path)


def test_a_folder_without_python_is_no_environment(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a virtual environment"):
        named_interpreter(tmp_path)

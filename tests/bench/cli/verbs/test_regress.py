"""`evobench regress`, used wrongly."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bench.cli.main import main


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository with one commit, in which one stands."""
    for command in (["init", "-q", "-b", "main"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
        subprocess.run(["git", "-C", str(tmp_path), *who, *command], check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "name what to compare with: --base REV, --base-env VENV or --against NAME"),
        (["--base", "nonsense"], "no commit 'nonsense' in"),
        (["--base", "main", "--base-env", "no-such-venv"], "'no-such-venv' is no virtual environment"),
        (["--base", "main", "--against", "good"], "--against takes what was measured earlier"),
        (["--base", "main", "--notice", "0"], "--notice takes 1 to 100 percent, not 0"),
        (["--base", "main", "--fail-on", "regresion"], "unknown verdict 'regresion'; did you mean 'regression'?"),
        (["--base", "main", "--write", "junitt=x.xml"], "unknown form 'junitt'; did you mean 'junit'?"),
        (["--base", "main", "--suite", "gates"], "unknown suite 'gates'; did you mean 'gate'?"),
        (["--against", "good", "--instructions", "perf"], "--instructions counts base and head now"),
        (["--base", "main", "--instructions", "cycles"], "invalid choice: 'cycles'"),
        (["--base", "main", "--budget", "never"], "'never' is no time"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(
    repository: Path, capfd: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert 2 == main(["regress", *options])
    error = capfd.readouterr().err
    assert said in error
    assert 1 == len(error.splitlines())


def test_instructions_that_cannot_be_counted_end_before_anything_is_measured(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert 2 == main(["regress", "--base", "main", "--instructions", "callgrind"])
    assert "needs valgrind: apt-get install valgrind" in capfd.readouterr().err


def test_wrong_use_leaves_no_store_behind(repository: Path) -> None:
    main(["regress", "--base", "nonsense"])
    assert not (repository / "runs/evobench.sqlite").exists()


def test_a_folder_outside_a_repository_has_no_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert 2 == main(["regress", "--base", "main"])
    assert "a base needs a git repository" in capfd.readouterr().err


def test_a_baseline_that_is_not_there_is_not_comparable(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from bench.store.database import Store

    Store.create(repository / "runs/evobench.sqlite").close()
    assert 4 == main(["regress", "--against", "good"])
    assert "no baseline 'good'" in capfd.readouterr().err


def test_a_baseline_decides_what_is_measured(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert 2 == main(["regress", "--against", "good", "--arch", "resnet18"])
    assert "--against measures what the baseline measured" in capfd.readouterr().err

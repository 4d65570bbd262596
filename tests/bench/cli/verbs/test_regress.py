"""`evobench regress`, used wrongly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.cli.main import main
from tests.bench.gate.repositories import commit, git

MODELS = '''
"""Two networks, and the suite that watches them."""
from evobench import Cell, Cost, Planned, architecture, suite

def declared(name, width):
    def build(num_classes):
        """Small."""
        from torch import nn
        return nn.Sequential(nn.AdaptiveAvgPool2d(width), nn.Flatten(), nn.Linear(3 * width * width, num_classes))
    build.__name__ = name
    architecture(family="Mine", year=2026, paper="none", resolution=64, min_resolution=8)(build)

declared("net_a", width=8)
declared("net_b", width=8)

@suite(title="Watched")
def watched(setting):
    """Counts of both."""
    for name in ("net_a", "net_b"):
        yield Planned(Cell(name, "parameters", Cost(mode="infer", resolution=64)), expected=1.0)
'''


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
        (["--exact-base", "--base-env", "venv"], "--exact-base belongs to --base REV: name the revision"),
        (["--base", "main", "--notice", "0"], "--notice takes 1 to 100 percent, not 0"),
        (["--base", "main", "--fail-on", "regresion"], "unknown verdict 'regresion'; did you mean 'regression'?"),
        (["--base", "main", "--write", "junitt=x.xml"], "unknown form 'junitt'; did you mean 'junit'?"),
        (["--base", "main", "--suite", "gates"], "unknown suite 'gates'; did you mean 'gate'?"),
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


def test_unrelated_histories_are_one_line_that_names_the_way_out(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    git(repository, "switch", "--quiet", "--orphan", "other")
    commit(repository, "unrelated")
    assert 2 == main(["regress", "--base", "main"])
    error = capfd.readouterr().err
    assert 1 == len(error.splitlines())
    assert "main and HEAD have no commit in common: --exact-base compares with main itself" in error


@pytest.mark.slow  # three servers import torch: 12 s
class TestAPullRequest:
    def test_of_words_alone_is_green_though_main_moved_on(self, tmp_path: Path) -> None:
        root = pull_request(tmp_path)
        (root / "notes.md").write_text("words")
        commit(root, "words")
        git(root, "switch", "--quiet", "main")
        (root / "models.py").write_text(MODELS.replace("width=8", "width=4"))
        commit(root, "main grew smaller")
        git(root, "switch", "--quiet", "pr")
        done = regress(root)
        found = git(root, "rev-parse", "--short=10", "main~1")
        assert (0, True) == (done.returncode, f"base is {found}, the merge base of main and HEAD" in done.stderr)

    def test_that_drops_a_watched_network_is_red(self, tmp_path: Path) -> None:
        root = pull_request(tmp_path)
        (root / "models.py").write_text(MODELS.replace('("net_a", "net_b")', '("net_a",)'))
        commit(root, "one network less")
        done = regress(root)
        dropped = "dropped     net_b parameters infer 64px b1"
        assert (1, dropped) == (done.returncode, done.stdout.splitlines()[1])


def pull_request(folder: Path) -> Path:
    """A repository with two watched networks, on a branch that has no commit of its own yet."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "models.py").write_text(MODELS)
    (folder / ".gitignore").write_text("runs/\n__pycache__/\n")
    commit(folder, "two networks")
    git(folder, "switch", "--quiet", "--create", "pr")
    return folder


def regress(folder: Path) -> subprocess.CompletedProcess[str]:
    """The gate, on what the repository watches."""
    what = ("--base", "main", "--catalog", "models.py", "--suite", "watched")
    command = [sys.executable, "-m", "evobench", "regress", *what]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

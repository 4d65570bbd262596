"""`evobench regress`, used wrongly."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cli.main import main
from bench.errors import NotComparable
from bench.store.database import Store
from tests.bench.compare.jobs.gates import gate
from tests.bench.gate.repositories import commit, git
from tests.reports.conftest import Plan, write_run
from tests.reports.lineages import LINEAGES


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
        (["--base", "main", "--base-env", "no-such-venv"], "'no-such-venv' is not a virtual environment"),
        (["--base", "main", "--against", "good"], "--against takes what was measured earlier"),
        (["--exact-base", "--base-env", "venv"], "--exact-base belongs to --base REV: name the revision"),
        (["--against", "good", "--timings"], "--timings tells of two sides that are measured in turn"),
        (["--base", "main", "--notice", "0"], "--notice takes 1 to 100 percent, not 0"),
        (["--base", "main", "--fail-on", "regresion"], "unknown verdict 'regresion'; did you mean 'regression'?"),
        (["--base", "main", "--write", "junitt=x.xml"], "unknown form 'junitt'; did you mean 'junit'?"),
        (["--base", "main", "--suite", "gates"], "unknown suite 'gates'; did you mean 'gate'?"),
        (["--against", "good", "--instructions", "perf"], "--instructions counts base and head now"),
        (["--base", "main", "--instructions", "cycles"], "invalid choice: 'cycles'"),
        (["--base", "main", "--budget", "never"], "'never' is not a time"),
        (["--base", "main", "--key", "py 3.12"], "'py 3.12' is not a key"),
        (["--base", "main", "--key", "a-->"], "'a-->' is not a key"),
        (["--together", "a,b", "--base", "main"], "--together measures nothing"),
        (["--together", "a,b", "--arch", "resnet18"], "--together measures nothing"),
        (["--together", "a,b", "--fail-on", "regression"], "give --fail-on there"),
        (["--together", "a,b"], "no store at 'runs/evobench.sqlite'"),
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


def test_a_file_of_accepted_changes_that_says_nothing_is_refused_before_anything_is_measured(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (repository / "evobench-accepted.toml").write_text("[[accepted]]\ncell = 'x'\nto = 2\n")
    assert 2 == main(["regress", "--base", "main", "--suite", "gate"])
    assert "evobench: evobench-accepted.toml: entry 1: has no reason\n" == capfd.readouterr().err


def test_several_jobs_are_told_in_one_table_with_one_exit_code(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    gate(repository / "all.sqlite", "py3.11")
    gate(repository / "all.sqlite", "py3.12", verdict="regression", head=862.0)
    comment = repository / "comment.md"
    options = ["--together", "py3.11,py3.12", "--store", "all.sqlite", "--write", f"comment={comment}"]
    assert 1 == main(["regress", *options])
    assert "regression  py3.12: lenet5 parameters" in capfd.readouterr().out
    text = comment.read_text()
    assert text.startswith("<!-- evobench comparison -->\n## evobench: 1 of 2 cells fail\n")
    assert "\n| job | cell | base |" in text


def test_a_job_that_is_missing_is_told_and_is_not_green(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    gate(repository / "all.sqlite", "py3.11")
    options = ["--together", "py3.11,py3.12", "--store", "all.sqlite", "--write", "summary=-"]
    assert 3 == main(["regress", *options])
    told = capfd.readouterr()
    assert "## evobench: none of 1 cells fails, incomplete" in told.out
    assert "py3.12: nothing was kept of this job" in told.err


def test_a_job_whose_base_does_not_compare_keeps_why(
    repository: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise NotComparable("main does not install")

    monkeypatch.setattr("bench.cli.verbs.regress._in_turn", refuse)
    assert 4 == main(["regress", "--base", "main", "--key", "py3.12"])
    assert 4 == main(["regress", "--together", "py3.12"])
    assert "main does not install" in capfd.readouterr().err


def test_against_a_baseline_what_was_accepted_since_its_commit_does_not_fail(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    plan = Plan(id="good", lineages=LINEAGES[:4], learners=("lecture_cnn",), augmented=False)
    for item in (plan, replace(plan, id="worse", accuracy=-0.2)):
        write_run(repository / "s.sqlite", item)
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    with Store.create(repository / "s.sqlite") as store, store.connection.transaction() as db:
        db.execute(
            "UPDATE run SET settings = '{\"suites\": [\"gate\"]}', host = json_set(host, '$.git', ?)",
            (f"{commit[:12]}+",),
        )
    monkeypatch.setattr("bench.cli.verbs.regress.measure", lambda *_: ("worse", "complete"))
    options = ["regress", "--against", "good", "--store", "s.sqlite", "--write", "summary=-"]
    assert 1 == main(options)
    entry = "[[accepted]]\narchitecture = '*'\nmeasure = 'top1'\nto = 0.0\nreason = 'another recipe'\n"
    (repository / "evobench-accepted.toml").write_text(entry)
    main(options)
    assert "regression (accepted) | accepted: another recipe" in capfd.readouterr().out

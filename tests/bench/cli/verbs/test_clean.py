"""`evobench clean`: what no run needs goes, and nothing else."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.cli.main import main
from bench.cli.verbs import doctor
from bench.declare.artifact import Artifact, Shelf
from bench.run.shelf.locks import measuring
from bench.store.database import ArtifactRow, RunRow, Store

KEPT, IDLE = Artifact("features", (("size", 8),)), Artifact("heads", (("size", 9),))
OLD = Artifact("checkpoint", (("size", 7),))
STATE = ".unfinished-0123456789abcdef"


def begin(path: Path, *artifacts: Artifact, run: str = "20260102-030405-aaaa", state: str = "complete") -> None:
    """Write a run that names artifacts."""
    with Store.create(path) as store:
        started = f"{run[:4]}-{run[4:6]}-{run[6:8]}T03:04:05.000+00:00"
        store.begin_run(RunRow(run, started, "default", "evobench run", {}, "x", {}), [], [])
        for artifact in artifacts:
            store.add_artifact(run, ArtifactRow(artifact.key, str(artifact), "made", "", 1.0, {}))
        store.end_run(run, state, started)


def put(store: Path, artifact: Artifact, size: int = 100_000) -> None:
    with Shelf(store.parent / "artifacts").writing(artifact) as path:
        path.write_bytes(bytes(size))


def left(store: Path) -> set[str]:
    """What lies on the shelf, without seals."""
    return {path.name for path in (store.parent / "artifacts").iterdir() if path.suffix != ".json"}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with a run that has ended, one artifact that it names and one that it does not."""
    path = tmp_path / "runs" / "evobench.sqlite"
    begin(path, KEPT)
    put(path, KEPT)
    put(path, IDLE)
    return path


def clean(store: Path, *options: str) -> int:
    return main(["clean", "--store", str(store), *options])


def test_a_folder_that_is_a_link_is_left_alone_since_others_may_share_it(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (store.parent / "artifacts").rename(tmp_path / "shared")
    (store.parent / "artifacts").symlink_to(tmp_path / "shared")
    assert (2, {KEPT.key, IDLE.key}) == (clean(store), left(store))
    assert "is a link: stores elsewhere may need what lies there" in capsys.readouterr().err


def test_what_no_run_names_is_removed(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (0, {KEPT.key}) == (clean(store), left(store))
    printed = capsys.readouterr()
    assert ["heads", "no", "run", "names", "it", "1", "100", "kB"] == printed.out.splitlines()[1].split()
    assert "100 kB are freed; 100 kB stay\n" == printed.err


def test_a_dry_run_shows_it_and_removes_nothing(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (0, {KEPT.key, IDLE.key}) == (clean(store, "--dry-run"), left(store))
    printed = capsys.readouterr()
    assert ("heads" in printed.out, "100 kB would be freed; 100 kB stay\n") == (True, printed.err)


def test_what_is_freed_is_told_to_programs_in_bytes(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    size = sum(path.stat().st_size for path in (store.parent / "artifacts").glob(f"{IDLE.key}*"))
    clean(store, "--format", "json")
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert [{"what": "heads", "why": "no run names it", "number": 1, "bytes": size}] == rows


def test_where_all_is_needed_that_is_said(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clean(store)
    capsys.readouterr()
    assert 0 == clean(store)
    assert ("", "nothing to remove; 100 kB stay\n") == tuple(capsys.readouterr())


def test_files_that_evobench_did_not_write_stay(store: Path) -> None:
    mine = store.parent / "artifacts" / "notes.txt"
    mine.write_text("mine")
    (store.parent / "20200102-030405-aaaa").mkdir()
    clean(store)
    assert (True, True) == (mine.exists(), (store.parent / "20200102-030405-aaaa").exists())


def test_what_a_run_of_another_store_in_the_folder_needs_stays(store: Path) -> None:
    begin(store.with_name("other.sqlite"), IDLE)
    assert (0, {KEPT.key, IDLE.key}) == (clean(store), left(store))


def test_a_store_beside_it_that_cannot_be_read_is_one_line(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = store.with_name("other.sqlite")
    shutil.copy(store, other)
    with closing(sqlite3.connect(other)) as db:
        db.execute("PRAGMA user_version = 99")
    assert (2, {KEPT.key, IDLE.key}) == (clean(store), left(store))
    assert f"evobench: store '{other}' was written by a newer evobench" in capsys.readouterr().err


def test_while_a_run_is_measured_nothing_is_removed(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with measuring(store.parent, "20260102-030405-bbbb"):
        assert (2, {KEPT.key, IDLE.key}) == (clean(store), left(store))
    assert (
        "evobench: run 20260102-030405-bbbb is being measured: clean when it has ended\n"
        == capsys.readouterr().err
    )


def test_without_a_store_nothing_is_removed(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = store.with_name("gone.sqlite")
    assert (2, {KEPT.key, IDLE.key}) == (clean(gone), left(store))
    assert f"evobench: there is no store '{gone}'" in capsys.readouterr().err
    assert not (store.parent / ".artifacts.lock").exists()


@pytest.mark.parametrize(("state", "stays"), [("interrupted", True), ("budget", True), ("complete", False)])
def test_the_state_of_a_training_stays_while_a_run_can_be_gone_on_with(
    store: Path, state: str, stays: bool
) -> None:
    begin(store, run="20260103-030405-bbbb", state=state)
    (store.parent / "artifacts" / STATE).touch()
    clean(store)
    assert stays == (STATE in left(store))


class TestALimit:
    def test_removes_what_was_used_least_recently_too(self, store: Path) -> None:
        put(store, OLD, 700_000)
        put(store, KEPT, 700_000)
        begin(store, OLD, run="20250102-030405-aaaa")
        assert (0, {KEPT.key}) == (clean(store, "--artifacts-limit", "1MB"), left(store))

    def test_can_be_said_by_the_environment(self, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        put(store, KEPT, 1_100_000)
        monkeypatch.setenv("EVOBENCH_ARTIFACTS_LIMIT", "1MB")
        assert (0, set()) == (clean(store), left(store))

    def test_that_is_none_is_one_line_that_names_where_it_may_be_from(
        self, store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("EVOBENCH_ARTIFACTS_LIMIT", "much")
        assert 2 == clean(store)
        words = "evobench: --artifacts-limit, or $EVOBENCH_ARTIFACTS_LIMIT: 'much' is not a size"
        assert capsys.readouterr().err.startswith(words)

    def test_that_unfinished_trainings_pass_is_told(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        begin(store, run="20260103-030405-bbbb", state="interrupted")
        (store.parent / "artifacts" / STATE).write_bytes(bytes(1_100_000))
        assert (0, {STATE}) == (clean(store, "--artifacts-limit", "1MB"), left(store))
        assert "more than 1.0 MB: what unfinished trainings go on from is not removed" in capsys.readouterr().err


def test_doctor_tells_how_large_the_artifacts_are(store: Path) -> None:
    (found,) = (finding for finding in doctor._place(store) if finding.what == "artifacts")
    where = store.parent / "artifacts"
    told = f"2 of 200 kB in {where}; no run needs 1 of 100 kB: evobench clean removes them"
    assert ("ok", told) == (found.verdict, found.found)

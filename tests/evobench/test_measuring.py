"""Measuring from a script or a notebook, in the words of the options of `evobench run`."""

import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import evobench
from bench.execute.local.executor import LocalExecutor
from bench.store.database import Store
from tests.bench.lending import lending, shared_executor
from tests.processes import PATIENCE, start

CATALOG = str(Path(__file__).parents[1] / "catalogs" / "tiny.py")
TRIAL: dict[str, Any] = {"suite": "trial", "arch": ["tiny"], "measure": "nap", "catalog": CATALOG, "threads": 1}


@pytest.fixture(scope="module")
def lent() -> Iterator[LocalExecutor]:
    with shared_executor([CATALOG]) as executor, lending(executor):
        yield executor


@pytest.fixture(scope="module")
def measured(lent: LocalExecutor, tmp_path_factory: pytest.TempPathFactory) -> evobench.Run:
    return evobench.run(**TRIAL, store=tmp_path_factory.mktemp("measured") / "runs.sqlite")


def test_a_run_is_measured_kept_and_loaded(measured: evobench.Run) -> None:
    assert ("complete", {"nap"}) == (measured.state, set(measured.records["measure"]))
    assert measured.id == evobench.load("latest", measured.store).id


def test_a_run_keeps_the_command_that_measures_the_same(measured: evobench.Run) -> None:
    (command,) = evobench.runs(measured.store)["command"]
    assert f"evobench run --suite=trial --arch=tiny --measure=nap --catalog={CATALOG} --threads=1" in command


@pytest.mark.usefixtures("lent")
def test_cells_that_fail_do_not_raise_and_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = TRIAL | {"suite": "faults", "arch": "raising", "measure": None}
    run = evobench.run(**words, store=str(tmp_path / "runs.sqlite"))
    assert (0, True) == (run.records["value"].count(), len(run.tables["failures"]) > 0)
    assert "no cell gave a figure: " in capsys.readouterr().err


@pytest.mark.usefixtures("lent")
def test_words_win_over_those_of_a_study_file(tmp_path: Path) -> None:
    study = tmp_path / "mine.toml"
    study.write_text(f"suite = 'trial'\ncatalog = '{CATALOG}'\nmeasure = 'nap'\narch = 'tiny'\nthreads = 1\n")
    run = evobench.run(study, arch="tiny_too", store=tmp_path / "runs.sqlite")
    assert {"tiny_too"} == set(run.records["architecture"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"archs": "lenet5"}, "unknown word 'archs'; did you mean 'arch'?"),
        ({"arch": "lenet"}, "unknown architecture 'lenet'; did you mean 'lenet5'?"),
        ({"arch": []}, "'arch' takes a text, a number, or a list of these, not []"),
        ({"arch": "lenet5\nx"}, "unknown architecture 'lenet5\\nx'"),
        ({"arch": b"lenet5"}, "'arch' takes a text, a number, or a list of these, not \"b'lenet5'\""),
        ({"fresh": "yes"}, "'fresh' is true or false, not \"yes\""),
        ({"budget": "soon"}, "soon"),
        ({"format": "json"}, "returns the run and prints no table: --format is for the command alone"),
        ({"no_report": True}, "--no-report is for the command alone"),
        ({"help": True}, "unknown word 'help'"),
        (
            {"dry_run": True},
            "evobench.run measures: the command evobench run --dry-run shows what would be measured",
        ),
    ],
    ids=str,
)
def test_wrong_words_are_one_line_and_leave_no_trace(words: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(evobench.UsageError) as caught:
        evobench.run(**words, store=tmp_path / "runs.sqlite")
    assert (True, 1, []) == (
        said in str(caught.value),
        len(str(caught.value).splitlines()),
        list(tmp_path.iterdir()),
    )


@pytest.mark.parametrize("study", ["-h", "--help"])
def test_a_study_is_a_file_whatever_its_name(study: str) -> None:
    with pytest.raises(evobench.UsageError, match=f"there is no study './{study}'"):
        evobench.run(study)


def test_a_script_needs_no_guard_and_one_that_is_interrupted_is_told_how_to_go_on(tmp_path: Path) -> None:
    store, script = tmp_path / "runs.sqlite", tmp_path / "mine.py"
    words = TRIAL | {"suite": "endless", "measure": "latency", "arch": ["tiny", "hanging"], "store": str(store)}
    script.write_text(f"import evobench\nevobench.run(**{words!r})\n")
    process = start([sys.executable, str(script)], True)
    while _records(store) < 1 and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert f"1 of 2 measurements are kept: go on with evobench.run(resume=True, store='{store}')" in said
    assert "KeyboardInterrupt" in said
    with Store.open(store) as kept:
        assert "interrupted" == kept.run("latest").state


def _records(store: Path) -> int:
    """Records so far, read while another process writes; none where there is no store yet."""
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT count(*) FROM record").fetchone()[0])
    except sqlite3.OperationalError:
        return 0

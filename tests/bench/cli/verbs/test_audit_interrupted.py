"""An audit that is cut off by Ctrl-C keeps its verdicts, and is no run to go on with."""

import signal
import sys
from pathlib import Path

import psutil
import pytest

from bench.cli.main import main
from bench.run.runs import Wish, find_unfinished
from bench.store.database import RunRow, Store
from bench.store.rows import AUDIT
from tests.processes import PATIENCE, start

CHECKS = str(Path(__file__).parents[3] / "catalogs" / "checks.py")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")
Stopped = tuple[Path, int, str]
FOREVER = """
slide = [{ title = "Done" }, { title = "Stuck" }]

[[claim]]
id = "done"
slide = "Done"
words = "One"
printed = 1
check = "sums"
with = { numbers = [1] }

[[claim]]
id = "stuck"
slide = "Stuck"
words = "Never"
printed = 0
check = "never_ends"
"""


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    """A store with an audit that was stopped by Ctrl-C at its second slide, its exit code, and what it said."""
    folder = tmp_path_factory.mktemp("stopped")
    (folder / "claims.toml").write_text(FOREVER)
    process = start(
        [
            sys.executable,
            "-m",
            "evobench",
            "audit",
            "--store",
            str(folder / "runs.sqlite"),
            "--catalog",
            CHECKS,
            "--claims",
            str(folder / "claims.toml"),
        ]
    )
    assert process.stderr is not None
    assert "1/2 claims: Done\n" == process.stderr.readline()
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert [] == psutil.wait_procs(family, timeout=PATIENCE)[1]
    return folder / "runs.sqlite", process.returncode, said


def test_an_interrupted_audit_ends_with_130_and_says_what_is_kept(stopped: Stopped) -> None:
    store, code, said = stopped
    with Store.open(store) as kept:
        name = kept.run("latest").id
    expected = f"1 of 2 verdicts are kept: evobench report {name}\nevobench: interrupted\n"
    assert (130, True) == (code, said.endswith(expected)), said


def test_an_interrupted_audit_keeps_the_verdicts_that_were_made(stopped: Stopped) -> None:
    with Store.open(stopped[0]) as kept:
        run = kept.run("latest")
        assert ("interrupted", ["done"]) == (run.state, list(kept.verdicts(run.id)))


def test_an_interrupted_audit_is_no_run_to_go_on_with(stopped: Stopped) -> None:
    with Store.open(stopped[0]) as kept:
        assert find_unfinished(kept, "", Wish()) is None


def test_an_interrupted_audit_is_not_resumed_by_its_name_either(
    stopped: Stopped, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(stopped[0]) as kept:
        name = kept.run("latest").id
    assert 2 == main(["run", "--resume", name, "--store", str(stopped[0])])
    assert f"evobench: run {name} is an audit: begin a new one (evobench audit)\n" == capsys.readouterr().err


def test_an_interrupted_audit_does_not_hide_an_older_run_that_was_cut_off(tmp_path: Path) -> None:
    with Store.create(tmp_path / "runs.sqlite") as store:
        for name, profile in (("2026-a", "smoke"), ("2027-b", AUDIT)):
            store.begin_run(RunRow(name, f"{name[:4]}-01-01", profile, "", {}, "host", {}), [], [])
            store.end_run(name, "interrupted", f"{name[:4]}-01-02")
        found = find_unfinished(store, "", Wish())
    assert found is not None
    assert "2026-a" == found.id

"""The verb `run` from the outside: exit codes, one clear line for a fault, nothing lost when it is cut off."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from bench.cli.main import main
from bench.execute.local.executor import LocalExecutor
from bench.store.database import Store
from tests.bench.lending import lending, shared_executor
from tests.processes import PATIENCE, start

CATALOG = str(Path(__file__).parents[3] / "catalogs" / "tiny.py")
linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends orphans on Linux only")


def command(store: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "evobench", "run", "--store", str(store), *options]


def trial(store: Path, *options: str, suite: str = "trial") -> list[str]:
    return command(store, "--catalog", CATALOG, "--suite", suite, "--threads", "1", "--no-report", *options)


def words_of(command: Sequence[str]) -> list[str]:
    """What stands behind the name of the program, for a run in this process."""
    return list(command[3:])


def records(store: Path) -> int:
    """Records so far, read while another process writes; none where there is no store yet."""
    if not store.exists():
        return 0
    db = sqlite3.connect(store)
    try:
        return int(db.execute("SELECT count(*) FROM record").fetchone()[0])
    except sqlite3.OperationalError:  # its schema is not there yet
        return 0
    finally:
        db.close()


def start_and_wait(
    store: Path, at_least: int, suite: str = "trial", heeds_ctrl_c: bool = True
) -> subprocess.Popen[str]:
    driver = start(trial(store, suite=suite), heeds_ctrl_c)
    while records(store) < at_least and driver.poll() is None:
        time.sleep(0.02)
    return driver


def statuses(store: Path) -> list[tuple[str, int, str]]:
    with Store.open(store) as kept:
        run = kept.run("latest")
        return [(row.cell_key, row.replicate, row.status) for row in kept.records(run.id)]


@pytest.fixture(scope="module")
def lent() -> Iterator[LocalExecutor]:
    with shared_executor([CATALOG]) as executor:
        yield executor


@pytest.fixture
def here(lent: LocalExecutor) -> Iterator[None]:
    with lending(lent):
        yield


@pytest.fixture(scope="module")
def undisturbed(lent: LocalExecutor, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, int, str]]:
    store = tmp_path_factory.mktemp("whole") / "runs.sqlite"
    with lending(lent):
        assert 0 == main(words_of(trial(store)))
    return statuses(store)


@linux
@pytest.mark.parametrize("at", [0, 20])
def test_a_killed_run_leaves_no_process_and_is_resumed_to_the_same_cells(
    tmp_path: Path, undisturbed: list[tuple[str, int, str]], at: int
) -> None:
    store = tmp_path / "runs.sqlite"
    driver = start_and_wait(store, at)
    family = psutil.Process(driver.pid).children(recursive=True)
    driver.kill()
    driver.communicate()
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    resumed = subprocess.run(trial(store, "--resume"), capture_output=True, text=True)
    assert ([], 0, undisturbed) == (alive, resumed.returncode, statuses(store)), resumed.stderr


@linux
def test_ctrl_c_ends_with_130_and_keeps_what_is_measured(tmp_path: Path) -> None:
    store = tmp_path / "runs.sqlite"
    driver = start_and_wait(store, 5)
    driver.send_signal(signal.SIGINT)
    _, said = driver.communicate(timeout=PATIENCE)
    with Store.open(store) as kept:
        state = kept.run("latest").state
    assert (130, "interrupted", True) == (driver.returncode, state, "--resume" in said)
    assert records(store) >= 5


@linux
def test_a_run_that_a_script_started_in_the_background_ignores_ctrl_c(
    tmp_path: Path, undisturbed: list[tuple[str, int, str]]
) -> None:
    store = tmp_path / "runs.sqlite"
    driver = start_and_wait(store, 5, heeds_ctrl_c=False)
    driver.send_signal(signal.SIGINT)
    _, said = driver.communicate(timeout=PATIENCE)
    assert (0, undisturbed) == (driver.returncode, statuses(store)), said


@linux
def test_an_interrupted_run_goes_on_without_measuring_anything_twice(
    tmp_path: Path, undisturbed: list[tuple[str, int, str]]
) -> None:
    store = tmp_path / "runs.sqlite"
    driver = start_and_wait(store, 5)
    driver.send_signal(signal.SIGTERM)
    driver.communicate(timeout=PATIENCE)
    before = {row[:2] for row in statuses(store)}
    subprocess.run(command(store, "--resume", "--no-report"), check=True, capture_output=True)
    assert (undisturbed, 1) == (statuses(store), len({run.id for run in Store.open(store).runs()}))
    assert before <= {row[:2] for row in undisturbed}


@linux
@pytest.mark.usefixtures("here")
def test_failures_are_records_and_the_run_goes_on_to_exit_3(tmp_path: Path) -> None:
    store = tmp_path / "runs.sqlite"
    code = main(words_of(trial(store, suite="faults")))
    expected = ["failed", "failed", "oom", "oom", "failed", "ok", "ok"]
    assert (3, expected) == (code, [row[2] for row in statuses(store)])


@linux
@pytest.mark.usefixtures("here")
def test_a_budget_that_ends_first_leaves_an_incomplete_run_and_exit_3(tmp_path: Path) -> None:
    store = tmp_path / "runs.sqlite"
    code = main(words_of(trial(store, "--budget", "0.5s")))
    with Store.open(store) as kept:
        state = kept.run("latest").state
    assert (3, "budget", True) == (code, state, records(store) < 36)


@linux
def test_a_run_cannot_be_measured_by_two_processes_at_once(tmp_path: Path) -> None:
    store = tmp_path / "runs.sqlite"
    driver = start_and_wait(store, 1, suite="endless")
    second = subprocess.run(command(store, "--resume"), capture_output=True, text=True)
    driver.kill()
    driver.communicate()
    assert (2, True) == (second.returncode, "is being measured by another process" in second.stderr)


def refused(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The one line that a wrong use is answered with; fails where it is not one line and exit 2."""
    code = main(["run", *options])
    said = capsys.readouterr().err
    assert (2, 1) == (code, said.count("\n")), said
    return said


WRONG = {
    "--suite evolutoin": "unknown suite 'evolutoin'; did you mean 'evolution'?",
    "--arch resnet81": "unknown architecture 'resnet81'; did you mean 'resnet18'?",
    "--family ResNets": "unknown family 'ResNets'; did you mean 'ResNet'?",
    "--measure latenzy": "unknown measure 'latenzy'; did you mean 'latency'?",
    "--device gpu": "unknown device 'gpu'",
    "--profile smok": "did you mean 'smoke'?",
    "--budget soon": "'soon' is not a time",
    "--budget 0s": "a time must be above zero",
    "--threads 0": "1 or more",
    "--batch 0": "'0' is not a number of images (or 'best'): 1 or more",
    "--batch 8,": "'' is not a number of images",
    "--precision fp33": "unknown precision 'fp33'; did you mean 'fp32'?",
    "--precision fp32,tf32": "device 'cpu' has no tf32: it is a format of NVIDIA's GPUs",
    "--suite transfer --batch 8": "nothing that is planned depends on the batch",
    "--suite evolution --measure latency --batch best": "the best batch is a question for throughput",
    "--mode features+softmx": "unknown transfer mode 'features+softmx'; did you mean 'features+softmax'?",
    "--weights imagenett": "unknown weights 'imagenett'; did you mean 'imagenet'?",
    "--weights pretrain:mnist5": "unknown data set 'mnist5'; did you mean 'mnist5k'?",
    "--weights file:": "lack their path: write file:PATH",
    "--weights file:nowhere.pt": "there is no file '",
    "--augment lectur": "unknown augmentation 'lectur'; did you mean 'lecture'?",
    "--target uci-digit": "unknown data set 'uci-digit'; did you mean 'uci-digits'?",
    "--target folder:nowhere": "nowhere'",
    "--recipe lectures": "unknown recipe 'lectures'; did you mean 'lecture'?",
    "--pipeline pill": "unknown pipeline 'pill'; did you mean 'pil'?",
    "--folds 1": "'1' is not a number of folds: 2 to",
    "--shots some": "'some' is not a number of training images (or 'all')",
    "--lr fast": "'fast' is not a learning rate",
    "--arch lenet5 --pipeline pil": "nothing that is planned depends on the pipeline",
    "--arch lenet5 --mode features+svm --steps 9": "nothing that is planned depends on the steps",
    "--arch lenet5 --mode scratch --refit": "nothing that is planned depends on the refit",
    "--arch lenet5 --mode features+softmax --augment digits --refit": "a refit is of heads on fixed features",
    "--arch lenet5 --mode features+softmax --patience 3 --refit": "a refit is of heads on fixed features",
    "--suite digits --shots 10,50": "nothing that is planned depends on the shots (fixed by digits)",
    "--suite digits,lecture --profile smoke --augment lecture": "on the augmentation (fixed by digits, lecture)",
    "--suite evolution --mode scratch": "nothing that is planned depends on the mode",
    "--mode scratch,": "unknown transfer mode ''",
    "--arch resnet18,lenet6": "unknown architecture 'lenet6'; did you mean 'lenet5'?",
    "--memory-format nhwc": "unknown memory format 'nhwc'",
    "--compile maybe": "unknown way to run 'maybe'",
    "--compile graphs": "device 'cpu' has no graphs",
    "--autotune maybe": "unknown autotune 'maybe'",
    "--autotune": "device 'cpu' has no autotuning",
    "--suite evolution --arch alexnet --resolution 8": "8 px is under the minimum: alexnet takes 63 px",
    "--memory-limit lots": "'lots' is not a size",
    "--catalog nowhere.py": "is not a file",
    "--catalog no_such_package": "is not installed",
    "--wrong": "unknown option '--wrong' (see evobench run --help)",
    "--arhc lenet5": "unknown option '--arhc'; did you mean '--arch'?",
    "--sedes=3": "unknown option '--sedes'; did you mean '--seeds'?",
    "--suite evolution --arch alexnet --family ResNet": "nothing to measure",
}


@pytest.mark.parametrize("options", WRONG)
def test_wrong_use_gets_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: str
) -> None:
    store = str(tmp_path / "runs.sqlite")
    assert WRONG[options] in refused(capsys, "--store", store, *options.split())


@pytest.mark.parametrize("options", ["--suite evolutoin", "--timings-on attic --arch lenet5 --suite evolution"])
def test_wrong_use_makes_no_store(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: str) -> None:
    refused(capsys, "--store", str(tmp_path / "new" / "runs.sqlite"), *options.split())
    assert [] == list(tmp_path.iterdir())


def test_a_file_that_is_no_store_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "thesis.txt"
    store.write_text("do not overwrite me " * 50)
    refused(capsys, "--store", str(store))
    assert "do not overwrite me " * 50 == store.read_text()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot" in refused(capsys, "--store", str(tmp_path / "file" / "runs.sqlite"))


def test_a_full_disk_is_said_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 3 << 20})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert "only 3.1 MB are free" in refused(capsys, "--store", str(tmp_path / "runs.sqlite"))


def test_resuming_with_other_options_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "runs.sqlite"
    driver = start_and_wait(store, 1)
    driver.kill()
    driver.communicate()
    other = subprocess.run(command(store, "--resume", "--suite", "faults"), capture_output=True, text=True)
    assert (2, True) == (other.returncode, "begun with other options" in other.stderr)


@linux
@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("device", ["cuda:7", "mps"])
def test_a_device_that_is_not_there_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], device: str
) -> None:
    store = tmp_path / "runs.sqlite"
    line = refused(capsys, *words_of(trial(store, "--device", device))[1:])
    assert (True, False) == (f"no device '{device}' here" in line, store.exists())

"""Options on data: where they lie, what is downloaded, what becomes of bad images; and how a run tells of them."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bench.cell import Cell, Learning
from bench.cli.main import main
from bench.cli.options.data import settle_data
from bench.data.place import DataPlace, data_place, default_folder, settle
from bench.data.reading import Reading
from bench.declare.catalog import DATASETS, SUITES, dataset, load_catalogs, measure
from bench.declare.declarations import Images
from bench.execute.jobs import Fetch, Given, Make
from bench.execute.outcome import Outcome
from bench.execute.work.worker import perform
from bench.learning.artifacts import dataset_of
from bench.run.driver import Pace, drive
from bench.run.preparing import download
from tests.bench.driving import SHARED, Recorder, declarations, desk, named, step
from tests.bench.picturing import photos

SUITE = """
from evobench import Cell, Learning, Planned, suite


@suite(title="Own images")
def {name}(setting):
    "Own images."
    scenario = Learning(
        weights="random", target={target!r}, mode="scratch", augmentation="none",
        resolution=32, shots=1, steps=1, batch=2, lr=1e-3,
    )
    yield Planned(Cell("lenet5", "top1", scenario), 1.0)
"""


@pytest.fixture(autouse=True)
def unsettled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("EVOBENCH_DATA", raising=False)
    load_catalogs()
    for name in ("_items", "_places"):  # the suites of these tests must not stay
        monkeypatch.setattr(SUITES, name, dict(getattr(SUITES, name)))
    yield
    settle(None)
    DATASETS.forget()


def planned(tmp_path: Path, target: str, *options: str) -> int:
    """The exit code of planning a cell on the target."""
    name = f"own_{abs(hash((str(tmp_path), target)))}"
    (tmp_path / f"{name}.py").write_text(SUITE.format(name=name, target=target))
    store = ["--store", str(tmp_path / "runs" / "e.sqlite")]
    return main(["run", "--catalog", str(tmp_path / f"{name}.py"), "--suite", name, "--dry-run", *store, *options])


def test_data_lie_beside_the_store(tmp_path: Path) -> None:
    assert tmp_path / "data" == default_folder(tmp_path / "runs.sqlite")


def test_the_environment_says_where_data_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVOBENCH_DATA", str(tmp_path / "mine"))
    assert tmp_path / "mine" == default_folder(tmp_path / "runs.sqlite")


def test_what_a_run_was_given_outranks_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVOBENCH_DATA", str(tmp_path / "mine"))
    given = {"data": str(tmp_path / "given"), "on_bad_image": "fail", "reading": {"types": [".jpg"]}}
    settle_data(tmp_path / "runs.sqlite", given)
    assert DataPlace(tmp_path / "given", "fail", Reading((".jpg",))) == data_place()


def test_the_users_own_images_can_be_planned(tmp_path: Path) -> None:
    assert 0 == planned(tmp_path, f"folder:{photos(tmp_path / 'photos', 'cat', 'dog')}")


def test_planning_leaves_no_trace(tmp_path: Path) -> None:
    planned(tmp_path, f"folder:{photos(tmp_path / 'photos', 'cat', 'dog')}")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("uci-digit", "unknown data set 'uci-digit'; did you mean 'uci-digits'?"),
        ("folders:photos", "unknown data set 'folders:photos'; did you mean 'folder:photos'?"),
        ("folder:/nowhere/at/all", "there is no folder '/nowhere/at/all'"),
        ("csv:/nowhere/at/all.csv", "there is no file '/nowhere/at/all.csv'"),
    ],
)
def test_a_target_that_is_no_data_set_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str, said: str
) -> None:
    code, error = planned(tmp_path, target), capsys.readouterr().err
    assert (2, True, 1) == (code, error.endswith(f"{said}\n"), error.count("\n"))


def test_a_data_folder_that_is_not_there_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = planned(tmp_path, "uci-digits", "--data", str(tmp_path / "none"))
    assert (2, True) == (code, f"there is no folder '{tmp_path / 'none'}'" in capsys.readouterr().err)


def test_bad_images_are_treated_in_two_ways_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = planned(tmp_path, "uci-digits", "--on-bad-image", "skp")
    assert (2, True) == (code, "did you mean 'skip'?" in capsys.readouterr().err)


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    main([*arguments, "--format", "json"])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_the_list_says_which_data_sets_are_here(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "flowers-102" / "jpg").mkdir(parents=True)
    for name in ("imagelabels.mat", "setid.mat"):
        (tmp_path / "flowers-102" / name).write_bytes(b"")
    here = {row["name"]: row["here"] for row in rows(capsys, "list", "datasets", "--data", str(tmp_path))}
    assert ("yes", "yes", "no") == (here["uci-digits"], here["flowers102"], here["cifar10"])


def fetched(name: str, folder: Path, fetch: Any) -> Cell:
    """A cell on a declared data set that must be fetched."""
    dataset(
        name=name,
        classes=2,
        channels=1,
        resolution=1,
        licence="none",
        source="this test",
        files=(f"{name}.bin",),
        fetch=fetch,
    )(lambda: Images(None, None))  # type: ignore[arg-type]
    settle(DataPlace(folder))
    scenario = Learning(
        weights="random",
        target=name,
        mode="scratch",
        augmentation="none",
        resolution=32,
        shots=1,
        steps=1,
        batch=2,
        lr=1e-3,
    )
    return Cell("lenet5", "top1", scenario)


@pytest.mark.usefixtures("no_declarations")
def test_only_what_is_missing_is_downloaded(tmp_path: Path) -> None:
    cells = [fetched(name, tmp_path, lambda: None) for name in ("here", "absent")]
    (tmp_path / "here.bin").write_bytes(b"")
    executor = Recorder(lambda _: Outcome("ok", details={"file": str(tmp_path)}))
    download(executor, cells, Console(file=io.StringIO()))
    assert ["absent"] == [job.name for job in executor.jobs if isinstance(job, Fetch)]


@pytest.mark.usefixtures("no_declarations")
def test_a_download_that_fails_is_said(tmp_path: Path) -> None:
    cell, shown = fetched("absent", tmp_path, lambda: None), io.StringIO()
    download(Recorder(lambda _: Outcome("unsupported", "no network")), [cell], Console(file=shown, width=200))
    assert "data set absent: not had: no network" in shown.getvalue()


@pytest.mark.usefixtures("no_declarations")
def test_a_download_goes_into_the_data_folder_of_the_run(tmp_path: Path) -> None:
    fetched("absent", tmp_path / "given", lambda: (data_place().folder / "absent.bin").write_bytes(b"1"))
    (tmp_path / "given").mkdir()
    handed = DATASETS.handed()
    settle(None)
    perform(Fetch("dataset", "absent", Given(data=handed)), lambda _: None)
    assert (tmp_path / "given" / "absent.bin").is_file()


def test_a_worker_makes_the_users_own_images_without_a_plan(tmp_path: Path) -> None:
    artifact = dataset_of(f"folder:{photos(tmp_path / 'photos', 'cat', 'dog')}", 28)
    frames: list[dict[str, Any]] = []
    perform(Make(artifact, 1, Given(tmp_path / "shelf", data=DATASETS.handed())), frames.append)
    assert "ok" == frames[-1]["status"]


def test_a_fault_of_the_users_images_is_one_line_without_a_place_in_code(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "cat", "dog", count=1)
    (root / "dog" / "0.png").write_bytes(b"junk")
    artifact = dataset_of(f"folder:{root}", 28)
    frames: list[dict[str, Any]] = []
    perform(Make(artifact, 1, Given(tmp_path / "shelf", data=DATASETS.handed())), frames.append)
    expected = "all images of class 'dog' are bad: dog/0.png is not an image that can be read"
    assert ("failed", expected) == (frames[-1]["status"], frames[-1]["reason"])


def test_bad_images_are_in_the_artifacts_row_and_told_of(tmp_path: Path) -> None:
    shown = io.StringIO()
    with declarations():
        steps = [step("driver_shared")]
        with desk(tmp_path, Recorder(), steps, shown=shown).store as store:
            ready = desk(tmp_path, Recorder(), steps, run="r2", shown=shown)
            with ready.shelf.writing(SHARED, {"bad_images": 1, "bad_first": ["a.jpg is empty"]}) as path:
                path.write_bytes(b"")
            drive(ready, steps, Pace())
            details = [row.details for row in store.artifacts("r2")]
    assert [{"bad_images": 1, "bad_first": ["a.jpg is empty"]}] == details
    assert "1 image is left out of shared: a.jpg is empty" in shown.getvalue()


def test_files_beside_the_images_are_counted_as_they_are_now_not_as_when_the_images_were_stored(
    tmp_path: Path,
) -> None:
    root = photos(tmp_path / "photos", "cat", "dog")
    artifact = dataset_of(f"folder:{root}", 28)
    with declarations():
        measure(unit="1", nature="ratio", better="higher", artifacts=lambda _: (artifact,))(named("driver_photos"))
        steps = [step("driver_photos")]
        ready = desk(tmp_path, Recorder(), steps)
        with ready.shelf.writing(artifact, {"images": 6}) as path:
            path.write_bytes(b"")
        (root / "cat" / "notes.txt").write_text("")
        DATASETS.forget()
        assert artifact == dataset_of(f"folder:{root}", 28)
        drive(ready, steps, Pace())
        details = [row.details for row in ready.store.artifacts("r1")]
    expected = [{"count": 1, "what": ".txt", "why": "not an image"}]
    assert [(6, expected)] == [(found["images"], found["left_out"]) for found in details]


def test_what_is_not_on_this_machine_is_unsupported(tmp_path: Path) -> None:
    settle(DataPlace(tmp_path))
    frames: list[dict[str, Any]] = []
    artifact = dataset_of("svhn")
    perform(Make(artifact, 1, Given(tmp_path / "shelf", data=DATASETS.handed())), frames.append)
    assert ("unsupported", True) == (frames[-1]["status"], "data set 'svhn' is not in" in frames[-1]["reason"])

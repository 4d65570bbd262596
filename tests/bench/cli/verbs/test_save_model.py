"""`evobench save-model` and `evobench predict`, through the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.cli.main import main
from bench.data.place import settle
from bench.declare.catalog import DATASETS
from bench.errors import Exit
from bench.store.database import Store
from tests.bench.learning.winner.winning import photographs

FILES = {
    "README.md",
    "labels.json",
    "model.onnx",
    "model.safetensors",
    "network_source.py",
    "pictures.py",
    "predict.py",
    "preprocessing.json",
}
OPTIONS = ("--weights", "random", "--resolution", "28", "--shots", "4", "--steps", "3", "--seeds", "1")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store with a run on photographs, and with the network that validated best."""
    root = tmp_path_factory.mktemp("run")
    target = f"folder:{photographs(root / 'photos')}"
    what = ("--arch", "lecture_cnn", "--mode", "scratch,finetune:all", "--measure", "top1,parameters")
    ran = main(["run", "--target", target, *what, *OPTIONS, "--no-report", "--store", str(root / "s.sqlite")])
    assert (Exit.OK, Exit.OK) == (ran, save(root, "first"))
    yield root
    DATASETS.forget()
    settle(None)


def save(root: Path, folder: str, *options: str) -> int:
    return main(["save-model", "latest", str(root / folder), *options, "--store", str(root / "s.sqlite")])


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.splitlines()[-1]


def test_the_folder_has_all_that_it_takes(place: Path) -> None:
    assert FILES == {file.name for file in (place / "first").iterdir()}
    assert ["fine", "rough"] == json.loads((place / "first" / "labels.json").read_text())


def test_the_card_tells_what_the_run_recorded(place: Path) -> None:
    with Store.open(place / "s.sqlite") as store:
        run = store.run("latest")
        rows = [row for row in store.records(run.id) if row.details.get("val_top1") is not None]
    best = max(rows, key=lambda row: row.details["val_top1"])
    assert best.mean is not None
    card = (place / "first" / "README.md").read_text()
    told = f"{round(best.mean * best.n)} of {best.n} test images right"
    assert f"- The scenario in run {run.id}, on the test split: {told}" in card
    assert f"- This very network: {told}" in card
    assert "| parameters |" in card
    assert f"cell {best.cell_key}." in card


def test_a_folder_that_is_not_empty_stays_as_it_is(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (place / "first" / "README.md").stat().st_mtime_ns
    assert Exit.USAGE == save(place, "first")
    assert refused(capsys).endswith("first' is not empty: name a new folder, nothing is overwritten")
    assert before == (place / "first" / "README.md").stat().st_mtime_ns


@pytest.mark.slow
def test_an_empty_folder_is_filled_by_the_scenario_that_is_named(place: Path) -> None:
    (place / "named").mkdir()
    assert Exit.OK == save(place, "named", "--scenario", "lecture_cnn finetune:all")
    assert (
        "`finetune:all`, on its split: 8 images, 4 of each class; seed 0."
        in (place / "named/README.md").read_text()
    )


@pytest.mark.slow
def test_the_card_of_a_tuned_network_tells_the_values_that_were_tried_and_no_others(place: Path) -> None:
    store = place / "tuned.sqlite"
    what = ("--arch", "lecture_cnn", "--mode", "scratch", "--measure", "top1", "--tune", "2")
    target = f"folder:{place / 'photos'}"
    assert Exit.OK == main(["run", "--target", target, *what, *OPTIONS, "--no-report", "--store", str(store)])
    assert Exit.OK == main(["save-model", "latest", str(place / "tuned"), "--store", str(store)])
    (line,) = [line for line in (place / "tuned/README.md").read_text().splitlines() if "Chosen" in line]
    assert line.startswith("- Chosen by validation images, best of 2: learning rate ")
    assert "weight decay" in line
    assert "layer decay" not in line


@pytest.mark.slow
def test_the_card_of_a_solved_head_tells_no_steps_and_counts_each_test_image_once_whatever_the_seeds(
    place: Path,
) -> None:
    store = place / "solved.sqlite"
    what = ("--arch", "lecture_cnn", "--mode", "features+logistic", "--measure", "top1")
    target = f"folder:{place / 'photos'}"
    options = ("--weights", "random", "--resolution", "28", "--seeds", "3", "--no-report", "--store", str(store))
    assert Exit.OK == main(["run", "--target", target, *what, *options])
    named = ("--scenario", "features+logistic", "--store", str(store))
    assert Exit.OK == main(["save-model", "latest", str(place / "solved"), *named])
    with Store.open(store) as opened:
        rows = [row for row in opened.records(opened.run("latest").id) if row.n]
    card = (place / "solved/README.md").read_text()
    training = card.partition("## Training")[2].partition("##")[0]
    assert "Solved, not trained in steps" in training
    assert not any(word in training for word in ("AdamW", "learning rate", "steps of"))
    assert "said by name" in card
    assert 3 == len(rows)
    assert all(f"| {name} | {images} | " in card for name, _, images in rows[0].details["recalls"])


@pytest.mark.slow
def test_on_all_images_the_card_says_that_it_was_not_tested(place: Path) -> None:
    assert Exit.OK == save(place, "all", "--on", "all", "--scenario", "scratch")
    card = (place / "all" / "README.md").read_text()
    assert "on all labelled images, those for validation and testing among them: 26 images" in card
    assert "It has not been tested" in card
    assert "This very network: " not in card


def test_predict_writes_what_the_folders_own_program_says(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    assert Exit.OK == main(["predict", str(place / "photos"), str(place / "first")])
    rows = list(csv.DictReader(capfd.readouterr().out.splitlines()))
    assert 26 == len(rows)
    assert {"fine", "rough"} >= {row["label"] for row in rows}
    assert all(0.5 <= float(row["confidence"]) <= 1 for row in rows)
    out = place / "found.csv"
    assert Exit.OK == main(["predict", str(place / "photos"), str(place / "first"), "--out", str(out)])
    assert rows == list(csv.DictReader(out.read_text().splitlines()))


def test_a_name_that_a_spreadsheet_takes_for_a_formula_is_written_as_text(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    good = next((place / "photos" / "fine").iterdir())
    (tmp_path / f"=1+1{good.suffix}").write_bytes(good.read_bytes())
    monkeypatch.chdir(tmp_path)
    capfd.readouterr()
    assert Exit.OK == main(["predict", ".", str(place / "first")])
    (row,) = csv.DictReader(capfd.readouterr().out.splitlines())
    assert f"'=1+1{good.suffix}" == row["path"]


def test_no_module_of_the_working_folder_is_run_by_predict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("bench", "evobench", "torch", "runpy", "signal"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(5)")
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "predict.py").write_text("print('path,label,confidence')")
    monkeypatch.chdir(tmp_path)
    capfd.readouterr()
    assert Exit.OK == main(["predict", ".", "saved"])
    assert "path,label,confidence\n" == capfd.readouterr().out


def test_pictures_that_cannot_be_read_are_told_and_passed_over(
    place: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    good = next((place / "photos" / "fine").iterdir())
    (tmp_path / good.name).write_bytes(good.read_bytes())
    (tmp_path / "bad.png").write_text("no picture")
    assert Exit.INCOMPLETE == main(["predict", str(tmp_path), str(place / "first")])
    told = capfd.readouterr()
    assert f"{tmp_path / 'bad.png'} is not an image that can be read" in told.err
    assert [str(tmp_path / good.name)] == [row["path"] for row in csv.DictReader(told.out.splitlines())]


@pytest.mark.parametrize(
    ("pictures", "model", "line"),
    [
        ("empty", "first", "there is no picture in or beneath"),
        ("absent", "first", "there is no folder"),
        ("photos", "empty", "has no predict.py: evobench save-model RUN DIR writes such a folder"),
    ],
)
def test_wrong_use_of_predict_is_one_line(
    place: Path, capfd: pytest.CaptureFixture[str], pictures: str, model: str, line: str
) -> None:
    (place / "empty").mkdir(exist_ok=True)
    out = place / "none.csv"
    assert Exit.USAGE == main(["predict", str(place / pictures), str(place / model), "--out", str(out)])
    assert line in refused(capfd)
    assert not out.exists()


def test_data_that_changed_since_the_run_are_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = next((place / "photos" / "fine").glob("*.png"))
    content = file.read_bytes()
    file.write_bytes(content + b"more")
    try:
        assert Exit.USAGE == save(place, "changed")
        assert "has changed since run" in refused(capsys)
    finally:
        file.write_bytes(content)
    assert not (place / "changed").exists()


def test_data_that_are_gone_are_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "photos").rename(place / "elsewhere")
    try:
        assert Exit.USAGE == save(place, "gone")
        assert "there is no folder" in refused(capsys)
    finally:
        (place / "elsewhere").rename(place / "photos")
    assert not (place / "gone").exists()


def test_a_run_without_trainings_says_what_trains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(tmp_path / "s.sqlite")
    assert Exit.OK == main(["run", "--suite", "gate", "--measure", "parameters", "--no-report", "--store", store])
    assert Exit.USAGE == main(["save-model", "latest", str(tmp_path / "model"), "--store", store])
    assert "trained no network that could be made anew: evobench run --suite transfer does" in refused(capsys)


def test_best_and_a_scenario_are_not_asked_for_at_once(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Exit.USAGE == save(place, "both", "--best", "--scenario", "scratch")
    assert "not allowed with argument" in refused(capsys)

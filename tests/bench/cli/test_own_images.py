"""The user's own images from the command line: what is said of them, what is refused and with which way out."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, features

from bench.cli.main import main
from bench.data.place import settle
from bench.declare.catalog import DATASETS
from tests.bench.picturing import photos, picture, save

LEARNING = (
    "--arch",
    "lenet5",
    "--weights",
    "random",
    "--mode",
    "scratch",
    "--shots",
    "1",
    "--seeds",
    "1",
    "--steps",
    "1",
)


@pytest.fixture(autouse=True)
def unsettled() -> Iterator[None]:
    yield
    settle(None)
    DATASETS.forget()


class Planning:
    """Plans a training on the user's own images."""

    def __init__(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._store, self._capsys = tmp_path / "runs" / "e.sqlite", capsys

    def __call__(self, target: str, *options: str) -> tuple[int, str]:
        """The exit code, and what was said of the images, without the names of folders."""
        store = ("--store", str(self._store))
        code = main(["run", *LEARNING, "--target", target, "--dry-run", *store, *options])
        lines = self._capsys.readouterr().err.replace(f"{target}: ", "").splitlines(keepends=True)
        return code, "".join(line for line in lines if not line.startswith("about "))


@pytest.fixture
def planned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Planning:
    return Planning(tmp_path, capsys)


def test_an_archive_made_on_a_mac_is_read_without_its_shadows(tmp_path: Path, planned: Planning) -> None:
    root = photos(tmp_path / "photos", "cat", "dog")
    (root / "__MACOSX" / "cat").mkdir(parents=True)
    (root / "__MACOSX" / "cat" / "._1.jpg").write_bytes(b"")
    assert (0, "1 file is left out: 1 in __MACOSX (left by other programs)\n") == planned(f"folder:{root}")


def test_folders_in_another_spelling_are_splits(tmp_path: Path, planned: Planning) -> None:
    for split in ("Training", "Testing"):
        root = photos(tmp_path / "photos" / split, "cat", "dog").parent
    code, said = planned(f"folder:{root}")
    assert (0, "Training/ is the train split, Testing/ is the test split (--splits says otherwise)") == (
        code,
        said.splitlines()[0],
    )


def test_a_test_folder_to_predict_is_no_fault(tmp_path: Path, planned: Planning) -> None:
    root = photos(tmp_path / "photos" / "train", "cat", "dog").parent
    save(root / "test" / "1.png")
    code, said = planned(f"folder:{root}")
    assert (0, True) == (
        code,
        "test/ holds images to predict, which are not used: it has no class folders" in said,
    )


def test_splits_are_overruled(tmp_path: Path, planned: Planning) -> None:
    for split in ("train", "extra"):
        root = photos(tmp_path / "photos" / split, "cat", "dog").parent
    assert (2, True) == (
        (refused := planned(f"folder:{root}"))[0],
        "--splits none takes all for classes" in refused[1],
    )
    assert [0, 0] == [
        planned(f"folder:{root}", "--splits", word)[0] for word in ("none", "train=train,test=extra")
    ]


def test_links_out_of_the_folder_are_followed_where_the_option_that_the_refusal_names_is_given(
    tmp_path: Path, planned: Planning
) -> None:
    pool, root = photos(tmp_path / "pool", "cat", "dog"), tmp_path / "photos"
    root.mkdir()
    (root / "cat").symlink_to(pool / "cat")
    (root / "dog").mkdir()
    for i in range(3):
        (root / "dog" / f"{i}.png").symlink_to(pool / "dog" / f"{i}.png")
    code, said = planned(f"folder:{root}")
    assert (2, True) == (
        code,
        said.endswith("is a link that leads out of the folder (--follow-links follows it)\n"),
    )
    assert (0, "") == planned(f"folder:{root}", "--follow-links")


def test_a_class_that_the_val_split_lacks_is_allowed_by_the_option_that_the_refusal_names(
    tmp_path: Path, planned: Planning
) -> None:
    for split in ("train", "val"):
        root = photos(tmp_path / "photos" / split, "cat", "dog").parent
    photos(root / "train", "cow")
    refused, said = planned(f"folder:{root}")
    assert (2, True) == (refused, "--allow-missing-classes" in said)
    allowed, said = planned(f"folder:{root}", "--allow-missing-classes")
    assert (0, True) == (allowed, "the val split lacks 'cow': its figures are over the other 2" in said)


def test_only_chosen_types_are_read(tmp_path: Path, planned: Planning) -> None:
    root = photos(tmp_path / "photos", "cat", "dog")
    for name in ("cat", "dog"):
        save(root / name / "1.jpg")
    assert (0, "6 files are left out: 6 .png (not among --image-types)\n") == planned(
        f"folder:{root}", "--image-types", "jpeg"
    )


def test_an_unknown_type_is_one_line(tmp_path: Path, planned: Planning) -> None:
    code, said = planned("uci-digits", "--image-types", "jpgg")
    assert (2, 1, True) == (code, said.count("\n"), "unknown image type 'jpgg'; did you mean" in said)


def test_two_spellings_of_one_class_in_a_table_are_one_class_and_said(tmp_path: Path, planned: Planning) -> None:
    photos(tmp_path, "x", count=3)
    table = tmp_path / "cafe.csv"
    table.write_text("path,label\nx/0.png,caf\u00e9\nx/1.png,cafe\u0301\nx/2.png,tea\n", encoding="utf-8")
    expected = "label names: 'caf\u00e9' is written in 2 ways (U+00E9; U+0065 U+0301) and is one class\n"
    assert (0, expected) == planned(f"csv:{table}")


def test_a_table_of_a_german_spreadsheet_is_read(tmp_path: Path, planned: Planning) -> None:
    photos(tmp_path, "x", count=2)
    table = tmp_path / "list.csv"
    table.write_bytes(
        "Dateiname;class\nx\\0.png;K\u00e4fer\nx\\1.png;Hund\n".replace("Dateiname", "file").encode("cp1252")
    )
    assert (
        0,
        "list.csv is read as Windows-1252, since it is not UTF-8\n"
        "list.csv has semicolons between its cells\n"
        "backslashes are read as / in 2 of 2 paths\n",
    ) == planned(f"csv:{table}")


def test_a_table_whose_images_are_not_there_is_refused_before_anything_is_planned(
    tmp_path: Path, planned: Planning
) -> None:
    photos(tmp_path, "x", count=2)
    (tmp_path / "list.csv").write_text("path,label\nx/0.png,cat\ngone.png,dog\nx/1.png,cow\n")
    code, said = planned(f"csv:{tmp_path / 'list.csv'}")
    expected = "all images of label 'dog' are bad: list.csv, line 3: 'gone.png' is not a file\n"
    assert (2, True) == (code, said.endswith(expected))


def test_a_row_without_its_file_is_refused_in_a_plan_where_bad_images_must_not_be_left_out(
    tmp_path: Path, planned: Planning
) -> None:
    photos(tmp_path, "x", count=2)
    (tmp_path / "list.csv").write_text("path,label\nx/0.png,cat\ngone.png,cat\nx/1.png,cow\n")
    code, said = planned(f"csv:{tmp_path / 'list.csv'}", "--on-bad-image", "fail")
    assert (2, True) == (code, "bad image: list.csv, line 3: 'gone.png' is not a file" in said)


def test_a_name_of_any_length_leaves_a_line_that_can_be_read(tmp_path: Path, planned: Planning) -> None:
    photos(tmp_path, "x", count=2)
    long = "a/" * 2000
    (tmp_path / "list.csv").write_text(f"path,label\nx/0.png,cat\n{long}.png,cat\nx/1.png,cow\n")
    code, said = planned(f"csv:{tmp_path / 'list.csv'}")
    (line,) = (line for line in said.splitlines() if "bad images: 1, the first: list.csv, line 3: 'a/a/" in line)
    assert (0, True) == (code, len(line) <= 300)


def test_files_of_many_kinds_are_told_in_a_line_that_can_be_read(tmp_path: Path, planned: Planning) -> None:
    for name in ("cat", "dog"):
        photos(tmp_path, name, count=2)
    for i in range(99):
        (tmp_path / "cat" / f"{i}.kind{i}").touch()
    code, said = planned(f"folder:{tmp_path}")
    (line,) = (line for line in said.splitlines() if "99 files are left out: 1 .kind" in line)
    assert (0, True, True) == (code, line.endswith(" more"), len(line) <= 300)


@pytest.fixture(scope="module")
def many_suffixes(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What a run on links to files of many suffixes says, and its row of the table `data`."""
    folder = tmp_path_factory.mktemp("run")
    for label, name in enumerate(("cat", "dog")):
        for i in range(10):
            forms = {"jpg": "JPEG", "jfif": "JPEG", **({"avif": "AVIF"} if features.check("avif") else {})}
            for part, (suffix, form) in enumerate(forms.items()):
                path = folder / "pool" / name / f"{i}{part}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                picture(100 * label + 10 * part + i).save(path, form)
            (folder / "pool" / name / f"{i}.heic").write_bytes(b"")
    moving = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    moving[0].save(folder / "pool" / "cat" / "moving.gif", save_all=True, append_images=moving[1:])
    (folder / "photos").mkdir()
    for name in ("cat", "dog"):
        (folder / "photos" / name).symlink_to(folder / "pool" / name)
    (folder / "hidden").mkdir()
    (folder / "hidden" / "sitecustomize.py").write_text(
        "import importlib.util as u; f = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'pillow_heif' else f(name, *a)\n"
    )
    store = ("--store", str(folder / "e.sqlite"))
    ours = [sys.executable, "-m", "evobench"]
    environment = {**os.environ, "PYTHONPATH": str(folder / "hidden")}
    target = ("--target", f"folder:{folder / 'photos'}", "--follow-links", "--no-report")
    run = subprocess.run(
        [*ours, "run", *LEARNING, *target, *store], env=environment, text=True, capture_output=True, check=True
    )
    with redirect_stdout(io.StringIO()) as shown:
        main(["show", "latest", "--table", "data", "--format", "json", *store])
    return run.stderr, json.loads(shown.getvalue())[0]


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no codec for AVIF")
def test_the_table_tells_what_was_read_and_what_was_left_out(many_suffixes: tuple[str, dict[str, Any]]) -> None:
    row = many_suffixes[1]
    expected = (61, 20, "20 .heic (needs pillow-heif)", "40 JPEG, 20 AVIF, 1 GIF: 1 animated, 1 palette")
    assert expected == (row["Images"], row["Left out"], row["Why"], row["Formats and kinds"])


def test_the_run_says_what_was_left_out_and_that_an_animation_gives_its_first_picture(
    many_suffixes: tuple[str, dict[str, Any]],
) -> None:
    said = many_suffixes[0]
    assert "20 files are left out: 20 .heic (needs pillow-heif)" in said
    assert "1 image is animated in folder:" in said

"""What `evobench evaluate` refuses, and how classes can be said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import skimage
from PIL import Image

from bench.cli.main import main
from bench.errors import Exit

LITE = "efficientnet_lite0"
SYNSETS = ("n02123045", "n07920052")


def photograph(name: str) -> Any:
    """One that comes with scikit-image, uint8, H x W x 3."""
    return getattr(skimage.data, name)()


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder a synset."""
    root = tmp_path_factory.mktemp("photographs")
    for synset in SYNSETS:
        (root / synset).mkdir()
        Image.new("RGB", (9, 9)).save(root / synset / "1.png")
    return root


def wrong_use(capsys: pytest.CaptureFixture[str], store: Path, *options: str) -> str:
    """The line that wrong use gets."""
    assert Exit.USAGE == main(["evaluate", *options, "--store", str(store)])
    said = capsys.readouterr().err.strip().splitlines()
    assert not store.exists()
    return said[-1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "say what to evaluate on"),
        (("gone", "--arch", LITE), "there is no folder or file 'gone' of pictures"),
        (("VAL",), "say whose weights are to be evaluated"),
        (("VAL", "--arch", LITE, "--weights", "random"), "given weights are evaluated"),
        (("VAL", "--arch", LITE, "--weights", "file:gone.pt"), "there is no file"),
        (("VAL", "--arch", LITE, "--class-map", "gone.csv"), "gone.csv' for --class-map"),
        (("textures", "--arch", LITE), "there is no folder or file 'textures'"),
    ],
)
def test_wrong_use_is_one_line(
    photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    given = [str(photographs) if option == "VAL" else option for option in options]
    assert said in wrong_use(capsys, tmp_path / "s.sqlite", *given)


def test_classes_that_no_answer_is_known_for_are_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("kitten", "puppy"):
        (tmp_path / "val" / name).mkdir(parents=True)
        Image.new("RGB", (9, 9)).save(tmp_path / "val" / name / "1.png")
    assert Exit.USAGE == main(
        ["evaluate", str(tmp_path / "val"), "--arch", LITE, "--store", str(tmp_path / "s.sqlite")]
    )
    assert "lacks 'kitten', 'puppy'; --class-map" in capsys.readouterr().err


def test_a_class_map_says_which_answers_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("kitten", "drink"):
        (tmp_path / "val" / name).mkdir(parents=True)
    Image.fromarray(photograph("chelsea")).save(tmp_path / "val" / "kitten" / "1.png")
    Image.fromarray(photograph("coffee")).save(tmp_path / "val" / "drink" / "1.png")
    (tmp_path / "map.csv").write_text("kitten,281\ndrink,967\n")
    options = ["--arch", LITE, "--class-map", str(tmp_path / "map.csv"), "--store", str(tmp_path / "s.sqlite")]
    code = main(["evaluate", str(tmp_path / "val"), *options, "--format", "json"])
    (row,) = json.loads(capsys.readouterr().out)
    assert (Exit.OK, 2, 1.0) == (code, row["images"], row["top5"])


def test_a_folder_with_splits_is_refused(
    photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for split in ("train", "val"):
        for synset in SYNSETS:
            (tmp_path / "all" / split / synset).mkdir(parents=True)
            copy = tmp_path / "all" / split / synset / "1.png"
            copy.write_bytes((photographs / synset / "1.png").read_bytes())
    assert Exit.USAGE == main(
        ["evaluate", str(tmp_path / "all"), "--arch", LITE, "--store", str(tmp_path / "s.sqlite")]
    )
    assert "name the folder of one split" in capsys.readouterr().err

"""How a file of weights, a state in it and leave to be partial are spelled."""

from pathlib import Path

import pytest

from bench.learning.weights.spelling import WeightsFile, as_partial, weights_file
from bench.learning.words import absolute


@pytest.mark.parametrize(
    ("weights", "meant"),
    [
        ("file:a.pt", WeightsFile(Path("a.pt"))),
        ("file:a.pt#ema", WeightsFile(Path("a.pt"), "ema")),
        ("file:a.pt#partial", WeightsFile(Path("a.pt"), partial=True)),
        ("file:a.pt#model_ema.module#partial", WeightsFile(Path("a.pt"), "model_ema.module", partial=True)),
    ],
)
def test_marks_after_the_path_are_read_and_written(weights: str, meant: WeightsFile) -> None:
    assert (meant, weights) == (weights_file(weights), str(meant))


@pytest.mark.parametrize("weights", ["random", "imagenet", "pretrain:mnist5k", "file:"])
def test_other_weights_are_no_file(weights: str) -> None:
    assert (None, weights) == (weights_file(weights), as_partial(weights))


def test_a_mark_in_the_name_of_a_file_that_exists_belongs_to_the_name(tmp_path: Path) -> None:
    path = tmp_path / "run#2.pt"
    path.touch()
    assert WeightsFile(path, "ema") == weights_file(f"file:{path}#ema")


def test_leave_to_be_partial_is_said_once() -> None:
    assert "file:a.pt#ema#partial" == as_partial(as_partial("file:a.pt#ema"))


def test_the_whole_path_keeps_its_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"file:{tmp_path.resolve()}/a.pt#ema" == absolute("file:a.pt#ema")

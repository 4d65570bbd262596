"""Before a run begins its weights are looked into by a worker: whether they fit, and how they see pictures."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from rich.console import Console

from bench.cell import Cell, Learning
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.preprocessing import Preprocessing
from bench.errors import UsageError
from bench.execute.jobs import Inspect
from bench.execute.local.executor import LocalExecutor
from bench.execute.outcome import Outcome
from bench.learning.artifacts import needs_of
from bench.learning.weights.preprocessing import forget_preprocessing, known_preprocessing, preprocessing_for
from bench.run.kept import cell_code
from bench.run.preparing import look_into_weights
from tests.bench.driving import Recorder
from tests.bench.lending import shared_executor
from tests.bench.picturing import photos


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    load_catalogs()
    forget_preprocessing()
    yield
    forget_preprocessing()


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    with shared_executor() as executor:
        yield executor


@pytest.fixture
def weights(tmp_path: Path) -> str:
    """Of LeNet-5, in a file."""
    torch.save(ARCHITECTURES.get("lenet5").build(10).state_dict(), tmp_path / "net.pt")
    return f"file:{tmp_path / 'net.pt'}"


def cell_of(weights: str, architecture: str = "lenet5", target: str = "uci-digits") -> Cell:
    scenario = Learning(
        weights=weights,
        target=target,
        mode="features+softmax",
        augmentation="none",
        resolution=32,
        shots=2,
        steps=1,
        batch=4,
        lr=0.1,
    )
    return Cell(architecture, "top1", scenario)


def said(executor: LocalExecutor | Recorder, *cells: Cell) -> str:
    """What is told while the weights of the cells are looked into."""
    console = Console(file=io.StringIO(), width=500)
    look_into_weights(executor, cells, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_what_had_to_be_supposed_of_a_file_is_one_line_with_the_way_out(
    executor: LocalExecutor, weights: str
) -> None:
    expected = (
        "pictures of uci-digits for lenet5: whole picture to 32, bilinear, colours of the images trained on"
        " (default: nothing beside net.pt says it); if the weights saw others, say so in"
        f" '{weights.removeprefix('file:')}.toml'\n"
    )
    assert expected == said(executor, cell_of(weights), cell_of(weights))


def test_what_a_file_beside_the_weights_says_is_taken_without_a_word(
    executor: LocalExecutor, weights: str, tmp_path: Path
) -> None:
    (tmp_path / "net.pt.toml").write_text("mean = [0.25]\nstd = [0.5]\nresize = 36\ncrop = 32\n")
    expected = Preprocessing(mean=(0.25,), std=(0.5,), resize=36, crop=32, said_by="net.pt.toml")
    assert "" == said(executor, cell_of(weights))
    assert expected == preprocessing_for("lenet5", weights, "uci-digits")


def test_other_words_beside_the_weights_make_kept_figures_stale(weights: str, tmp_path: Path) -> None:
    codes = []
    for mean in (0.25, 0.5):
        (tmp_path / "net.pt.toml").write_text(f"mean = [{mean}]\nstd = [0.5]\n")
        forget_preprocessing()
        codes.append((cell_code(cell_of(weights)), needs_of(cell_of(weights)).features))
    assert (True, True) == (codes[0][0] != codes[1][0], codes[0][1] != codes[1][1])


def test_a_file_that_does_not_fit_is_refused_in_one_line(executor: LocalExecutor, weights: str) -> None:
    with pytest.raises(UsageError, match=r"net\.pt' is of another network") as raised:
        said(executor, cell_of(weights, "alexnet"))
    assert 1 == len(str(raised.value).splitlines())


def test_channels_that_the_network_does_not_have_are_refused(
    executor: LocalExecutor, weights: str, tmp_path: Path
) -> None:
    (tmp_path / "net.pt.toml").write_text("mean = [0.5, 0.5, 0.5]\nstd = [0.5, 0.5, 0.5]\n")
    with pytest.raises(UsageError, match=r"net\.pt\.toml gives .* 3 channels, and lenet5 has 1"):
        said(executor, cell_of(weights))


def test_torchvision_s_weights_say_it_without_being_here(executor: LocalExecutor) -> None:
    assert "" == said(executor, cell_of("imagenet", "resnet18"))
    found = preprocessing_for("resnet18", "imagenet", "uci-digits").said_by
    assert "torchvision ResNet18_Weights.IMAGENET1K_V1" == found


def test_weights_that_torchvision_does_not_have_are_left_to_their_cells(executor: LocalExecutor) -> None:
    assert "" == said(executor, cell_of("imagenet", "lenet5"))


@pytest.mark.parametrize("weights", ["random", "pretrain:mnist5k", "imagenet-lite"])
def test_of_what_is_known_without_them_no_process_is_asked(weights: str) -> None:
    nobody = Recorder()
    said(nobody, cell_of(weights))
    assert [] == nobody.jobs


def test_each_network_and_its_weights_are_looked_into_once() -> None:
    known = {"lenet5 file:w.pt": Preprocessing(said_by="w").to_dict()}
    recorder = Recorder(lambda _: Outcome("ok", details=known))
    said(recorder, cell_of("file:w.pt"), cell_of("file:w.pt", target="textures"))
    said(recorder, cell_of("file:w.pt"))
    assert [(("lenet5", "file:w.pt"),)] == [job.weights for job in recorder.jobs if isinstance(job, Inspect)]
    assert known == known_preprocessing()


DRY = """
import sys
from bench.cli.main import main
code = main(sys.argv[1:])
print("torch" in sys.modules, code, file=sys.stderr)
"""


def test_the_driver_plans_with_a_file_of_weights_and_loads_no_torch(weights: str, tmp_path: Path) -> None:
    images = photos(tmp_path / "photos", "cat", "dog")
    options = ["--arch", "lenet5", "--weights", weights, "--target", f"folder:{images}", "--resolution", "32"]
    store = str(tmp_path / "runs.sqlite")
    planned = subprocess.run(
        [sys.executable, "-c", DRY, "run", "--dry-run", "--store", store, *options], capture_output=True, text=True
    )
    *lines, seconds, last = planned.stderr.splitlines()
    assert ("False 0", "about", 2) == (last, seconds.split()[0], len(lines)), planned.stderr

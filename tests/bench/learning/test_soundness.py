"""Networks learn and answer in 16 bits by kernels that are sound, and their records say which were left out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bench.cell import Cell, Samples
from bench.clock import Clock
from bench.declare.artifact import PRODUCERS, Shelf, in_order
from bench.declare.catalog import MEASURES
from bench.errors import Unsupported
from bench.learning import features
from bench.learning.training.device import kernels
from bench.network.precision import by_kernels
from bench.network.soundness import Kernels
from bench.network.subject import Subject
from tests.bench.stripes import Measured, Net, cell_of, without_time
from tests.bench.wrong_kernels import wrong

MODES = pytest.mark.parametrize(
    "scenario",
    [
        {"mode": "scratch"},
        {"mode": "finetune:upper"},
        {"mode": "finetune:all", "weights": "pretrain:waves"},
        {"mode": "features+softmax", "weights": "pretrain:waves"},
        {"mode": "features+svm", "augmentation": "lecture"},
        {"mode": "features-bn+softmax"},
    ],
    ids=lambda scenario: " ".join(scenario.values()),
)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def empty(folder: Path) -> None:
    """So that artifacts are made anew."""
    for file in folder.iterdir():
        file.unlink()


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
@MODES
def test_trying_sound_kernels_changes_no_figure(
    measured: Measured,
    scenario: dict[str, str],
    precision: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = measured(**scenario, precision=precision)
    empty(tmp_path)
    for module in (kernels, features):
        monkeypatch.setattr(module, "sound_kernels", lambda *given: Kernels())
    expected = measured(**scenario, precision=precision)
    assert without_time(expected) == without_time(tried)
    assert expected.values == tried.values


@MODES
def test_where_onednn_is_wrong_a_cell_has_the_figures_that_it_has_without(
    measured: Measured, scenario: dict[str, str], tmp_path: Path
) -> None:
    with by_kernels(onednn=False):
        expected = measured(**scenario, precision="bf16")
    empty(tmp_path)
    with wrong("convolution"):
        found = measured(**scenario, precision="bf16")
    said = [words for words in found.details["warnings"] if words not in expected.details["warnings"]]
    assert {"oneDNN was left out: on this CPU in bf16 convolution"} == {
        words.partition(" of ")[0] for words in said
    }
    assert without_time(expected)["curve"] == without_time(found)["curve"]
    assert expected.values == found.values


@MODES
def test_where_all_kernels_are_wrong_a_cell_is_unsupported(measured: Measured, scenario: dict[str, str]) -> None:
    with (
        wrong("convolution", without_onednn=True),
        pytest.raises(Unsupported, match="this CPU computes wrongly in bf16"),
    ):
        measured(**scenario, precision="bf16")


def test_a_cell_in_fp32_learns_whatever_16_bits_are(measured: Measured) -> None:
    expected = measured()
    with wrong("convolution", without_onednn=True):
        assert without_time(expected) == without_time(measured())


def test_features_of_a_cpu_without_sound_kernels_of_onednn_tell_it_to_each_head(measured: Measured) -> None:
    with wrong("convolution"):
        first = measured(mode="features+softmax", precision="bf16")
    second = measured(mode="features+svm", precision="bf16")
    assert "oneDNN was left out" in second.details["warnings"][0]
    assert first.details["warnings"][0] == second.details["warnings"][0]


@pytest.fixture
def judge(world: None, tmp_path: Path) -> Callable[[str], Samples]:
    """Evaluates weights of a file as they are, on 20 pictures of noise in 3 classes, in batches of 8."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        torch.save(Net(3).state_dict(), tmp_path / "net.pt")
    (tmp_path / "net.pt.toml").write_text("mean = [0.5]\nstd = [0.5]\nresize = 12\ncrop = 12\n")
    noise = np.random.default_rng(0).integers(0, 255, (20, 12, 12), np.uint8)
    for number, pixels in enumerate(noise):
        folder = tmp_path / "pictures" / str(number % 3)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{number}.png")

    def run(precision: str) -> Samples:
        given = {"weights": f"file:{tmp_path / 'net.pt'}", "target": f"folder:{tmp_path / 'pictures'}"}
        scenario = cell_of(**given, mode="as-is", shots=None, precision=precision).scenario
        cell, shelf = Cell("net", "top1_as_is", scenario), Shelf(tmp_path / "shelf")
        item = MEASURES.get(cell.measure)
        for artifact in in_order(item.artifacts(cell)):
            PRODUCERS.get(artifact.kind)(artifact, shelf, lambda progress: None)
        samples: Samples = item.function(Subject(cell, shelf, lambda progress: None), Clock(9))
        return samples

    return run


def test_given_weights_answer_without_onednn_where_it_is_wrong(judge: Callable[[str], Samples]) -> None:
    with by_kernels(onednn=False):
        expected = judge("bf16")
    with wrong("convolution", lambda result: -result):
        found = judge("bf16")
    assert expected.values == found.values
    (said,) = found.details["warnings"]
    assert [] == expected.details["warnings"]
    assert "bf16 convolution of 8x1x12x12 by 8x1x5x5 is 200% off float32" in said


def test_given_weights_do_not_answer_by_kernels_that_are_all_wrong(judge: Callable[[str], Samples]) -> None:
    with (
        wrong("convolution", without_onednn=True),
        pytest.raises(Unsupported, match="this CPU computes wrongly in fp16"),
    ):
        judge("fp16")

"""Subjects: what a measure is given, and the cheap weights of models whose cost is measured."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from bench.cell import BEST, Cell, Cost, Learning
from bench.declare.artifact import Shelf
from bench.declare.catalog import architecture
from bench.errors import Unsupported
from bench.execute.jobs import Measure
from bench.execute.local.executor import LocalExecutor
from bench.execute.underway import finish
from bench.network.subject import Subject

CATALOG = str(Path(__file__).parents[2] / "catalogs" / "tiny.py")
COST = Cost(mode="infer", resolution=16, batch=3)
COMPILED = Cost(mode="infer", resolution=16, execution="compiled")
LAST = Cost(mode="infer", resolution=16, memory_format="channels_last")
LEARNING = Learning(
    weights="random",
    target="digits",
    mode="scratch",
    augmentation="none",
    resolution=8,
    shots=5,
    steps=1,
    batch=2,
    lr=0.1,
)


def wide(num_classes: int) -> nn.Module:
    """A convolution under and a linear layer over the bound of cheap weights."""
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(12), nn.Flatten(), nn.Linear(1152, num_classes))


def twofold(num_classes: int) -> nn.Module:
    """Two convolutions, the second over the bound, and a linear layer over it."""
    below = (nn.Conv2d(3, 128, 3), nn.Conv2d(128, 128, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return nn.Sequential(*below, nn.Linear(128, num_classes))


@pytest.fixture
def subject(no_declarations: None, tmp_path: Path) -> Callable[..., Subject]:
    """Makes subjects of a small declared network."""
    for build_one in (wide, twofold):
        architecture(family="F", year=2026, paper="none")(build_one)

    def build(num_classes: int) -> nn.Module:
        return nn.Sequential(nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes))

    build.__name__ = "grey"
    architecture(family="F", year=2026, paper="none", channels=1)(build)

    def make(scenario: Cost | Learning = COST, name: str = "wide") -> Subject:
        return Subject(Cell(name, "m", scenario), Shelf(tmp_path), lambda _: None)

    return make


def test_an_inference_subject_is_in_eval_mode(subject: Callable[..., Subject]) -> None:
    assert not subject().model.training


def test_a_training_subject_is_in_train_mode(subject: Callable[..., Subject]) -> None:
    assert subject(Cost(mode="train", resolution=16)).model.training


def test_images_have_the_scenarios_shape(subject: Callable[..., Subject]) -> None:
    assert (3, 3, 16, 16) == tuple(subject().images.shape)


def test_images_are_the_same_in_every_process(subject: Callable[..., Subject]) -> None:
    torch.manual_seed(7)
    first = subject().images
    torch.manual_seed(8)
    assert torch.equal(first, subject().images)


def test_images_of_any_batch_are_made_as_the_scenarios_are(subject: Callable[..., Subject]) -> None:
    assert (5, 3, 16, 16) == tuple(subject().images_of(5).shape)


def test_the_best_batch_has_no_images_of_its_own(subject: Callable[..., Subject]) -> None:
    with pytest.raises(Unsupported, match="the best batch is a question for throughput"):
        _ = subject(Cost(mode="infer", resolution=16, batch=BEST)).images


@pytest.mark.parametrize(
    ("name", "strides"),
    [
        pytest.param("wide", (3 * 16 * 16, 1, 3 * 16, 3), id="three channels"),
        pytest.param("grey", (16 * 16, 1, 16, 1), id="one channel"),
    ],
)
def test_a_batch_of_one_is_really_stored_channels_last(
    subject: Callable[..., Subject], name: str, strides: tuple[int, ...]
) -> None:
    assert strides == subject(LAST, name).images.stride()


@pytest.mark.parametrize(
    ("name", "strides"),
    [
        pytest.param("wide", (27, 1, 9, 3), id="three channels"),
        pytest.param("grey", (9, 1, 3, 1), id="one channel"),
    ],
)
def test_weights_are_really_stored_channels_last(
    subject: Callable[..., Subject], name: str, strides: tuple[int, ...]
) -> None:
    assert strides == subject(LAST, name).model.get_parameter("0.weight").stride()


def test_a_convolution_of_one_image_gives_channels_last_on(subject: Callable[..., Subject]) -> None:
    made = subject(LAST, "grey")
    convolution = made.model.get_submodule("0")
    assert (4 * 14 * 14, 1, 4 * 14, 4) == convolution(made.images).stride()


def test_bf16_computes_in_bf16_and_keeps_the_weights(subject: Callable[..., Subject]) -> None:
    made = subject(Cost(mode="infer", resolution=16, precision="bf16"))
    with made.precision():
        assert torch.bfloat16 == made.model(made.images).dtype
    assert torch.float32 == made.model.get_parameter("0.weight").dtype


@pytest.mark.parametrize(
    ("precision", "dtype"), [("bf16_weights", torch.bfloat16), ("fp16_weights", torch.float16)]
)
def test_weights_that_are_cast_once_are_of_16_bits_and_the_pictures_too(
    subject: Callable[..., Subject], precision: str, dtype: torch.dtype
) -> None:
    made = subject(Cost(mode="infer", resolution=16, precision=precision))
    held = {tensor.dtype for tensor in (*made.model.parameters(), made.images)}
    with made.precision():
        assert ({dtype}, dtype) == (held, made.model(made.images).dtype)


def test_weights_of_16_bits_are_not_trained(subject: Callable[..., Subject]) -> None:
    with pytest.raises(Unsupported, match="training keeps float32 weights, which is the precision bf16"):
        _ = subject(Cost(mode="train", resolution=16, precision="bf16_weights")).model


def test_autotuning_is_refused_where_there_is_no_cudnn(subject: Callable[..., Subject]) -> None:
    with pytest.raises(Unsupported, match="on cpu it would change nothing"):
        _ = subject(Cost(mode="infer", resolution=16, autotune=True)).model


def test_graphs_are_refused_where_there_is_no_cuda(subject: Callable[..., Subject]) -> None:
    with pytest.raises(Unsupported, match="CUDA graphs need a GPU of CUDA"):
        _ = subject(Cost(mode="infer", resolution=16, execution="graphs")).model


def test_half_of_the_images_have_half_of_the_labels(subject: Callable[..., Subject]) -> None:
    made = subject(Cost(mode="train", resolution=16, batch=7))
    before = made.model, len(made.images), len(made.labels)
    made.halve()
    assert (7, 7) == before[1:]
    assert (3, 3, 3) == (made.batch, len(made.images), len(made.labels))
    assert before[0] is made.model


def test_tf32_is_refused_where_it_would_be_fp32(subject: Callable[..., Subject]) -> None:
    with pytest.raises(Unsupported, match="on cpu it would be fp32"):
        _ = subject(Cost(mode="infer", resolution=16, precision="tf32")).model


def test_tf32_is_refused_on_a_gpu_that_lacks_it(
    subject: Callable[..., Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    capabilities = {"cuda:0": (9, 0), "cuda:1": (7, 5)}
    monkeypatch.setattr(torch.cuda, "get_device_capability", capabilities.__getitem__)
    with pytest.raises(Unsupported, match=r"compute capability 8\.0"):
        _ = subject(Cost(mode="infer", resolution=16, precision="tf32", device="cuda:1")).model


def test_bf16_is_refused_on_a_gpu_that_merely_emulates_it(
    subject: Callable[..., Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    with pytest.raises(Unsupported, match="does not compute in bf16"):
        _ = subject(Cost(mode="infer", resolution=16, precision="bf16", device="cuda")).model


def test_what_was_compiled_goes_with_its_subject(
    subject: Callable[..., Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[Path] = []

    def compile_nothing(model: nn.Module, device: str, folder: str) -> nn.Module:
        folders.append(Path(folder))
        return model

    monkeypatch.setattr("bench.network.subject.require_compiler", lambda device: None)
    monkeypatch.setattr("bench.network.subject.compile_cold", compile_nothing)
    made = subject(COMPILED)
    _ = made.model
    assert folders[0].is_dir()
    del made
    assert not folders[0].exists()


@pytest.fixture
def own_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a fork puts what is temporary; torch's header is large, so that nothing of it is kept."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks safely on Linux only")
@pytest.mark.parametrize(("mode", "measure"), [("infer", "latency"), ("train", "train_step")])
def test_a_fork_of_the_server_compiles_and_leaves_nothing_behind(
    own_temporary_folder: Path, mode: str, measure: str
) -> None:
    executor = LocalExecutor([CATALOG])
    cell = Cell("tiny", measure, Cost(mode=mode, resolution=16, execution="compiled"))  # type: ignore[arg-type]
    found = finish(executor, Measure(cell, 1.0), 300)
    executor.close()
    assert "ok" == found.status, found.reason
    assert found.details["first_call"] > 10 * max(found.values)
    assert [] == list(own_temporary_folder.glob("evobench-compiled-*"))


def test_a_network_of_one_channel_has_ten_classes_and_others_a_thousand(subject: Callable[..., Subject]) -> None:
    assert (10, 1000) == (subject(name="grey").classes, subject().classes)


def test_there_is_one_label_an_image_and_each_is_a_class(subject: Callable[..., Subject]) -> None:
    labels = subject(Cost(mode="train", resolution=16, batch=12), "grey").labels
    assert [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1] == labels.tolist()


def test_a_measure_of_cost_refuses_a_learning_cell(subject: Callable[..., Subject]) -> None:
    with pytest.raises(Unsupported, match="needs a scenario of cost"):
        _ = subject(LEARNING).cost


def test_a_measure_of_learning_refuses_a_cost_cell(subject: Callable[..., Subject]) -> None:
    with pytest.raises(Unsupported, match="needs a scenario of learning"):
        _ = subject().learning


@pytest.mark.parametrize("scenario", [COST, LAST])
def test_a_subject_tells_what_noise_it_has_in_place_of_random_weights(
    subject: Callable[..., Subject], scenario: Cost
) -> None:
    made = subject(scenario, "twofold")
    assert {} == made.notes
    _ = made.model
    # the second convolution and the linear layer; the first convolution is small
    assert {"cheap_weights": {"tensors": 2, "elements": 128 * 128 * 9 + 128 * 1000}} == made.notes

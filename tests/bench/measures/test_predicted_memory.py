"""The peak of memory that shapes alone tell."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.distributed._tools.mem_tracker import MemTracker
from torch.torch_version import TorchVersion

import suites.architectures.torchvision_zoo  # noqa: F401  (declares)
from bench.cell import Cell, Cost, Samples
from bench.clock import Clock
from bench.declare.artifact import Shelf
from bench.declare.catalog import ARCHITECTURES, MEASURES, architecture
from bench.errors import Unsupported
from bench.measures.memory import peak_memory
from bench.measures.predicted_memory import predicted_memory
from bench.measures.timing import forward, step
from bench.network.subject import Subject

OLDER = pytest.mark.skipif(
    TorchVersion(torch.__version__) < "2.13", reason="torch 2.9 takes memory for what fused attention would hold"
)
SIDE = 8
WEIGHTS = 4 * (3 * SIDE * SIDE * 1000 + 1000)
"""Bytes of `linear`."""
RESNET18 = ARCHITECTURES.get("resnet18").build


def subject_of(name: str, **conditions: Any) -> Subject:
    cost = Cost(**{"mode": "infer", "resolution": SIDE, "batch": 4, **conditions})
    return Subject(Cell(name, "m", cost), Shelf(Path("unused")), lambda _: None)


def measured(name: str, measure: Callable[..., Samples] = predicted_memory, **conditions: Any) -> Samples:
    subject = subject_of(name, **conditions)
    return measure(subject, Clock(0, subject.cost.device))


def predicted(name: str, **conditions: Any) -> float:
    return measured(name, **conditions).values[0]


def parts(name: str, **conditions: Any) -> dict[str, int]:
    found: dict[str, int] = measured(name, **conditions).details["parts"]
    return found


def peak_of_this_process() -> int:
    """Bytes, since it was last reset."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith("VmHWM:")))


class Branching(nn.Module):
    """Looks at the values of its input."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.flatten(1) if images.sum() > 0 else -images.flatten(1)


class Doubtful(nn.Module):
    """Reads a number while it is built, as those do whose depth decides on a rate."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3 * SIDE * SIDE, 1000)
        self.rate = torch.linspace(0, 1, 5)[2].item()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.layer(images.flatten(1) * self.rate)
        return found


class Tied(nn.Module):
    """Uses one tensor of weights in two modules."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = (nn.Linear(3 * SIDE * SIDE, 3 * SIDE * SIDE, bias=False) for _ in range(2))
        self.second.weight = self.first.weight

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.second(self.first(images.flatten(1)))
        return found


@pytest.fixture
def small(no_declarations: None) -> None:
    """Declares the networks of this file."""
    builders: dict[str, Callable[[], nn.Module]] = {
        "linear": lambda: nn.Sequential(nn.Flatten(), nn.Linear(3 * SIDE * SIDE, 1000)),
        "convolutions": lambda: nn.Sequential(
            nn.Conv2d(3, 64, 3), nn.BatchNorm2d(64), nn.ReLU(), nn.Conv2d(64, 4, 3), nn.Flatten()
        ),
        "three": lambda: nn.Sequential(
            nn.Flatten(), nn.Linear(192, 512, bias=False), *(nn.Linear(512, 512, bias=False) for _ in range(2))
        ),
        "map": lambda: nn.Conv2d(3, 4, 3),
        "branching": Branching,
        "doubtful": Doubtful,
        "tied": Tied,
        "frozen_below": lambda: nn.Sequential(
            nn.Flatten(), nn.Linear(192, 192).requires_grad_(False), nn.Linear(192, 1000)
        ),
        "frozen": lambda: nn.Sequential(nn.Flatten(), nn.Linear(192, 1000)).requires_grad_(False),
    }
    for name, make in builders.items():

        def build(num_classes: int, make: Callable[[], nn.Module] = make) -> nn.Module:
            return make()

        build.__name__ = name
        architecture(family="F", year=2026, paper="none")(build)


def test_inference_holds_weights_and_images_and_labels_and_the_result(small: None) -> None:
    images, labels, result = 4 * 4 * 3 * SIDE * SIDE, 4 * 8, 4 * 4 * 1000
    assert WEIGHTS + images + labels + result == predicted("linear")


def test_training_holds_momentum_as_large_as_the_weights(small: None) -> None:
    assert WEIGHTS == parts("linear", mode="train")["optimizer"]


def test_training_holds_the_gradients_of_weights_and_of_the_result(small: None) -> None:
    found = parts("linear", mode="train")
    assert WEIGHTS + 4 * 4 * 1000 == found["gradients"] + found["temporary"]


@pytest.mark.parametrize("mode", ["infer", "train"])
@pytest.mark.parametrize("name", ["convolutions", "linear"])
def test_real_tensors_hold_what_fake_ones_do(small: None, name: str, mode: str) -> None:
    subject = subject_of(name, mode=mode)
    tracker = MemTracker()
    tracker.track_external(subject.model, subject.images, subject.labels)
    with tracker:
        call = forward(subject) if mode == "infer" else step(subject)
        call()
        tracker.reset_mod_stats()
        call()
    (held,) = tracker.get_tracker_snapshot("peak").values()
    assert held["Total"] == predicted(name, mode=mode)


def test_the_parts_add_up_to_the_figure(small: None) -> None:
    samples = measured("convolutions", mode="train")
    assert samples.values[0] == sum(samples.details["parts"].values())


def test_the_statistics_of_batch_normalisation_are_buffers(small: None) -> None:
    assert 2 * 64 * 4 + 8 == parts("convolutions")["buffers"]


def test_activations_grow_as_the_batch_does(small: None) -> None:
    assert 2 * parts("convolutions")["activations"] == parts("convolutions", batch=8)["activations"]


def test_training_keeps_activations_that_inference_drops(small: None) -> None:
    kept = parts("convolutions", mode="train", resolution=64)["activations"]
    assert kept > parts("convolutions", resolution=64)["activations"]


@pytest.mark.parametrize("mode", ["infer", "train"])
@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_takes_less_where_activations_outweigh_weights(
    small: None, mode: str, precision: str
) -> None:
    full = predicted("convolutions", mode=mode, resolution=64)
    assert 0.8 * full > predicted("convolutions", mode=mode, resolution=64, precision=precision)


def test_inference_in_half_precision_casts_weights_one_layer_at_a_time(small: None) -> None:
    weights, between = 2 * 512 * 512, 2 * 4 * 512
    assert weights + 2 * between == parts("three", precision="bf16")["activations"]


@pytest.mark.parametrize("mode", ["infer", "train"])
def test_channels_last_takes_the_same_tensors(small: None, mode: str) -> None:
    other = predicted("convolutions", mode=mode, memory_format="channels_last")
    assert predicted("convolutions", mode=mode) == other


def test_weights_and_pictures_that_are_cast_once_take_half(small: None) -> None:
    whole, half = parts("linear"), parts("linear", precision="bf16_weights")
    labels = 4 * 8
    assert whole["parameters"] == 2 * half["parameters"]
    assert whole["other"] - labels == 2 * (half["other"] - labels)


def test_the_memory_of_training_weights_of_16_bits_is_not_predicted(small: None) -> None:
    with pytest.raises(Unsupported, match="bf16_weights is for inference"):
        predicted("linear", mode="train", precision="bf16_weights")


def test_a_device_that_is_not_here_gets_the_same_figure(small: None) -> None:
    assert predicted("linear") == predicted("linear", device="cuda", execution="compiled")


def test_weights_that_two_modules_share_count_once(small: None) -> None:
    assert 4 * (3 * SIDE * SIDE) ** 2 == parts("tied")["parameters"]


def test_a_model_that_reads_a_small_tensor_while_it_is_built_has_a_figure(small: None) -> None:
    assert WEIGHTS == parts("doubtful")["parameters"]


def test_a_model_whose_way_depends_on_values_is_unsupported(small: None) -> None:
    with pytest.raises(Unsupported, match="shapes alone do not tell its memory: DataDependent"):
        predicted("branching")


def test_a_block_without_scores_cannot_be_trained(small: None) -> None:
    with pytest.raises(Unsupported, match="its output, 4 x 4 x 6 x 6, is not a row of scores"):
        predicted("map", mode="train")


def test_without_torchs_private_tracker_it_is_unsupported_and_says_so(
    small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, MemTracker.__module__, None)
    monkeypatch.delitem(sys.modules, "bench.measures._fake_tensors")
    with pytest.raises(Unsupported, match=r"private MemTracker, which torch .* lacks"):
        predicted("linear")


def test_it_says_what_it_leaves_out(small: None) -> None:
    assert "the CUDA context" in measured("linear").details["left_out"]


def test_it_is_shown_as_derived_and_planned_once_for_all_devices_and_threads() -> None:
    item = MEASURES.get("predicted_memory")
    assert ("derived", "anywhere") == (item.provenance, item.repeats)
    assert {"threads", "execution"} == {"threads", "execution"} - set(item.depends_on)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from Linux's /proc")
@pytest.mark.parametrize("name", [pytest.param("vit_h_14", marks=OLDER), "regnet_y_128gf"])
def test_a_model_of_gigabytes_is_looked_at_without_memory(name: str) -> None:
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_of_this_process()
    figure = predicted(name, resolution=ARCHITECTURES.get(name).resolution, batch=64)
    assert 0.1 * figure > 0.3e9 > peak_of_this_process() - before


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is seen")
def test_the_prediction_is_within_15_percent_of_what_cuda_allocates() -> None:
    where = {"mode": "train", "batch": 32, "resolution": 224, "device": "cuda"}
    allocated = measured("resnet50", peak_memory, **where).values[0]
    assert 0.15 > abs(predicted("resnet50", **where) - allocated) / allocated


@pytest.mark.parametrize("mode", ["infer", "train"])
def test_frozen_parameters_are_parameters(small: None, mode: str) -> None:
    below = 4 * (192 * 192 + 192)
    assert below + WEIGHTS == parts("frozen_below", mode=mode)["parameters"]


def test_frozen_parameters_have_neither_gradients_nor_momentum(small: None) -> None:
    most = measured("frozen_below", mode="train").details["parts_at_most"]
    assert (WEIGHTS, WEIGHTS) == (most["gradients"], most["optimizer"])


def test_a_fine_tuned_resnet18_has_gradients_and_momentum_of_its_last_layer_alone(no_declarations: None) -> None:
    def fine_tuned(num_classes: int) -> nn.Module:
        model: nn.Module = RESNET18(num_classes)
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(name.startswith("fc."))
        return model

    architecture(family="F", year=2026, paper="none")(fine_tuned)
    most = measured("fine_tuned", mode="train", resolution=64, batch=8).details["parts_at_most"]
    # 11,689,512 parameters of which 512 x 1000 + 1000 learn, of four bytes
    assert (46_758_048, 2_052_000, 2_052_000) == (most["parameters"], most["gradients"], most["optimizer"])


def test_where_all_is_frozen_training_has_no_peak_but_inference_has(small: None) -> None:
    assert WEIGHTS == parts("frozen")["parameters"]
    with pytest.raises(Unsupported, match="nothing to train: all 2 parameters are frozen"):
        predicted("frozen", mode="train")

"""Latency, throughput and training steps of a small network on the stand-in for CUDA."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from bench.cell import BEST, Cell, Cost
from bench.clock import Clock
from bench.declare.artifact import Shelf
from bench.declare.catalog import architecture
from bench.errors import Unsupported
from bench.measures.timing import latency, throughput, train_step
from bench.network.subject import Subject
from tests.standin.card import Card
from tests.standin.cuda import CONTEXT, StandIn, stand_in

PASS = 2
"""Kernels of a forward pass."""
LAUNCH_BOUND = (0.02, 0.001)
"""Seconds in which a kernel is launched, and in which it runs."""
DEVICE_BOUND = (0.001, 0.02)
SLOW = (1.0, 1.0)
"""So that a search is of few calls."""


class Net(nn.Module):
    """Two linear layers, a kernel each."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.lower, self.upper = nn.Linear(16, 16), nn.Linear(16, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.upper(self.lower(images.view(-1, 16)))
        return scores


class Reads(Net):
    """One that looks at a value in its forward pass."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        scores = super().forward(images)
        return scores if scores.sum().item() != 0 else -scores


@pytest.fixture
def subject(no_declarations: None, tmp_path: Path) -> Callable[..., Subject]:
    """Makes subjects of these networks."""

    def net(num_classes: int) -> nn.Module:
        return Net(num_classes)

    def reads(num_classes: int) -> nn.Module:
        return Reads(num_classes)

    for build in (net, reads):
        architecture(family="F", year=2026, paper="none", channels=1)(build)

    def make(name: str = "net", mode: str = "infer", batch: int = 2, **conditions: Any) -> Subject:
        conditions = {"device": "cuda", **conditions}
        scenario = Cost(mode=mode, resolution=4, batch=batch, **conditions)  # type: ignore[arg-type]
        return Subject(Cell(name, "m", scenario), Shelf(tmp_path), lambda _: None)

    return make


def paced(cuda: StandIn, pace: tuple[float, float]) -> None:
    launching, running = pace
    cuda.launching, cuda.running = launching, lambda name, elements: running


@pytest.mark.parametrize(("pace", "bound"), [(LAUNCH_BOUND, "launching"), (DEVICE_BOUND, "device")])
def test_it_is_told_whether_launching_binds_a_latency(
    cuda: StandIn, subject: Callable[..., Subject], pace: tuple[float, float], bound: str
) -> None:
    paced(cuda, pace)
    details = latency(subject(), Clock(2, "cuda")).details
    assert bound == details["bound_by"]
    assert PASS * pace[1] == pytest.approx(details["device_time"], rel=0.01)


def test_the_share_of_launching_is_what_the_device_s_time_leaves_of_the_host_s(
    cuda: StandIn, subject: Callable[..., Subject]
) -> None:
    paced(cuda, LAUNCH_BOUND)
    details = latency(subject(), Clock(2, "cuda")).details
    # the second launch begins while the first kernel runs; its own kernel is waited for
    host = PASS * 0.02 + 0.001
    assert 1 - PASS * 0.001 / host == pytest.approx(details["launching"], rel=0.01)


def test_a_training_step_has_the_device_s_time_of_a_whole_step(
    cuda: StandIn, subject: Callable[..., Subject]
) -> None:
    paced(cuda, DEVICE_BOUND)
    found = train_step(subject(mode="train"), Clock(5, "cuda"))
    assert sorted(found.values)[0] == pytest.approx(found.details["device_time"], rel=0.05)
    assert {"forward", "backward", "optimizer"} == set(found.details["parts"])


@pytest.mark.parametrize(("pace", "gain"), [(LAUNCH_BOUND, 41 / 40), (DEVICE_BOUND, 41 / 40)])
def test_throughput_has_the_rate_of_passes_that_nobody_waits_for(
    cuda: StandIn, subject: Callable[..., Subject], pace: tuple[float, float], gain: float
) -> None:
    paced(cuda, pace)
    found = throughput(subject(batch=8), Clock(2, "cuda"))
    assert gain * sorted(found.values)[0] == pytest.approx(found.details["queued"], rel=0.02)


def test_a_cpu_tells_of_no_time_of_the_device(subject: Callable[..., Subject]) -> None:
    details = throughput(subject(device="cpu"), Clock(0.1)).details
    assert set() == {"device_time", "launching", "bound_by", "queued", "batch", "halved_from"} & set(details)


def test_a_batch_that_the_card_does_not_hold_is_halved_and_the_record_says_so(
    subject: Callable[..., Subject],
) -> None:
    with stand_in(Card(memory=CONTEXT + 30_000)) as cuda:
        paced(cuda, DEVICE_BOUND)
        found = throughput(subject(batch=300), Clock(2, "cuda"))
    batch = found.details["batch"]
    assert 300 == found.details["halved_from"]
    assert batch in (150, 75, 37, 18, 9)
    assert batch / (0.041) == pytest.approx(sorted(found.values)[0], rel=0.05)


def test_a_training_step_is_halved_too(subject: Callable[..., Subject]) -> None:
    with stand_in(Card(memory=CONTEXT + 30_000)) as cuda:
        paced(cuda, DEVICE_BOUND)
        details = train_step(subject(mode="train", batch=300), Clock(2, "cuda")).details
    assert (300, True) == (details["halved_from"], details["batch"] < 300)


def test_a_batch_that_fits_is_not_said_to_be_halved(cuda: StandIn, subject: Callable[..., Subject]) -> None:
    assert "halved_from" not in throughput(subject(batch=8), Clock(2, "cuda")).details


def test_a_single_image_that_does_not_fit_is_want_of_memory(subject: Callable[..., Subject]) -> None:
    with stand_in(Card(memory=CONTEXT + 1000)), pytest.raises(torch.OutOfMemoryError):
        throughput(subject(batch=4), Clock(2, "cuda"))


def test_images_are_drawn_on_the_gpu(cuda: StandIn, subject: Callable[..., Subject]) -> None:
    images = subject().images_of(64)
    assert ([], "cuda") == (cuda.copies, images.device.type)


def test_images_drawn_on_the_gpu_are_standard_normal_and_the_same_each_time(
    cuda: StandIn, subject: Callable[..., Subject]
) -> None:
    images, again = subject().images_of(4096).cpu(), subject().images_of(4096).cpu()
    assert images.equal(again)
    assert [0, 1] == pytest.approx([images.mean().item(), images.std().item()], abs=0.02)


def test_images_drawn_on_the_gpu_have_the_memory_format_and_the_format_of_the_weights(
    cuda: StandIn, subject: Callable[..., Subject]
) -> None:
    images = subject(memory_format="channels_last", precision="bf16_weights").images_of(1)
    assert ((16, 1, 4, 1), torch.bfloat16) == (images.stride(), images.dtype)


def refusing(cuda: StandIn, error: Exception, batch: int) -> None:
    """Have the card answer with an error to the images of such a batch and of larger ones."""
    cuda.refusing = lambda gpu, size: error if size >= batch * 16 * 4 else None


LIBRARIES = [
    "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
    "GET was unable to find an engine to execute this computation",
    "input tensor must fit into 32-bit index math",
]


@pytest.mark.parametrize("words", LIBRARIES)
def test_any_error_of_a_larger_batch_ends_the_search_with_its_words(
    cuda: StandIn, subject: Callable[..., Subject], words: str
) -> None:
    paced(cuda, SLOW)
    refusing(cuda, RuntimeError(words), 256)
    found = throughput(subject(batch=BEST), Clock(400, "cuda"))
    assert (128, [1, 128]) == (found.details["best_batch"], [found.details["search"][i]["batch"] for i in (0, -1)])
    assert words in found.details["search_ended"]


def test_an_error_of_a_single_image_is_raised(cuda: StandIn, subject: Callable[..., Subject]) -> None:
    refusing(cuda, RuntimeError("cuDNN error"), 1)
    with pytest.raises(RuntimeError, match="cuDNN error"):
        throughput(subject(batch=BEST), Clock(400, "cuda"))


def test_an_error_that_has_ended_the_context_is_raised(
    cuda: StandIn, subject: Callable[..., Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = RuntimeError("CUDA error: an illegal memory access was encountered")
    waits = torch.cuda.synchronize

    def refuse(gpu: int, size: int) -> Exception | None:
        if size < 256 * 16 * 4:
            return None
        monkeypatch.setattr(torch.cuda, "synchronize", lambda device=None: (_ for _ in ()).throw(dead))
        return dead

    paced(cuda, SLOW)
    cuda.refusing = refuse
    with pytest.raises(RuntimeError, match="illegal memory access"):
        throughput(subject(batch=BEST), Clock(400, "cuda"))
    monkeypatch.setattr(torch.cuda, "synchronize", waits)


def test_a_compiled_best_batch_is_searched_for_uncompiled_and_then_compiled(
    cuda: StandIn, subject: Callable[..., Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[int] = []

    def compile_slowly(model: nn.Module, device: str, folder: str) -> nn.Module:
        def first(module: nn.Module, arguments: tuple[torch.Tensor]) -> None:
            if len(arguments[0]) not in compiled:
                compiled.append(len(arguments[0]))
                cuda.time.sleep(1000)

        whole = nn.Sequential(model)
        whole.register_forward_pre_hook(first)
        return whole

    monkeypatch.setattr("bench.network.subject.require_compiler", lambda device: None)
    monkeypatch.setattr("bench.network.subject.compile_cold", compile_slowly)
    paced(cuda, SLOW)
    details = throughput(subject(batch=BEST, execution="compiled"), Clock(400, "cuda")).details
    assert ([details["best_batch"]], "eager") == (compiled, details["searched"])
    assert details["first_call"] >= 1000


def test_a_graph_s_forward_pass_is_launched_as_one(cuda: StandIn, subject: Callable[..., Subject]) -> None:
    paced(cuda, LAUNCH_BOUND)
    found = latency(subject(execution="graphs"), Clock(2, "cuda"))
    assert 0.02 + PASS * 0.001 == pytest.approx(sorted(found.values)[0])


def test_a_graph_s_recording_is_a_part_of_the_first_call(cuda: StandIn, subject: Callable[..., Subject]) -> None:
    paced(cuda, LAUNCH_BOUND)
    found = latency(subject(execution="graphs"), Clock(2, "cuda"))
    assert found.details["first_call"] >= 3 * PASS * 0.02
    assert found.warmup[0] == found.details["first_call"]


def test_a_graph_of_a_training_step_has_no_parts(cuda: StandIn, subject: Callable[..., Subject]) -> None:
    found = train_step(subject(mode="train", execution="graphs"), Clock(2, "cuda"))
    assert "parts" not in found.details
    assert len(cuda.named("CUDAGraph.replay")) > len(found.values)


def test_a_graph_of_a_training_step_with_scaled_losses_is_unsupported(
    cuda: StandIn, subject: Callable[..., Subject]
) -> None:
    with pytest.raises(Unsupported, match="the host reads whether gradients overflowed"):
        train_step(subject(mode="train", execution="graphs", precision="fp16"), Clock(2, "cuda"))


def test_a_network_that_reads_a_value_is_no_graph(cuda: StandIn, subject: Callable[..., Subject]) -> None:
    with pytest.raises(Unsupported, match="not permitted when stream is capturing"):
        latency(subject("reads", execution="graphs"), Clock(2, "cuda"))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is seen")
def test_half_precision_trains_on_cuda(subject: Callable[..., Subject]) -> None:
    timed = train_step(subject(mode="train", precision="fp16"), Clock(20, "cuda"))
    assert {"parts", "loss_scaling"} <= set(timed.details)

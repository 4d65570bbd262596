"""What the stand-in cannot decide: whether torch and a real GPU do as the measures expect."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import torch

from bench.cell import BEST, Cell, Cost
from bench.clock import Clock
from bench.declare.artifact import Shelf
from bench.declare.catalog import load_catalogs
from bench.measures.timing import forward, latency, step, throughput, train_step
from bench.network.subject import Subject

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is seen"),
]


@pytest.fixture
def subject(tmp_path: Path) -> Callable[..., Subject]:
    """Makes subjects of a network on the GPU."""
    load_catalogs(["suites"])

    def make(name: str = "resnet18", mode: str = "infer", **conditions: Any) -> Subject:
        usual = {"resolution": 224, "device": "cuda", **conditions}
        return Subject(Cell(name, "m", Cost(mode=mode, **usual)), Shelf(tmp_path), lambda _: None)  # type: ignore[arg-type]

    return make


def test_a_graph_answers_as_the_network_does(subject: Callable[..., Subject]) -> None:
    made = subject(execution="graphs")
    scores = forward(made)()
    with torch.inference_mode():
        expected = made.model(made.images)
    assert isinstance(scores, torch.Tensor)
    torch.testing.assert_close(scores, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_graph_of_a_training_step_changes_the_weights_at_each_replay(
    subject: Callable[..., Subject], precision: str
) -> None:
    made = subject(mode="train", batch=4, execution="graphs", precision=precision)
    call = step(made)
    call()
    before = [parameter.clone() for parameter in made.model.parameters()]
    call()
    torch.cuda.synchronize()
    assert not any(a.equal(b) for a, b in zip(before, made.model.parameters(), strict=True))


def test_a_graph_of_a_small_batch_takes_no_longer_than_the_network(subject: Callable[..., Subject]) -> None:
    eager, graph = (latency(subject(execution=name), Clock(2, "cuda")).values for name in ("eager", "graphs"))
    assert median(graph) <= 1.05 * median(eager)


def test_the_device_takes_no_longer_than_the_host_waits(subject: Callable[..., Subject]) -> None:
    found = train_step(subject(mode="train", batch=4), Clock(4, "cuda"))
    assert found.details["device_time"] <= 1.05 * median(found.values)


def test_launching_binds_the_smallest_network_at_one_image(subject: Callable[..., Subject]) -> None:
    assert "launching" == latency(subject("lenet5", resolution=32), Clock(2, "cuda")).details["bound_by"]


def test_weights_that_are_cast_once_compute_in_16_bits(subject: Callable[..., Subject]) -> None:
    made = subject(precision="fp16_weights", memory_format="channels_last")
    scores = forward(made)()
    assert isinstance(scores, torch.Tensor)
    assert (torch.float16, True) == (scores.dtype, bool(scores.isfinite().all()))


def test_digits_go_beyond_a_thousand_images(subject: Callable[..., Subject]) -> None:
    found = throughput(subject("lenet5", resolution=32, batch=BEST), Clock(10, "cuda"))
    assert found.details["best_batch"] > 1024

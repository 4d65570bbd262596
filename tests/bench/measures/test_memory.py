"""The peak of memory, as measured."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import suites.architectures  # noqa: F401  (declares)
from bench.cell import Cell, Cost, Mode, Samples
from bench.clock import Clock
from bench.declare.artifact import Shelf
from bench.errors import Unsupported
from bench.execute.jobs import Measure
from bench.execute.local.executor import LocalExecutor
from bench.execute.outcome import Outcome
from bench.execute.underway import finish
from bench.measures import memory
from bench.measures.memory import peak_memory
from bench.network.subject import Subject
from tests.standin.cuda import CONTEXT, StandIn

ALEXNET = 4 * 61100840
"""Bytes of its weights."""
WORKSPACE = 32 << 20


def measured(name: str, **conditions: Any) -> Samples:
    cost = Cost(**{"mode": "infer", "resolution": 224, "batch": 1, **conditions})
    return peak_memory(
        Subject(Cell(name, "m", cost), Shelf(Path("unused")), lambda _: None), Clock(0, cost.device)
    )


def on_cuda(mode: Mode = "infer", batch: int = 1) -> Samples:
    """Of a network of two layers, on a GPU that is made up."""
    cell = Cell("lenet5", "m", Cost(mode=mode, resolution=32, batch=batch, device="cuda"))
    subject = Subject(cell, Shelf(Path("unused")), lambda _: None)
    torch.cuda.set_device(0)
    subject.model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(1024, 10)).to("cuda")
    return peak_memory(subject, Clock(0, "cuda"))


@pytest.fixture
def cublas(cuda: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A GPU of which cuBLAS keeps 32 MiB from the first product on."""
    kept: list[torch.Tensor] = []
    product = torch.nn.functional.linear

    def linear(*arguments: Any) -> torch.Tensor:
        if not kept:
            kept.append(torch.empty(WORKSPACE, dtype=torch.uint8, device="cuda"))
        return product(*arguments)

    monkeypatch.setattr(torch.nn.functional, "linear", linear)
    monkeypatch.setattr(torch._C, "_cuda_clearCublasWorkspaces", kept.clear, raising=False)
    return cuda


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from Linux's /proc")


@pytest.fixture(scope="module")
def alone() -> Iterator[Callable[..., Outcome]]:
    """Measures in a process of its own: here, what earlier tests have freed would take up what is measured."""
    executor = LocalExecutor()

    def measure(mode: Mode, batch: int) -> Outcome:
        where = Cost(mode=mode, resolution=224, batch=batch, threads=1)
        return finish(executor, Measure(Cell("alexnet", "peak_memory", where), 1.0), 120.0)

    yield measure
    executor.close()


@on_linux
def test_the_peak_holds_the_weights(alone: Callable[..., Outcome]) -> None:
    outcome = alone("infer", 1)
    assert ALEXNET == outcome.details["weights"]
    assert outcome.values[0] > ALEXNET


@on_linux
def test_the_peak_of_training_holds_gradients_and_momentum_too(alone: Callable[..., Outcome]) -> None:
    assert alone("train", 2).values[0] > 3 * ALEXNET


def test_a_system_without_a_peak_that_can_be_reset_is_unsupported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory, "_RESET", tmp_path / "no" / "such")
    with pytest.raises(Unsupported, match="the peak of a process needs Linux's"):
        measured("lenet5", resolution=32)


def test_on_cuda_a_process_that_nvml_cannot_see_is_a_detail_with_the_reason(cublas: StandIn) -> None:
    cublas.cards[0].lists_own = False
    found = on_cuda().details
    assert found["device_process"] is None
    assert "NVML lists no process of this id, as in a container" in found["device_process_reason"]


def test_on_cuda_what_the_process_holds_has_the_context_and_what_torch_reserved(cublas: StandIn) -> None:
    found = on_cuda().details
    assert CONTEXT + found["reserved"] == found["device_process"]


def test_on_cuda_what_cublas_keeps_is_a_part_of_the_peak(cublas: StandIn) -> None:
    samples = on_cuda()
    assert WORKSPACE == samples.details["workspaces"]
    rest = samples.values[0] - WORKSPACE - samples.details["weights"]
    assert 0 < rest < 100_000


def test_on_cuda_the_device_s_own_account_is_there_in_a_container_too(cublas: StandIn) -> None:
    cublas.cards[0].lists_own = False
    assert WORKSPACE <= on_cuda().details["device_growth"] < 2 * WORKSPACE


def test_on_cuda_a_batch_that_does_not_fit_is_halved(cublas: StandIn) -> None:
    def refuse(gpu: int, size: int) -> Exception | None:
        return torch.OutOfMemoryError("CUDA out of memory.") if size == 4 * 64 * 1024 else None

    cublas.refusing = refuse
    found = on_cuda("train", batch=64).details
    assert (32, 64) == (found["batch"], found["halved_from"])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is seen")
def test_on_cuda_what_is_allocated_is_no_more_than_what_is_reserved() -> None:
    samples = measured("resnet18", device="cuda")
    assert samples.details["weights"] < samples.values[0] <= samples.details["reserved"]

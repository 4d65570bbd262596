"""The peak of memory, as measured."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import suites.architectures  # noqa: F401  (declares)
from bench.cell import Cell, Cost, Mode, Samples
from bench.clock import Clock
from bench.declare.artifact import Shelf
from bench.errors import Unsupported
from bench.execute.jobs import Measure
from bench.execute.local import LocalExecutor
from bench.execute.outcome import Outcome
from bench.measures import memory
from bench.measures.memory import peak_memory
from bench.network.subject import Subject

ALEXNET = 4 * 61100840
"""Bytes of its weights."""


def measured(name: str, **conditions: Any) -> Samples:
    cost = Cost(**{"mode": "infer", "resolution": 224, "batch": 1, **conditions})
    return peak_memory(
        Subject(Cell(name, "m", cost), Shelf(Path("unused")), lambda _: None), Clock(0, cost.device)
    )


def cuda_allocating(monkeypatch: pytest.MonkeyPatch, allocated: int, reserved: int) -> Samples:
    """What is measured where torch's allocator tells these bytes; the model stays on the CPU."""
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda device: None)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: allocated)
    monkeypatch.setattr(torch.cuda, "max_memory_reserved", lambda device: reserved)
    cell = Cell("lenet5", "m", Cost(mode="infer", resolution=32, device="cuda"))
    subject = Subject(cell, Shelf(Path("unused")), lambda _: None)
    subject.model, subject.images = torch.nn.Flatten(), torch.zeros(1, 1)
    return peak_memory(subject, Clock(0))


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from Linux's /proc")


@pytest.fixture(scope="module")
def alone() -> Iterator[Callable[..., Outcome]]:
    """Measures in a process of its own: here, what earlier tests have freed would take up what is measured."""
    executor = LocalExecutor()

    def measure(mode: Mode, batch: int) -> Outcome:
        where = Cost(mode=mode, resolution=224, batch=batch, threads=1)
        return executor.submit(Measure(Cell("alexnet", "peak_memory", where), 1.0), 120.0, lambda _: None)

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


def test_on_cuda_a_process_that_nvml_cannot_see_is_a_detail_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(device: str) -> str:
        raise Unsupported("why not")

    monkeypatch.setattr(memory, "uuid_of", refuse)
    found = cuda_allocating(monkeypatch, 5, 9).details
    assert (None, "why not") == (found["device_process"], found["device_process_reason"])


def test_on_cuda_the_peak_is_what_torch_allocated_and_what_it_reserved_is_a_detail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "uuid_of", lambda device: "GPU-1")
    monkeypatch.setattr(memory, "Gpu", lambda uuid: SimpleNamespace(bytes_of=lambda pid: 12))
    samples = cuda_allocating(monkeypatch, 5, 9)
    assert (5.0, 9, 12) == (samples.values[0], samples.details["reserved"], samples.details["device_process"])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is seen")
def test_on_cuda_what_is_allocated_is_no_more_than_what_is_reserved() -> None:
    samples = measured("resnet18", device="cuda")
    assert samples.details["weights"] < samples.values[0] <= samples.details["reserved"]

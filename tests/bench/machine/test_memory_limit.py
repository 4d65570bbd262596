"""A limit on what a cell may take of a GPU's memory; that of a CPU is tested where processes are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from bench.machine.memory_limit import at_memory_limit, lift_memory_limit, limit_memory

MB = 10**6


class Allocator:
    """torch's allocator of one GPU of 1000 MB."""

    def __init__(self) -> None:
        self.fraction = 1.0
        self.reserved = 0

    def set_fraction(self, fraction: float, device: str) -> None:
        if not 0 <= fraction <= 1:
            raise ValueError(f"Invalid fraction value: {fraction}")
        self.fraction = fraction


@pytest.fixture
def allocator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Allocator]:
    allocator = Allocator()
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: allocator.reserved)
    monkeypatch.setattr(torch.cuda, "max_memory_reserved", lambda device: allocator.reserved)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (900 * MB, 1000 * MB))
    monkeypatch.setattr(torch.cuda, "get_per_process_memory_fraction", lambda device: allocator.fraction)
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", allocator.set_fraction)
    yield allocator
    lift_memory_limit()


def test_a_limit_on_cuda_is_a_share_of_the_device_s_memory(allocator: Allocator) -> None:
    limit_memory(400 * MB, "cuda:1", 1)
    assert 0.4 == allocator.fraction


def test_what_the_allocator_holds_already_is_not_counted(allocator: Allocator) -> None:
    allocator.reserved = 50 * MB
    limit_memory(400 * MB, "cuda", 1)
    assert 0.45 == allocator.fraction


def test_a_limit_above_the_device_s_memory_is_all_of_it(allocator: Allocator) -> None:
    limit_memory(5000 * MB, "cuda", 1)
    assert 1.0 == allocator.fraction


def test_a_lower_limit_that_was_there_before_stays(allocator: Allocator) -> None:
    allocator.fraction = 0.25
    limit_memory(400 * MB, "cuda", 1)
    assert 0.25 == allocator.fraction


def test_a_limit_that_is_lifted_gives_back_what_was_allowed_before(allocator: Allocator) -> None:
    allocator.fraction = 0.75
    limit_memory(400 * MB, "cuda", 1)
    lift_memory_limit()
    assert 0.75 == allocator.fraction


def test_a_limit_on_cuda_is_none_on_the_process_s_own_memory(allocator: Allocator) -> None:
    assert limit_memory(400 * MB, "cuda", 1) is None


@pytest.mark.parametrize(("taken", "reached"), [(350, False), (370, True)])
def test_nearly_all_of_the_limit_is_the_limit(allocator: Allocator, taken: int, reached: bool) -> None:
    limit_memory(400 * MB, "cuda", 1)
    allocator.reserved = taken * MB
    assert reached == at_memory_limit()


def test_a_device_that_answers_no_more_can_be_left(allocator: Allocator, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(fraction: float, device: str) -> None:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    limit_memory(400 * MB, "cuda", 1)
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", fail)
    lift_memory_limit()
    assert not at_memory_limit()

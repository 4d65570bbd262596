"""The roofline, on a clock that the test sets: no test waits, none depends on the machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import torch
from torch import nn

from bench.cell import Cell, Cost, Samples
from bench.clock import Clock
from bench.declare.artifact import Shelf
from bench.declare.catalog import architecture
from bench.errors import Unsupported
from bench.measures import roofline as module
from bench.measures.counts import counted
from bench.measures.roofline import (
    HostLimits,
    PassWork,
    copy_probe,
    matmul_probe,
    products,
    roofline,
    sides,
    work_of,
)
from bench.network.subject import Subject
from tests.standin.card import Card
from tests.standin.cuda import StandIn, stand_in

HOST = HostLimits(matmul_rate=1000.0, copy_bandwidth=100.0)
ONE = Cost(mode="infer", resolution=8, batch=3)
PROBED = (0, 0.02, 0, 0.03, 0, 0.02)
"""A call to warm up and one that is long enough: of the product in two ways, of the copy."""
MACS, ACTIVATIONS, WEIGHTS, PICTURE = 5000, 40, 3 * 8 * 8 * 10 + 10, 3 * 8 * 8


class Scripted:
    """A clock on which each call takes the next of the given seconds, the last for ever, and no time is left."""

    def __init__(self, *seconds: float) -> None:
        self._seconds = list(seconds)

    def once(self, call: Callable[[], object]) -> float:
        call()
        return self._seconds.pop(0) if len(self._seconds) > 1 else self._seconds[0]

    def left(self) -> float:
        return -1.0


class WithHead(nn.Sequential):
    """A linear layer, and a head that only training runs."""

    def __init__(self, classes: int) -> None:
        super().__init__(nn.Flatten(), nn.Linear(PICTURE, classes))

    def forward(self, images: Any) -> Any:
        return self[1](self[0](images))


@pytest.fixture
def subject(no_declarations: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Subject]:
    """Makes subjects of a small declared network whose count is known; the probes begin small."""
    monkeypatch.setattr(module, "LEAST_BUFFER", 1 << 12)
    monkeypatch.setattr(module, "last_level_cache", lambda _: 0)
    monkeypatch.setattr(module, "TRIES", 1)
    monkeypatch.setattr("bench.network.subject.CLASSES", 10)

    def tiny(num_classes: int) -> nn.Module:
        model = WithHead(num_classes)
        model.add_module("aux", nn.Linear(7, 7))
        return model

    architecture(family="F", year=2026, paper="none", auxiliary=("aux",))(tiny)

    def make(scenario: Cost = ONE) -> Subject:
        cell, shelf = Cell("tiny", "roofline", scenario), Shelf(tmp_path)
        (artifact,) = counted(cell)
        if not shelf.holds(artifact):
            with shelf.writing(artifact) as draft:
                draft.write_text(json.dumps({"total": MACS, "activations": ACTIVATIONS, "incomplete": []}))
        return Subject(cell, shelf, lambda _: None)

    return make


def measured(subject: Subject, *seconds: float) -> Samples:
    clock: Any = Scripted(*seconds)
    return roofline(subject, clock)


def test_arithmetic_is_the_limit_above_the_ridge() -> None:
    work = PassWork(macs=100, bytes=10)
    assert ("compute", 0.2) == (HOST.limit(work), HOST.attainable(work))


def test_memory_is_the_limit_under_the_ridge() -> None:
    work = PassWork(macs=10, bytes=10)
    assert ("memory", 0.1) == (HOST.limit(work), HOST.attainable(work))


def test_the_ridge_is_where_both_limits_take_equally_long() -> None:
    work = PassWork(macs=50, bytes=10)
    assert HOST.ridge == work.intensity
    assert 2 * work.macs / HOST.matmul_rate == work.bytes / HOST.copy_bandwidth


def test_the_least_traffic_is_weights_pictures_and_each_output_twice(subject: Callable[..., Subject]) -> None:
    expected = PassWork(3 * MACS, 4 * (WEIGHTS + 3 * PICTURE + 2 * 3 * ACTIVATIONS))
    assert expected == work_of(subject())


def test_half_the_width_is_half_the_traffic(subject: Callable[..., Subject]) -> None:
    half = work_of(subject(Cost(mode="infer", resolution=8, batch=3, precision="bf16")))
    assert work_of(subject()).bytes == 2 * half.bytes


def test_the_share_is_attainable_over_measured_time(subject: Callable[..., Subject]) -> None:
    # two passes and two calls of each probe to warm up, then passes of 2, 4 and 4 s, each with both probes
    series = (1, 1, *PROBED, 2, 0.02, 0.02, 4, 0.02, 0.02, 4, 0.02, 0.02)
    samples = measured(subject(), *series)
    attainable = samples.details["attainable"]
    assert (attainable / 2, attainable / 4, attainable / 4) == samples.values
    assert 4 == samples.details["forward"]


def test_the_hosts_rates_are_the_medians_of_the_rounds(subject: Callable[..., Subject]) -> None:
    series = (1, 1, *PROBED, 1, 0.05, 0.1, 1, 0.01, 0.2, 1, 0.04, 0.4)
    details = measured(subject(), *series).details
    assert 2 * 256**3 / 0.04 == details["matmul_rate"]
    assert 2 * (1 << 12) / 0.2 == details["copy_bandwidth"]


def test_the_calls_that_warm_up_are_kept_apart(subject: Callable[..., Subject]) -> None:
    samples = measured(subject(), 9, 1, 0.02)
    assert [1 / 9, 1] == [value / samples.warmup[1] for value in samples.warmup]


def test_training_has_no_roofline(subject: Callable[..., Subject]) -> None:
    with pytest.raises(Unsupported, match="mode infer"):
        measured(subject(Cost(mode="train", resolution=8)), 1)


def test_matrices_grow_until_their_product_takes_long_enough(subject: Callable[..., Subject]) -> None:
    clock: Any = Scripted(*(0, 0.001) * 2, *(0, 0.004) * 2, *(0, 0.012) * 2)
    assert 2 * 384.0**3 == matmul_probe(subject(), clock).amount


def test_the_faster_way_of_making_the_product_is_the_hosts(subject: Callable[..., Subject]) -> None:
    clock: Any = Scripted(0, 0.03, 0, 0.02)
    assert "1x1 convolution" == matmul_probe(subject(), clock).way


def test_both_ways_make_the_same_product() -> None:
    ways = products(64, torch.float64, "cpu")
    made = ways["1x1 convolution"]().reshape(64, 64).t()
    assert torch.allclose(ways["matmul"](), made)


def test_one_slow_call_does_not_end_the_search(
    subject: Callable[..., Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TRIES", 3)
    clock: Any = Scripted(*(0, 0.001, 5, 0.001) * 2, *(0, 5, 0.02, 5) * 2)
    assert 2 * 320.0**3 == matmul_probe(subject(), clock).amount


def test_the_buffer_doubles_until_copying_it_takes_long_enough(subject: Callable[..., Subject]) -> None:
    clock: Any = Scripted(0, 0.001, 0, 0.012)
    assert 2 * (1 << 13) == copy_probe(subject(), clock).amount


def test_the_buffer_stops_growing_on_a_device_that_is_always_faster(
    subject: Callable[..., Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BUFFER", 1 << 14)
    clock: Any = Scripted(0)
    assert 2 * (1 << 14) == copy_probe(subject(), clock).amount


def test_the_buffer_begins_beyond_the_last_level_cache(
    subject: Callable[..., Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "last_level_cache", lambda _: 1 << 14)
    clock: Any = Scripted(1)
    assert 2 * 4 * (1 << 14) == copy_probe(subject(), clock).amount


def test_the_largest_cache_that_the_system_names_is_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index, size in enumerate(("48K", "1024K", "32768K")):
        (tmp_path / f"index{index}").mkdir()
        (tmp_path / f"index{index}" / "size").write_text(f"{size}\n")
    monkeypatch.setattr(module, "_CACHES", tmp_path)
    assert 32 << 20 == module.last_level_cache("cpu")


def test_a_cache_that_the_system_does_not_name_is_assumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CACHES", tmp_path)
    assert module.ASSUMED_CACHE == module.last_level_cache("cpu")


def test_each_size_of_matrix_is_about_twice_the_work_of_the_one_before() -> None:
    sizes = list(sides())
    ratios = [(b / a) ** 3 for a, b in pairwise(sizes)]
    assert (256, 16384) == (sizes[0], sizes[-1])
    assert 1.7 < min(ratios) <= max(ratios) < 2.4


def on_a_gpu(subject: Callable[..., Subject], launching: float, cuda: StandIn, **conditions: Any) -> Samples:
    """The roofline of a pass whose kernels run for 0.01 ms each, and those of probes long enough."""
    cuda.launching = launching
    cuda.running = lambda name, elements: 0.02 if name in ("mm", "conv2d", "copy_") else 1e-5
    torch.cuda.set_device(0)
    where = replace(ONE, device="cuda", **conditions)
    return roofline(subject(where), Clock(0.1, "cuda"))


@pytest.mark.parametrize(("launching", "limit"), [(1e-6, "memory"), (1e-4, "launching")])
def test_on_cuda_launching_is_the_limit_where_the_device_waits_for_it(
    subject: Callable[..., Subject], cuda: StandIn, launching: float, limit: str
) -> None:
    assert limit == on_a_gpu(subject, launching, cuda).details["limit"]


def test_on_cuda_the_share_is_that_of_the_device_s_roof_whatever_the_limit(
    subject: Callable[..., Subject], cuda: StandIn
) -> None:
    details = (samples := on_a_gpu(subject, 1e-4, cuda)).details
    roof = HostLimits(details["matmul_rate"], details["copy_bandwidth"])
    assert roof.attainable(PassWork(details["macs"], details["bytes"])) == details["attainable"]
    assert details["attainable"] / details["forward"] == pytest.approx(median(samples.values))


def test_on_cuda_the_time_of_the_device_stands_beside_that_of_the_host(
    subject: Callable[..., Subject], cuda: StandIn
) -> None:
    details = on_a_gpu(subject, 1e-4, cuda).details
    assert details["device_time"] < details["forward"]
    assert 0.5 < details["launching"] < 1


def test_on_a_cpu_nothing_is_told_of_launching(subject: Callable[..., Subject]) -> None:
    assert {"device_time", "launching"}.isdisjoint(measured(subject(), 1).details)


def test_on_cuda_a_batch_that_does_not_fit_is_halved(subject: Callable[..., Subject], cuda: StandIn) -> None:
    def refuse(gpu: int, size: int) -> Exception | None:
        return torch.OutOfMemoryError("CUDA out of memory.") if size == 4 * 64 * PICTURE else None

    cuda.refusing = refuse
    details = on_a_gpu(subject, 1e-6, cuda, batch=64).details
    assert (32, 64, 32 * MACS) == (details["batch"], details["halved_from"], details["macs"])


def test_probes_leave_three_quarters_of_a_small_gpu_s_memory(
    subject: Callable[..., Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST_BUFFER", 1 << 26)
    with stand_in(Card(memory=8 << 30, l2=4 << 20), lies_on="meta") as cuda:
        torch.cuda.set_device(0)
        held: list[int] = []
        cuda.refusing = lambda gpu, size: held.append(torch.cuda.memory_allocated() + size)
        where = subject(replace(ONE, device="cuda"))
        clock: Any = Scripted(0)  # a device that is always faster than would end the search
        copied = copy_probe(where, clock).amount / 2
        multiplied = matmul_probe(where, clock).amount
    assert 0.4 * (8 << 30) > max(held)
    assert (1 << 29, True) == (copied, multiplied > 2 * 4096.0**3)


def test_probes_of_a_large_gpu_end_at_the_largest_sizes(
    subject: Callable[..., Subject],
) -> None:
    with stand_in(Card(memory=80 << 30), lies_on="meta"):
        where = subject(replace(ONE, device="cuda"))
        clock: Any = Scripted(0)
        found = copy_probe(where, clock).amount, matmul_probe(where, clock).amount
    assert (2.0 * module.MOST_BUFFER, 2 * 16384.0**3) == found

"""What a host does a second, by a clock whose calls take what the test says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.clock import MINIMUM, Clock
from bench.machine import rates
from bench.machine.rates import CALLS, ELEMENTS, ESTIMATE, PRODUCTS, DeviceRate, Rates, measured_rates, rate_of


class Told(Clock):
    """Makes no call: each takes what is told for its kind."""

    def __init__(self, **seconds: float) -> None:
        super().__init__(0.0)
        self.told = seconds
        self.made: list[str] = []

    def once(self, call: Callable[[], object]) -> float:
        kind = call.__qualname__.partition(".")[0].strip("_")
        self.made.append(kind)
        return self.told[kind]


def told() -> Told:
    return Told(small=0.004, convolution=0.012, normalisation=0.013, normalising=0.013)


def test_an_operator_takes_its_share_of_calls_on_a_small_map() -> None:
    assert pytest.approx(0.004 / (1 + CALLS)) == rate_of(told(), "cpu").operator


def test_products_are_those_of_a_convolution_without_its_calls() -> None:
    assert pytest.approx(PRODUCTS / 0.010) == rate_of(told(), "cpu").products


def test_elements_are_those_of_a_normalised_map_without_its_calls() -> None:
    assert pytest.approx(ELEMENTS / 0.010) == rate_of(told(), "cpu").elements


def test_work_that_takes_less_than_its_calls_still_has_a_rate() -> None:
    fast = Told(small=0.004, convolution=0.001, normalising=0.001)
    rate = rate_of(fast, "cpu")
    assert pytest.approx(PRODUCTS / 0.001) == rate.products
    assert pytest.approx(ELEMENTS / 0.001) == rate.elements


@pytest.mark.parametrize(("seconds", "calls"), [(1 / 64, 8), (10.0, MINIMUM)])
def test_calls_are_made_for_an_eighth_of_a_second(seconds: float, calls: int) -> None:
    clock = Told(small=seconds, convolution=seconds, normalising=seconds)
    rate_of(clock, "cpu")
    assert {1 + calls} == {clock.made.count(kind) for kind in ("small", "convolution", "normalising")}


def test_a_host_is_measured_with_all_threads_and_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pinned: list[int] = []
    monkeypatch.setattr(rates, "keep_freed_memory", lambda: True)
    monkeypatch.setattr(rates, "pin_threads", pinned.append)
    found = Rates.from_dict(measured_rates(16, "", lambda _: told()))
    assert ([1, 16], 16, None) == (pinned, found.threads, found.gpu)


def test_the_first_result_of_a_gpu_is_the_start_of_a_process_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "pin_threads", lambda _: None)
    monkeypatch.setattr(rates, "keep_freed_memory", lambda: True)
    monkeypatch.setattr(rates, "rate_of", lambda clock, device: ESTIMATE.core)
    first = Told(measured_rates=3.5)
    assert 3.5 == measured_rates(2, "cuda:0", lambda _: first)["gpu_process"]


@pytest.mark.parametrize("gpu", [None, ESTIMATE.gpu])
def test_rates_are_read_back_as_they_were_written(gpu: DeviceRate | None) -> None:
    known = Rates(threads=2, cpu=ESTIMATE.cpu, core=ESTIMATE.core, process=0.05, gpu=gpu)
    assert known == Rates.from_dict(known.to_dict())

"""Seconds of passes, against numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.cell import Cost
from bench.machine.rates import DeviceRate, Rates
from bench.run.model.networks import Networks, PictureWork
from bench.run.model.passes import Passes, forward, rate_for, step

WORK = PictureWork(macs=1e9, elements=1e6, parameters=6e6, operators=100)
RATE = DeviceRate(products=1e10, elements=1e8, operator=1e-4)
ALL = DeviceRate(products=4e10, elements=2e8, operator=1e-4)
RATES = Rates(threads=4, cpu=ALL, core=RATE, process=0.1)
HERE = Cost(mode="infer", resolution=100)


def passes() -> Passes:
    figures = {"macs": {("net", 100): 1e9}, "activations": {("net", 100): 1e6}, "parameters": {("net", 100): 6e6}}
    return Passes(RATES, Networks.of(figures, [("net", 100)]))


def test_a_forward_pass_computes_moves_reads_its_parameters_and_calls_its_operators() -> None:
    # 2 images: 0.2 s of products and 0.02 s of elements; 6e6 / 6 elements of parameters; 100 calls
    assert pytest.approx(0.2 + 0.02 + 0.01 + 0.01) == forward(WORK, 2, RATE)


def test_a_gpu_computes_while_operators_are_launched() -> None:
    slow = replace(RATE, operator=1.0)
    assert pytest.approx(100.0) == forward(WORK, 2, slow, "cuda")
    assert pytest.approx(0.2 + 0.02 + 0.01) == forward(WORK, 2, RATE, "cuda")


def test_a_training_step_is_a_forward_pass_one_backward_and_an_update() -> None:
    # backward, of 2 images: twice the products, four times the elements, twice the calls; 2 elements a parameter
    assert pytest.approx(0.24 + 0.4 + 0.08 + 0.02 + 0.12) == step(WORK, 2, RATE)


def test_where_a_part_learns_the_backward_pass_is_that_part() -> None:
    assert pytest.approx(0.24 + (0.4 + 0.08 + 0.02 + 0.12) / 2) == step(WORK, 2, RATE, learning=0.5)


@pytest.mark.parametrize(("threads", "products"), [(1, 1e10), (2, 2e10), (4, 4e10), (8, 4e10)])
def test_threads_between_one_and_all_have_their_part_of_the_rate(threads: int, products: float) -> None:
    assert pytest.approx(products) == rate_for(RATES, "cpu", threads).products


def test_a_scenario_is_computed_with_its_own_threads_and_batch() -> None:
    assert pytest.approx(forward(WORK, 8, ALL)) == passes().of("net", replace(HERE, batch=8, threads=4))


def test_a_pass_that_was_measured_sets_the_pace_of_its_network() -> None:
    known = passes()
    known.note("net", HERE, 3 * forward(WORK, 1, RATE))
    assert pytest.approx(3 * forward(WORK, 4, RATE)) == known.of("net", replace(HERE, batch=4))
    assert pytest.approx(3 * step(WORK, 1, RATE)) == known.of("net", replace(HERE, mode="train"))


def test_the_pace_of_all_networks_is_that_of_one_that_has_not_run() -> None:
    known = passes()
    before = known.of("other", HERE)
    known.note("net", HERE, 2 * forward(WORK, 1, RATE))
    assert pytest.approx(2 * before) == known.of("other", HERE)


def test_other_threads_have_a_pace_of_their_own() -> None:
    known = passes()
    known.note("net", HERE, 3 * forward(WORK, 1, RATE))
    assert pytest.approx(forward(WORK, 1, ALL)) == known.of("net", replace(HERE, threads=4))

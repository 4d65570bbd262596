"""The work of a network: counted, else published, else by the size of its input."""

from __future__ import annotations

import pytest

from bench.declare.catalog import architecture
from bench.declare.declarations import Published
from bench.run.model.networks import ELEMENTS, MACS, OPERATORS, PARAMETERS, USUAL_SIDE, Networks


@pytest.fixture(autouse=True)
def declared(no_declarations: None) -> None:
    @architecture(
        family="F",
        year=2026,
        paper="none",
        resolution=100,
        published=[
            Published("macs", 3e9, "a table", "counted", resolution=200),
            Published("parameters", 5e6, "a table", "counted"),
        ],
    )
    def told(num_classes: int, *, width: int = 1) -> None: ...

    @architecture(family="F", year=2026, paper="none", resolution=32)
    def small(num_classes: int) -> None: ...


def test_what_was_counted_counts() -> None:
    known = Networks.of({"macs": {("told", 100): 7e8}, "activations": {("told", 100): 2e6}}, [("told", 60)])
    assert (7e8, 2e6, 60.0) == (
        (work := known.work("told", 100)).macs,
        work.elements,
        work.operators,
    )


def test_a_count_at_the_nearest_size_grows_with_the_pixels() -> None:
    known = Networks.of({"macs": {("told", 100): 7e8, ("told", 400): 9e9}})
    assert 4 * 7e8 == known.work("told", 200).macs


def test_parameters_do_not_grow_with_the_pixels() -> None:
    known = Networks.of({"parameters": {("told", 100): 4e6}})
    assert 4e6 == known.work("told", 200).parameters


def test_without_a_count_it_is_what_was_published_at_its_size() -> None:
    work = Networks().work("told", 100)
    assert (3e9 / 4, 5e6) == (work.macs, work.parameters)


def test_a_variant_is_taken_for_what_was_published_of_its_base() -> None:
    assert 3e9 / 4 == Networks().work("told:width=2", 100).macs


def test_of_what_nothing_is_known_the_size_of_the_input_tells() -> None:
    work = Networks().work("small", 64)
    assert MACS * 32**3 * 4 == work.macs
    assert (ELEMENTS * 64**2, PARAMETERS * 32**2, OPERATORS * 32) == (
        work.elements,
        work.parameters,
        work.operators,
    )


def test_a_network_that_is_not_declared_any_more_is_one_of_the_usual_size() -> None:
    assert pytest.approx(MACS * USUAL_SIDE**3) == Networks().work("gone", USUAL_SIDE).macs


def test_other_measures_tell_nothing_of_the_work() -> None:
    known = Networks()
    known.note("latency", "small", 32, 1.0)
    assert Networks().work("small", 32) == known.work("small", 32)

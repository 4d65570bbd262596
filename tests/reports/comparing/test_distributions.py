"""How values lie, in words and blocks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.comparing.distributions import blocks, is_told, lines
from tests.bench.compare.judgements import ERRATIC, FINE


@pytest.mark.parametrize(
    ("expected", "counts"),
    [("▁▄█", (1, 4, 8)), ("·█·", (0, 5, 0)), ("▁█", (1, 10_000)), ("··", (0, 0)), ("", ())],
)
def test_a_block_is_as_high_as_its_count_beside_the_largest(expected: str, counts: tuple[int, ...]) -> None:
    assert expected == blocks(counts)


def test_of_a_cell_whose_values_are_not_known_nothing_is_told() -> None:
    assert ((), False) == (lines(FINE), is_told(FINE))


def test_both_sides_with_two_modes_have_a_line_each() -> None:
    assert ERRATIC.spread is not None
    both = replace(ERRATIC, spread=replace(ERRATIC.spread, base=ERRATIC.spread.head))
    assert [
        "modes of base: 2.00 ms, and 3.50 ms of 30 % of the values",
        "modes of head: 2.00 ms, and 3.50 ms of 30 % of the values",
    ] == list(lines(both)[2:])

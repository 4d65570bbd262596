"""The verdict on a cell by its instructions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pytest

from bench.cell import Cell
from bench.compare.gate.counted import comparison, decide, note_on
from bench.declare.nature import Nature
from bench.execute.outcome import Outcome
from bench.gate.steps import ROLES, Trio, contrasts
from bench.statistics.sequential import SequentialRule
from tests.bench.gate.fakes import TIMED, declarations

RULE = SequentialRule(1)


@pytest.fixture(autouse=True)
def measures() -> Iterator[None]:
    """A measure of each kind is declared."""
    with declarations():
        yield


def trio(base: Sequence[int], head: Sequence[int], twin: Sequence[int] = ()) -> Trio:
    counts = dict(zip(ROLES, (base, head, twin or base), strict=True))
    outcomes = {role: Outcome("ok", details={"counts": list(found)}) for role, found in counts.items()}
    return Trio(outcomes, *contrasts({role: [math.log(n) for n in found] for role, found in counts.items()}))


@pytest.mark.parametrize(
    ("verdict", "ratio", "band"),
    [
        ("fine", 1.0, 0.0),
        ("fine", 1.0099, 0.0),
        ("regression", 1.0101, 0.0),
        ("fine", 0.991, 0.0),
        ("improvement", 0.98, 0.0),
        ("fine", 1.014, 0.005),  # three times what base differs from itself
        ("regression", 1.016, 0.005),
        ("undecided", 1.5, 0.011),  # nothing below 3.3 % can be told, and fine must exclude 3 %
    ],
)
def test_a_change_counts_beyond_one_percent_and_what_base_differs_from_itself(
    verdict: str, ratio: float, band: float
) -> None:
    assert verdict == decide(math.log(ratio), band, RULE)


def test_the_figures_are_instructions_a_step_and_say_so() -> None:
    item = comparison(TIMED, trio([1000, 1010], [1100, 1111]), RULE, "callgrind")
    assert ("regression", "instructions", Nature.COUNT) == (item.verdict, item.unit, item.nature)
    assert (1005.0, 1105.5, 1.1) == pytest.approx((item.base, item.head, item.ratio))
    assert "instructions of 5 steps by callgrind, not time" == item.note


def test_steps_that_differ_in_order_alone_are_compared_one_by_one() -> None:
    steps = [1000, 1100, 1050]  # what a step does may depend on how many came before
    assert 0.0 == comparison(TIMED, trio(steps, steps), RULE, "perf").band


def test_the_band_is_the_farthest_that_a_step_of_base_lies_from_its_twin() -> None:
    item = comparison(TIMED, trio([1000, 1000], [1000, 1000], [1000, 990]), RULE, "perf")
    assert 1 / 0.99 - 1 == pytest.approx(item.band)
    assert ("undecided", "instructions of 5 steps by perf, not time; base differs too much from its twin") == (
        item.verdict,
        item.note,
    )


def test_more_instructions_are_worse_of_a_rate_too() -> None:
    rate = Cell(TIMED.architecture, "gate_rate", TIMED.scenario)
    assert "regression" == comparison(rate, trio([1000], [1100]), RULE, "perf").verdict


def test_what_instructions_do_not_show_is_told() -> None:
    said = "2 cells decided by counting instructions with callgrind, not by time: cache misses, waiting, "
    assert note_on("2 cells", "callgrind").startswith(said)

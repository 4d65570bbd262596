"""The rates of the gate's rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.statistics.sequential import SequentialRule
from tests.perf.gate_rates import equal_sides, exact_interval, simulated

QUIET = [(0.001, -0.002), (0.002, 0.001), (-0.003, 0.004), (0.004, -0.001)]


def test_of_equal_sides_none_is_red_and_all_are_fine_after_the_early_look() -> None:
    found = simulated(QUIET, 0.0, SequentialRule(4), draws=20)
    assert (("fine",) * 20, SequentialRule(4).early) == (found.answers, found.pairs)


def test_a_slowdown_of_a_tenth_is_seen_at_the_first_look_for_it() -> None:
    found = simulated(QUIET, 0.1, SequentialRule(4), draws=20)
    assert (("regression",) * 20, SequentialRule(4).looks[1]) == (found.answers, found.pairs)


def test_what_a_trial_recorded_of_equal_sides_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "pairs.json"
    file.write_text(json.dumps({"0": QUIET, "0.03": [[9.0, 9.0]]}))
    assert QUIET == equal_sides(file)


def test_none_of_2000_may_still_be_one_in_500() -> None:
    interval = exact_interval(0, 2000)
    assert (0.0, 0.0018) == pytest.approx((interval.low, interval.high), abs=1e-4)

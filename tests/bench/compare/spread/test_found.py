"""What is found of how the values of both sides lie."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from bench.cell import Record
from bench.compare.spread.distribution import Spread
from bench.compare.spread.found import BINS, spread_in, spread_of
from bench.run.runs import utc_now
from bench.run.snapshot import cell_rows
from bench.statistics.sequential import SequentialRule
from bench.store.database import RunRow, Store
from tests.bench.compare.spread.trios import (
    ROUNDS,
    SLOWER,
    Change,
    back_and_forth,
    every_second,
    held_up,
    restless,
    slow_first,
    trios,
)
from tests.bench.gate.fakes import TIMED, declarations, watched

RUNS = {"base": "base", "head": "head", "twin": "twin"}


def found(head: Change | None = None, every: Change | None = None, seed: int = 0) -> Spread:
    return spread_in(trios(np.random.default_rng(seed), head, every), ROUNDS, SequentialRule(1))


def test_a_head_whose_steps_go_back_and_forth_has_two_modes_within_processes() -> None:
    modes = found(back_and_forth).head.modes
    assert modes is not None
    assert (0.002, 0.0035, 0.5) == pytest.approx((modes.better, modes.worse, modes.share), rel=0.02)
    assert not modes.between


def test_a_head_of_which_every_second_process_is_slow_has_two_modes_between_processes() -> None:
    modes = found(every_second).head.modes
    assert modes is not None
    assert (0.002, 0.0035) == pytest.approx((modes.better, modes.worse), rel=0.02)
    assert modes.between


@pytest.mark.parametrize("head", [back_and_forth, every_second, restless])
def test_what_head_alone_does_is_newly_erratic(head: Change) -> None:
    assert found(head).erratic


def test_a_spread_around_one_middle_is_no_mode() -> None:
    assert found(restless).head.modes is None


def test_two_modes_of_both_sides_are_told_and_are_not_new() -> None:
    both = found(every=back_and_forth)
    assert both.base.modes and both.head.modes
    assert not both.erratic


@pytest.mark.parametrize("every", [None, held_up, slow_first])
def test_of_40_gates_of_equal_sides_none_is_erratic_or_has_two_modes(every: Change | None) -> None:
    all_ = [found(every=every, seed=seed) for seed in range(40)]
    assert [] == [item for item in all_ if item.erratic or item.base.modes or item.head.modes]


def test_a_machine_that_slows_all_three_down_for_half_of_the_trios_makes_no_modes() -> None:
    item = found(every=lambda values, number, _: values + SLOWER * (number < 18))
    assert (None, None) == (item.base.modes, item.head.modes)


def test_a_spread_that_grows_within_two_percent_is_no_news() -> None:
    logs = trios(np.random.default_rng(0), lambda values, number, _: values)
    quiet = {role: [1e-4 * values + math.log(0.002) for values in all_] for role, all_ in logs.items()}
    quiet["head"] = [math.log(0.002) + 0.015 * np.linspace(0, 1, 12) for _ in quiet["head"]]
    assert not spread_in(quiet, ROUNDS, SequentialRule(1)).erratic


def test_both_pictures_have_the_steps_on_one_axis() -> None:
    item = found(back_and_forth)
    assert (BINS, BINS) == (len(item.base.counts), len(item.head.counts))
    assert item.low < 0.002 < 0.0035 < item.high
    assert sum(item.base.counts[BINS // 2 :]) == 0 < sum(item.head.counts[BINS // 2 :])


def test_the_spread_of_a_side_is_that_from_the_tenth_to_the_ninetieth_percentile_of_a_round() -> None:
    item = found(restless)
    assert 0.04 == pytest.approx(item.base.spread, abs=0.015)
    assert 0.23 == pytest.approx(item.head.spread, abs=0.05)


@pytest.mark.parametrize(("better", "places"), [("lower", (2.0, 3.5)), ("higher", (3.5, 2.0))])
def test_the_evidence_is_read_from_the_store(tmp_path: Path, better: str, places: tuple[float, float]) -> None:
    with declarations(), Store.create(tmp_path / "s.sqlite") as store:
        for run in RUNS:
            store.begin_run(
                RunRow(run, utc_now(), "regress", "", {}, "k", {}), [], cell_rows([watched(TIMED, "steps").step])
            )
            for number in range(9):
                values = (2.0, 2.01, 3.5, 3.51) if run == "head" else (2.0, 2.01, 2.02, 2.03)
                store.add_record(run, Record(cell=TIMED, replicate=number, status="ok", unit="s", values=values))
        item = spread_of(store, RUNS, TIMED.key, 9, SequentialRule(1), better)  # type: ignore[arg-type]
    assert item is not None and item.head.modes is not None and item.base.modes is None
    assert places == pytest.approx((item.head.modes.better, item.head.modes.worse), rel=0.01)
    assert item.erratic


def test_nothing_is_known_of_a_cell_without_processes(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.sqlite") as store:
        assert spread_of(store, RUNS, TIMED.key, 9, SequentialRule(1), "lower") is None  # type: ignore[arg-type]

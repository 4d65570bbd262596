"""Changes of level in the history of a store: where they are, and what may have made them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.compare.history.changes import ChangeSearch, search
from bench.compare.history.series import WantedSeries
from bench.errors import UnknownName, UsageError
from bench.store.database import Store
from bench.store.rows import REGRESS
from tests.bench.compare.history.days import COUNT, HOST, LATENCY, Day, days, noise, restless, write


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., ChangeSearch]:
    """Searches a store of such runs."""

    def _look(runs: list[Day], **wanted: Any) -> ChangeSearch:
        with Store.open(write(tmp_path / "past.sqlite", runs)) as store:
            return search(store, WantedSeries(**wanted))

    return _look


def test_a_step_is_found_between_the_runs_where_it_is(look: Callable[..., ChangeSearch]) -> None:
    (found,) = look(days()).changes
    assert ("worse", "small", "run-11", "run-12") == (
        found.verdict,
        found.series.cell.architecture,
        found.last_before,
        found.first_after,
    )


def test_speeds_of_different_hosts_are_never_one_series(look: Callable[..., ChangeSearch]) -> None:
    result = look(days(host_key="host-b"))
    assert ((), {12, 8}) == (result.changes, {len(item.series.values) for item in result.found})


def test_a_speed_is_of_the_series_of_the_host_that_made_it_whatever_its_run(
    look: Callable[..., ChangeSearch],
) -> None:
    runs = days(factor=1.0)
    runs[5:10] = [replace(day, made_on="host-b") for day in runs[5:10]]
    result = look(runs)
    assert {("host-a", 15), ("host-b", 5)} == {
        (item.series.host, len(item.series.values)) for item in result.found
    }


def test_across_versions_a_host_without_a_fingerprint_stays_apart(look: Callable[..., ChangeSearch]) -> None:
    runs = [replace(day, made_on="host-b") if i % 2 else day for i, day in enumerate(days(factor=1.0))]
    found = look(runs, across_versions=True).found
    assert {10} == {len(item.series.values) for item in found}


def test_across_versions_other_machines_stay_apart(look: Callable[..., ChangeSearch]) -> None:
    assert () == look(days(host_key="host-b", host={**HOST, "cpu": "Y"}), across_versions=True).changes


def test_comparisons_step_by_step_are_no_part_of_the_history(look: Callable[..., ChangeSearch]) -> None:
    runs = days(factor=1.0)
    runs[10:] = [replace(day, profile=REGRESS) for day in runs[10:]]
    assert {10} == {len(item.series.values) for item in look(runs).found}


def test_a_count_that_was_taken_over_brackets_the_change(look: Callable[..., ChangeSearch]) -> None:
    runs = [Day({COUNT: 100.0}), Day({COUNT: 100.0}, reused_from="run-00"), Day({COUNT: 101.0})]
    (found,) = look(runs).changes
    assert "run-01" == found.last_before


def test_figures_that_were_taken_over_are_no_evidence(look: Callable[..., ChangeSearch]) -> None:
    runs = [replace(day, reused_from="run-00") if i else day for i, day in enumerate(days())]
    assert () == look(runs).found


def test_a_search_can_begin_later(look: Callable[..., ChangeSearch]) -> None:
    assert {8} == {len(item.series.values) for item in look(days(), since="2026-01-13").found}


def test_a_search_can_begin_with_a_run(look: Callable[..., ChangeSearch]) -> None:
    assert {9} == {len(item.series.values) for item in look(days(), since="run-11").found}


def test_a_day_that_there_is_not_is_told(look: Callable[..., ChangeSearch]) -> None:
    with pytest.raises(UsageError, match=r"^'2026-13-01' is neither a run nor a day"):
        look(days(), since="2026-13-01")


def test_a_misspelt_measure_gets_the_nearest_name(look: Callable[..., ChangeSearch]) -> None:
    with pytest.raises(UnknownName, match="unknown measure 'latencey'; did you mean 'latency'"):
        look(days(), measures=("latencey",))


class TestASpread:
    def test_that_grows_is_found_where_the_level_stays(self, look: Callable[..., ChangeSearch]) -> None:
        (found,) = look(restless(at=12, factor=3.0)).changes
        assert ("erratic", "spread", "run-11", "run-12") == (
            found.verdict,
            found.series.of,
            found.last_before,
            found.first_after,
        )
        assert found.change is not None
        assert (0.02, 0.06) == pytest.approx((found.change.before, found.change.after), rel=0.02)

    def test_that_shrinks_is_steadier(self, look: Callable[..., ChangeSearch]) -> None:
        assert ["steadier"] == [item.verdict for item in look(restless(at=12, factor=1 / 1.9)).changes]

    @pytest.mark.parametrize(
        ("usual", "factor"), [(0.001, 8.0), (0.02, 1.3)], ids=["below 1 %", "by less than half"]
    )
    def test_is_not_told_where_it_hardly_matters(
        self, look: Callable[..., ChangeSearch], usual: float, factor: float
    ) -> None:
        assert () == look(restless(at=12, factor=factor, usual=usual)).changes

    def test_shares_the_error_with_the_levels(self, look: Callable[..., ChangeSearch]) -> None:
        """Four series instead of two need 14 runs instead of 12."""
        spreads = noise(5, 11)
        runs = days(n=11, factor=1.0)
        runs = [replace(day, spreads=dict.fromkeys(day.figures, spreads[i])) for i, day in enumerate(runs)]
        assert 14 == look(runs).needed

    def test_fails_nothing(self, look: Callable[..., ChangeSearch]) -> None:
        assert () == look(restless(at=12, factor=3.0)).worse_now

    def test_of_the_same_runs_in_another_measure_is_no_company(self, look: Callable[..., ChangeSearch]) -> None:
        both = [
            replace(day, spreads={LATENCY: spread})
            for day, spread in zip(days(), noise(3, 20, 12, 3.0), strict=True)
        ]
        assert {("worse", 1), ("erratic", 1)} == {(item.verdict, item.together) for item in look(both).changes}


def test_a_count_that_falls_to_less_than_any_float_can_say_is_the_largest_change(
    look: Callable[..., ChangeSearch],
) -> None:
    runs = [Day({COUNT: value, LATENCY: 1.0}) for value in (1e300, 1e300, 1e-300)]
    (found,) = look(runs).changes
    assert ("better", 0.0) == (found.verdict, found.change and found.change.size)

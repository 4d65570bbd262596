"""The page of two runs side by side."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.compare.runs import OTHER_HOST
from bench.store.database import Store
from reports.charts import NoData
from reports.comparing.pairing import Compared, environments, pair_up, verdicts
from reports.page.ratios import MOST, differences, ratios
from reports.page.several import render_pair

Build = Callable[[Path, Any], Any]
EVIL = "<script>alert('x')</script>"


@pytest.fixture
def pair(tmp_path: Path, build_run: Build, plan: Any) -> Callable[..., Path]:
    """A store with the small run of five processes, `base`, and a variation of it, `head`."""

    def _pair(**changes: object) -> Path:
        path = tmp_path / "two.sqlite"
        base = replace(plan, id="base", processes=5)
        build_run(path, base)
        build_run(path, replace(base, id="head", **changes))
        return path

    return _pair


def _compared(path: Path, force: bool = False) -> Compared:
    with Store.open(path) as store:
        return pair_up(store, "base", "head", force=force)


def _page(path: Path, force: bool = False) -> str:
    with Store.open(path) as store:
        return render_pair(store, "base", "head", force=force)


def _speeds(compared: Compared) -> set[tuple[str, str, float | None]]:
    return {(item.verdict, item.note, item.ratio) for item in compared.found if item.unit in ("s", "1/s")}


def test_the_page_compares_before_it_shows_the_second_run(pair: Callable[..., Path]) -> None:
    sections = re.findall(r'<section id="(\w+)"', _page(pair()))
    assert "compare" == sections[0]
    assert "records" in sections


def test_the_page_of_one_run_compares_nothing(page: str) -> None:
    assert '<section id="compare"' not in page
    assert '<section id="history"' not in page


def test_the_page_counts_the_verdicts(pair: Callable[..., Path]) -> None:
    assert "<strong>13</strong> regression" in _page(pair(slowdown=1.5, seed=1))


def test_the_gravest_verdict_is_in_the_first_row(pair: Callable[..., Path]) -> None:
    found = verdicts(_compared(pair(slowdown=1.5, seed=1)))
    assert "regression" == found["Verdict"].iloc[0]
    assert "fine" == found["Verdict"].iloc[-1]


def test_speeds_of_different_hosts_stand_side_by_side_without_a_ratio(pair: Callable[..., Path]) -> None:
    assert {("undecided", OTHER_HOST, None)} == _speeds(_compared(pair(host_key="host-b", slowdown=2.0)))


def test_memory_of_different_hosts_is_compared(pair: Callable[..., Path]) -> None:
    found = _compared(pair(host_key="host-b")).found
    assert OTHER_HOST not in {item.note for item in found if item.measure == "peak_memory"}


def test_speeds_of_different_hosts_are_compared_by_force(pair: Callable[..., Path]) -> None:
    found = _speeds(_compared(pair(host_key="host-b", slowdown=2.0), force=True))
    assert {"regression"} == {verdict for verdict, _, _ in found}


def test_the_page_says_plainly_that_the_hosts_differ(pair: Callable[..., Path]) -> None:
    assert "speeds stand side by side and are not compared" in _page(pair(host_key="host-b"))


def test_the_page_says_what_force_ignores(pair: Callable[..., Path]) -> None:
    assert "because --force says so" in _page(pair(host_key="host-b"), force=True)


def test_the_page_of_runs_without_a_common_cell_says_so(pair: Callable[..., Path]) -> None:
    assert "The runs have no cell in common" in _page(pair(lineages=(), learners=()))


def test_the_page_of_a_run_beside_itself_says_that_nothing_differs(pair: Callable[..., Path]) -> None:
    with Store.open(pair()) as store:
        html = render_pair(store, "base", "base")
    assert "Both are the same run: nothing can differ" in html
    assert "No cell differs: all 55 are fine" in html
    assert "Hosts, versions and settings do not differ" in html


def test_cells_that_one_run_alone_has_are_counted(pair: Callable[..., Path], plan: Any) -> None:
    assert (7, 0) == _compared(pair(lineages=plan.lineages[:3])).alone()


def test_a_cell_that_one_run_did_not_come_to_is_counted_and_not_compared(pair: Callable[..., Path]) -> None:
    path = pair()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM record WHERE run = 'head' AND unit = 'B'")
    compared = _compared(path)
    assert compared.alone()[0] > 0
    assert "B" not in {item.unit for item in compared.found}


def test_what_differs_between_environments_comes_first(pair: Callable[..., Path]) -> None:
    found = environments(_compared(pair(host_key="host-b")))
    assert ("host key", "host-a", "host-b", "differs") == tuple(found.iloc[0])
    assert "same" == found["Differs"].iloc[-1]


def test_the_chart_of_ratios_has_the_gravest_first_and_an_end(pair: Callable[..., Path]) -> None:
    figure = ratios(_compared(pair(slowdown=1.5, seed=1)))
    rows = figure.layout.yaxis.categoryarray
    assert MOST >= len(rows)
    assert rows[-1] in next(trace.y for trace in figure.data if trace.name == "regression")


def test_equal_trainings_have_no_chart_of_differences(pair: Callable[..., Path]) -> None:
    with pytest.raises(NoData, match="no training came out differently"):
        differences(_compared(pair()))


def test_nothing_that_users_name_can_bring_a_script(pair: Callable[..., Path]) -> None:
    assert EVIL not in _page(pair(host_key=EVIL, outcome="failed", reason=EVIL))

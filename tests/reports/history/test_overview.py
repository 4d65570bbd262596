"""All runs of a store: what is read of them, and the page that shows them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost
from bench.declare.nature import Nature
from bench.store.database import Store
from bench.store.rows import Median
from reports.charts import NoData
from reports.history.overview import History, lines, overview, read_history
from reports.page.course import course
from reports.page.several import render_history

Build = Callable[[Path, Any], Any]
EVIL = "<script>alert('x')</script>"


@pytest.fixture
def past(tmp_path: Path, build_run: Build, plan: Any) -> Path:
    """Runs of one host, of another, of the first again, and one of nothing but failures."""
    path = tmp_path / "past.sqlite"
    build_run(path, replace(plan, id="1-first"))
    build_run(path, replace(plan, id="2-elsewhere", host_key="host-b"))
    build_run(path, replace(plan, id="3-again", slowdown=2.0))
    build_run(path, replace(plan, id="4-broken", outcome="failed", state="interrupted"))
    return path


def _history(path: Path) -> History:
    with Store.open(path) as store:
        return read_history(store, {})


def _page(path: Path, **links: str) -> str:
    with Store.open(path) as store:
        return render_history(store, links)


def _median(run: str, batch: int, value: float) -> Median:
    return Median(
        run, Cell("small", "latency", Cost(mode="infer", resolution=32, batch=batch)), "s", Nature.TIME, value, 1
    )


def test_the_newest_run_comes_first(past: Path) -> None:
    names = ["4-broken", "3-again", "2-elsewhere", "1-first"]
    assert names == list(overview(_history(past))["Run"])


def test_a_run_is_told_with_its_state_and_its_failures(past: Path) -> None:
    row = overview(_history(past)).iloc[0]
    assert ("interrupted", 55, 0, 55) == (row["State"], row["Cells"], row["With a figure"], row["Failed"])


def test_hosts_have_letters_by_their_keys(past: Path) -> None:
    assert ["A", "A", "B", "A"] == list(overview(_history(past))["Host"])


def test_a_line_follows_the_cell_that_most_runs_have() -> None:
    rows = [_median("a", 1, 1.0), _median("a", 8, 5.0), _median("b", 8, 6.0)]
    assert [{"a": 5.0, "b": 6.0}] == [line.values for line in lines(rows)]


def test_a_line_never_mixes_conditions() -> None:
    rows = [_median("a", 1, 1.0), _median("b", 8, 6.0)]
    assert [{"a": 1.0}] == [line.values for line in lines(rows)]


def test_lines_join_runs_of_one_host_alone(past: Path) -> None:
    figure = course(_history(past), "latency")
    joined = {tuple(trace.x) for trace in figure.data}
    assert {("1-first", "3-again"), ("2-elsewhere",)} == joined


def test_an_architecture_is_named_once_at_its_last_run(past: Path) -> None:
    figure = course(_history(past), "latency")
    named = [text for trace in figure.data for text in trace.text or () if text]
    assert sorted({trace.name for trace in figure.data}) == sorted(named)


def test_a_measure_that_no_run_has_has_no_course(past: Path) -> None:
    with pytest.raises(NoData, match="no run measured energy"):
        course(_history(past), "energy")


def test_the_page_has_the_runs_and_a_chart_of_each_measure(past: Path) -> None:
    html = _page(past)
    assert "4 runs on 2 hosts" in html
    assert all(f'data-figure="course_of_{name}"' in html for name in ("latency", "peak_memory", "top1"))


def test_the_page_links_the_reports_that_there_are(past: Path) -> None:
    html = _page(past, **{"1-first": "1-first/report.html"})
    assert '<a href="1-first/report.html">1-first</a>' in html
    assert 'href="2-elsewhere' not in html


def test_the_page_of_an_empty_store_says_so(tmp_path: Path) -> None:
    Store.create(tmp_path / "s.sqlite").close()
    assert "This store holds no run yet" in _page(tmp_path / "s.sqlite")


def test_the_page_of_failures_alone_has_the_table_and_no_chart(
    tmp_path: Path, build_run: Build, plan: Any
) -> None:
    build_run(tmp_path / "s.sqlite", replace(plan, outcome="failed"))
    html = _page(tmp_path / "s.sqlite")
    assert "1 run on 1 host" in html
    assert "data-figure" not in html.partition("<script")[0]


def test_nothing_that_users_name_can_bring_a_script(tmp_path: Path, build_run: Build, plan: Any) -> None:
    evil = replace(plan.lineages[0], name=EVIL)
    named = replace(plan, id=EVIL, host_key=EVIL, lineages=(evil, *plan.lineages[1:]), learners=(EVIL,))
    build_run(tmp_path / "s.sqlite", named)
    assert EVIL not in _page(tmp_path / "s.sqlite", **{EVIL: f'"{EVIL}'})


@pytest.mark.parametrize("value", [0.0, float("inf"), None])
def test_a_figure_that_a_logarithmic_axis_cannot_show_does_not_cost_the_chart(past: Path, value: Any) -> None:
    with closing(sqlite3.connect(past)) as db, db:
        db.execute("UPDATE record SET median = ? WHERE unit = 's' AND run = '1-first'", (value,))
    assert "course_of_latency" in _page(past)

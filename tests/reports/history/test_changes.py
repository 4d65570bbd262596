"""Changes of level in the history of a store, as they are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Learning
from bench.cli.main import main
from bench.compare.history.changes import ChangeSearch, search
from bench.compare.history.series import WantedSeries
from bench.store.database import Store
from reports.history.overview import read_history
from reports.history.table import table
from reports.history.words import levels, size, summary, why
from reports.page.course import course
from reports.page.several import render_history
from tests.bench.compare.history.days import COUNT, HOST, LATENCY, OTHER, Day, days, noise, restless, write


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., ChangeSearch]:
    """Searches a store of such runs."""

    def _look(runs: list[Day], **wanted: Any) -> ChangeSearch:
        with Store.open(write(tmp_path / "past.sqlite", runs)) as store:
            return search(store, WantedSeries(**wanted))

    return _look


def test_the_commit_and_what_else_differs_are_named(look: Callable[..., ChangeSearch]) -> None:
    host = {**HOST, "git": "bbbb", "flags": {"governor": "performance"}, "release": "6.6"}
    (found,) = look(days(host=host, code="0ther")).changes
    assert (
        "commit aaaa → bbbb; the code of this cell differs; release unknown → 6.6;"
        " governor powersave → performance" == why(found)
    )


def test_where_nothing_is_known_to_differ_that_is_said(look: Callable[..., ChangeSearch]) -> None:
    (found,) = look(days()).changes
    assert why(found).endswith(
        "the code of this cell is the same; nothing that is known of the environment differs"
    )


def test_runs_of_one_machine_are_joined_across_versions_where_that_is_asked_for(
    look: Callable[..., ChangeSearch],
) -> None:
    upgraded = {**HOST, "versions": {"torch": "2.13.0"}}
    (found,) = look(days(host_key="host-b", host=upgraded), across_versions=True).changes
    assert "torch 2.12.0 → 2.13.0" in why(found)


def test_too_few_runs_are_told_with_how_many_are_needed(look: Callable[..., ChangeSearch]) -> None:
    result = look(days(n=5, at=3))
    assert {("too few runs", "5 runs: 12 are needed")} == {(item.verdict, item.note) for item in result.found}
    assert ("2 cells with too few runs (5 at most): 12 are needed",) == summary(result)


def test_a_history_without_a_change_says_so(look: Callable[..., ChangeSearch]) -> None:
    assert "no change found in 2 cells of 20 runs each" == summary(look(days(factor=1.0)))[0]


def test_a_cell_of_a_single_run_is_not_searched(look: Callable[..., ChangeSearch]) -> None:
    result = look([Day({LATENCY: 0.02})])
    assert ("nothing to search: no cell has figures of two runs that may be joined",) == summary(result)


def test_counts_are_exact_and_join_hosts(look: Callable[..., ChangeSearch]) -> None:
    runs = [Day({COUNT: 100.0}), Day({COUNT: 100.0}, host_key="host-b"), Day({COUNT: 101.0}, host_key="host-b")]
    (found,) = look(runs).changes
    assert ("worse", "+1", "run-02") == (found.verdict, size(found), found.first_after)


def test_accuracies_change_in_points(look: Callable[..., ChangeSearch]) -> None:
    scenario = Learning(
        weights="random",
        target="t",
        mode="scratch",
        augmentation="none",
        resolution=32,
        shots=5,
        steps=60,
        batch=16,
        lr=1e-3,
    )
    cell = Cell("small", "top1", scenario)
    values = [0.9 + 0.001 * (i % 3) - 0.05 * (i >= 8) for i in range(16)]
    (found,) = look([Day({cell: value}) for value in values]).changes
    assert ("worse", True) == (found.verdict, size(found).startswith("-5.0 points ["))


def test_what_moves_many_cells_at_once_is_told(look: Callable[..., ChangeSearch]) -> None:
    slow, others = noise(1, 20, 12, 1.08), noise(4, 20, 12, 1.08)
    result = look([Day({LATENCY: slow[i], OTHER: others[i]}) for i in range(20)])
    assert {(2, 2)} == {(item.together, item.searched) for item in result.changes}
    assert all("2 of 2 cells changed here" in why(item) for item in result.changes)


def test_the_table_has_a_row_a_change_in_si_units(look: Callable[..., ChangeSearch]) -> None:
    (row,) = table(look(days()).changes).to_dict("records")
    assert ("ratio", 12, 8, True, "same") == tuple(
        row[name] for name in ("scale", "runs_before", "runs_after", "newest", "code")
    )
    assert row["low"] < row["size"] < row["high"]


@pytest.fixture
def past(tmp_path: Path) -> Path:
    """A store whose newest level is a worsening."""
    return write(tmp_path / "past.sqlite", days())


def test_the_verb_shows_changes_at_80_columns(
    past: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert 0 == main(["history", "--store", str(past)])
    lines = capsys.readouterr().out.splitlines()
    assert "worse        small latency infer 32px b1" == lines[0]
    assert "1 change found in 2 cells of 20 runs each" in lines
    assert max(map(len, lines)) <= 80


def test_the_verb_exits_1_where_the_newest_level_is_a_worsening_and_that_is_asked_for(past: Path) -> None:
    assert 1 == main(["history", "--fail-on-worse", "--store", str(past)])


def test_a_worsening_that_was_mended_fails_nothing(tmp_path: Path) -> None:
    slow = [value / (1.08 if i >= 20 else 1.0) for i, value in enumerate(noise(1, 30, 10, 1.08))]
    path = write(tmp_path / "mended.sqlite", [Day({LATENCY: value}) for value in slow])
    assert 0 == main(["history", "--fail-on-worse", "--store", str(path)])


def test_the_verb_prints_json_alone_on_stdout(past: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["history", "--format", "json", "--all", "--store", str(past)])
    said = capsys.readouterr()
    assert ["worse", "no change"] == [row["verdict"] for row in json.loads(said.out)]
    assert "1 change found" in said.err


def test_the_page_has_a_table_of_the_changes(past: Path) -> None:
    with Store.open(past) as store:
        html = render_history(store)
    assert "Changes of level and of spread" in html
    assert "1 change found in 2 cells of 20 runs each." in html


def test_the_chart_marks_the_first_run_of_a_new_level(past: Path) -> None:
    with Store.open(past) as store:
        figure = course(read_history(store, {}), "latency")
    (mark,) = [trace for trace in figure.data if trace.name == "change of level"]
    assert ("run-12",) == tuple(mark.x)


def test_a_change_of_spread_is_told_in_percent_of_the_median(look: Callable[..., ChangeSearch]) -> None:
    (found,) = look(restless(at=12, factor=3.0)).changes
    assert ("spread 2.0 % → 6.0 %", "3.0 times as wide [") == (levels(found), size(found)[:19])


def test_a_spread_that_was_below_what_matters_is_told_as_such(look: Callable[..., ChangeSearch]) -> None:
    (found,) = look(restless(at=12, factor=10.0, usual=0.004)).changes
    assert ("spread 1 % or less → 4.0 %", "at least 4.0 times") == (levels(found), size(found)[:18])


def test_the_table_says_what_a_change_is_of(look: Callable[..., ChangeSearch]) -> None:
    (row,) = table(look(restless(at=12, factor=3.0)).changes).to_dict("records")
    assert ("erratic", "spread", "ratio") == (row["verdict"], row["of"], row["scale"])


def test_the_chart_marks_the_first_run_of_a_new_spread(tmp_path: Path) -> None:
    with Store.open(write(tmp_path / "past.sqlite", restless(at=12, factor=3.0))) as store:
        figure = course(read_history(store, {}), "latency")
    (mark,) = [trace for trace in figure.data if str(trace.name).startswith("change of")]
    assert ("change of spread", "run-12") == (mark.name, *mark.x)


def test_runs_that_a_branch_leaves_out_are_told() -> None:
    left_out = ("2 runs of no known commit", "1 run of no commit on 'main'")
    assert (
        "left out: 2 runs of no known commit, 1 run of no commit on 'main'"
        == summary(ChangeSearch((), 4, 0.01, left_out))[0]
    )


def test_a_branch_outside_of_a_repository_is_wrong_use(
    past: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(past.parent)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(past.parent.parent))
    assert 2 == main(["history", "--branch", "main", "--store", str(past)])
    said = capsys.readouterr().err
    assert ("looked up in the git repository that you are in" in said, 1) == (True, said.count("\n"))


@pytest.mark.parametrize("option", ["--branch", "--since"])
def test_an_empty_name_does_not_stand_for_all_runs(
    past: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    assert 2 == main(["history", option, "", "--store", str(past)])
    assert "evobench: an empty text names no branch, commit or day: leave the option out for all runs\n" == (
        capsys.readouterr().err
    )

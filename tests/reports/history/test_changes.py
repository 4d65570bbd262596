"""Changes of level in the history of a store: where they are, what may have made them, how they are told."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Learning, Record
from bench.cli.main import main
from bench.errors import UnknownName
from bench.run.runs import REGRESS
from bench.store.database import CellRow, Declaration, Run, Store
from reports.history.changes import Search, search
from reports.history.overview import read_history
from reports.history.series import Wanted
from reports.history.table import table
from reports.page.course import course
from reports.page.several import render_history

LATENCY = Cell("small", "latency", Cost(mode="infer", resolution=32))
OTHER = Cell("other", "latency", Cost(mode="infer", resolution=32))
COUNT = Cell("small", "parameters", Cost(mode="infer", resolution=32))
HOST = {"cpu": "X", "cores": 2, "git": "aaaa", "versions": {"torch": "2.12.0"}, "flags": {"governor": "powersave"}}


@dataclass(frozen=True)
class Day:
    """One run with its figures."""

    figures: dict[Cell, float]
    host: dict[str, Any] = field(default_factory=lambda: HOST)
    host_key: str = "host-a"
    profile: str = "default"
    code: str = "c0de"
    reused_from: str = ""


def _write(path: Path, days: list[Day]) -> Path:
    measures = [("latency", "s", "lower"), ("parameters", "1", "lower"), ("top1", "1", "higher")]
    with Store.create(path) as store:
        for i, day in enumerate(days):
            run = Run(
                f"run-{i:02d}",
                f"2026-01-{1 + i:02d}T00:00:00+00:00",
                day.profile,
                "evobench run",
                day.host,
                day.host_key,
                {},
            )
            declared = [Declaration("measure", n, {"name": n, "unit": u, "better": b}) for n, u, b in measures]
            store.begin_run(run, declared, [CellRow(cell, ("s",), 1.0, 1) for cell in day.figures])
            for cell, value in day.figures.items():
                record = Record(
                    cell=cell,
                    replicate=0,
                    status="ok",
                    unit="s" if cell.measure == "latency" else "1",
                    values=(value,),
                    code=day.code,
                    reused_from=day.reused_from,
                )
                store.add_record(run.id, record)
            store.end_run(run.id, "complete", run.started)
    return path


def _noise(seed: int, n: int, at: int = 99, factor: float = 1.0) -> list[float]:
    draw = random.Random(seed)
    return [0.02 * math.exp(draw.gauss(0, 0.01)) * (factor if i >= at else 1.0) for i in range(n)]


def _days(n: int = 20, at: int = 12, factor: float = 1.08, **after: Any) -> list[Day]:
    """Runs of two cells, of which one is slower from run `at` on; `after` is what changes there, too."""
    slow, steady = _noise(1, n, at, factor), _noise(2, n)
    days = [Day({LATENCY: slow[i], OTHER: steady[i]}) for i in range(n)]
    return [replace(day, **after) if i >= at else day for i, day in enumerate(days)]


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., Search]:
    """Searches a store of such runs."""

    def _look(days: list[Day], **wanted: Any) -> Search:
        with Store.open(_write(tmp_path / "past.sqlite", days)) as store:
            return search(store, Wanted(**wanted))

    return _look


def test_a_step_is_found_between_the_runs_where_it_is(look: Callable[..., Search]) -> None:
    (found,) = look(_days()).changes
    assert ("worse", "small", "run-11", "run-12") == (
        found.verdict,
        found.series.cell.architecture,
        found.last_before,
        found.first_after,
    )


def test_the_commit_and_what_else_differs_are_named(look: Callable[..., Search]) -> None:
    host = {**HOST, "git": "bbbb", "flags": {"governor": "performance"}, "release": "6.6"}
    (found,) = look(_days(host=host, code="0ther")).changes
    assert (
        "commit aaaa → bbbb; the code of this cell differs; release unknown → 6.6;"
        " governor powersave → performance" == found.why
    )


def test_where_nothing_is_known_to_differ_that_is_said(look: Callable[..., Search]) -> None:
    (found,) = look(_days()).changes
    assert found.why.endswith(
        "the code of this cell is the same; nothing that is known of the environment differs"
    )


def test_speeds_of_different_hosts_are_never_one_series(look: Callable[..., Search]) -> None:
    result = look(_days(host_key="host-b"))
    assert ((), {12, 8}) == (result.changes, {len(item.series.values) for item in result.found})


def test_runs_of_one_machine_are_joined_across_versions_where_that_is_asked_for(
    look: Callable[..., Search],
) -> None:
    upgraded = {**HOST, "versions": {"torch": "2.13.0"}}
    (found,) = look(_days(host_key="host-b", host=upgraded), across_versions=True).changes
    assert "torch 2.12.0 → 2.13.0" in found.why


def test_across_versions_other_machines_stay_apart(look: Callable[..., Search]) -> None:
    assert () == look(_days(host_key="host-b", host={**HOST, "cpu": "Y"}), across_versions=True).changes


def test_comparisons_step_by_step_are_no_part_of_the_history(look: Callable[..., Search]) -> None:
    days = _days(factor=1.0)
    days[10:] = [replace(day, profile=REGRESS) for day in days[10:]]
    assert {10} == {len(item.series.values) for item in look(days).found}


def test_too_few_runs_are_told_with_how_many_are_needed(look: Callable[..., Search]) -> None:
    result = look(_days(n=5, at=3))
    assert {("too few runs", "5 runs: 12 are needed")} == {(item.verdict, item.note) for item in result.found}
    assert ("2 cells with too few runs (5 at most): 12 are needed",) == result.summary


def test_a_history_without_a_change_says_so(look: Callable[..., Search]) -> None:
    assert "no change found in 2 cells of 20 runs each" == look(_days(factor=1.0)).summary[0]


def test_a_cell_of_a_single_run_is_not_searched(look: Callable[..., Search]) -> None:
    result = look([Day({LATENCY: 0.02})])
    assert ("nothing to search: no cell has figures of two runs that may be joined",) == result.summary


def test_counts_are_exact_and_join_hosts(look: Callable[..., Search]) -> None:
    days = [Day({COUNT: 100.0}), Day({COUNT: 100.0}, host_key="host-b"), Day({COUNT: 101.0}, host_key="host-b")]
    (found,) = look(days).changes
    assert ("worse", "+1", "run-02") == (found.verdict, found.size_words, found.first_after)


def test_a_count_that_was_taken_over_brackets_the_change(look: Callable[..., Search]) -> None:
    days = [Day({COUNT: 100.0}), Day({COUNT: 100.0}, reused_from="run-00"), Day({COUNT: 101.0})]
    (found,) = look(days).changes
    assert "run-01" == found.last_before


def test_figures_that_were_taken_over_are_no_evidence(look: Callable[..., Search]) -> None:
    days = [replace(day, reused_from="run-00") if i else day for i, day in enumerate(_days())]
    assert () == look(days).found


def test_accuracies_change_in_points(look: Callable[..., Search]) -> None:
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
    assert ("worse", True) == (found.verdict, found.size_words.startswith("-5.0 points ["))


def test_what_moves_many_cells_at_once_is_told(look: Callable[..., Search]) -> None:
    slow, others = _noise(1, 20, 12, 1.08), _noise(4, 20, 12, 1.08)
    result = look([Day({LATENCY: slow[i], OTHER: others[i]}) for i in range(20)])
    assert {(2, 2)} == {(item.together, item.searched) for item in result.changes}
    assert all("2 of 2 cells changed here" in item.why for item in result.changes)


def test_a_search_can_begin_later(look: Callable[..., Search]) -> None:
    assert {8} == {len(item.series.values) for item in look(_days(), since="2026-01-13").found}


def test_a_search_can_begin_with_a_run(look: Callable[..., Search]) -> None:
    assert {9} == {len(item.series.values) for item in look(_days(), since="run-11").found}


def test_a_misspelt_measure_gets_the_nearest_name(look: Callable[..., Search]) -> None:
    with pytest.raises(UnknownName, match="unknown measure 'latencey'; did you mean 'latency'"):
        look(_days(), measures=("latencey",))


def test_the_table_has_a_row_a_change_in_si_units(look: Callable[..., Search]) -> None:
    (row,) = table(look(_days()).changes).to_dict("records")
    assert ("ratio", 12, 8, True, "same") == tuple(
        row[name] for name in ("scale", "runs_before", "runs_after", "newest", "code")
    )
    assert row["low"] < row["size"] < row["high"]


@pytest.fixture
def past(tmp_path: Path) -> Path:
    """A store whose newest level is a worsening."""
    return _write(tmp_path / "past.sqlite", _days())


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
    slow = [value / (1.08 if i >= 20 else 1.0) for i, value in enumerate(_noise(1, 30, 10, 1.08))]
    path = _write(tmp_path / "mended.sqlite", [Day({LATENCY: value}) for value in slow])
    assert 0 == main(["history", "--fail-on-worse", "--store", str(path)])


def test_the_verb_prints_json_alone_on_stdout(past: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["history", "--format", "json", "--all", "--store", str(past)])
    said = capsys.readouterr()
    assert ["worse", "no change"] == [row["verdict"] for row in json.loads(said.out)]
    assert "1 change found" in said.err


def test_the_page_has_a_table_of_the_changes(past: Path) -> None:
    with Store.open(past) as store:
        html = render_history(store)
    assert "Changes of level" in html
    assert "1 change found in 2 cells of 20 runs each." in html


def test_the_chart_marks_the_first_run_of_a_new_level(past: Path) -> None:
    with Store.open(past) as store:
        figure = course(read_history(store, {}), "latency")
    (mark,) = [trace for trace in figure.data if trace.name == "change of level"]
    assert ("run-12",) == tuple(mark.x)

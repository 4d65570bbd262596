"""Lessons in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell
from bench.compare.experiments.rule import Design
from bench.declare.lessons.study import Study
from bench.statistics.intervals import Interval
from bench.statistics.looks import LOOKS
from bench.store.database import RunRow, Store
from reports.lessons.words import FigureScale, lines, margin_words, said, scale_of, scale_of_arm, tally
from reports.output.terminal import tables_of
from reports.tidy.frame import Frames, read
from tests.reports.taught import AUGMENTED, HELPS, PLAIN, arm, cost, hypothesis, study, write_lessons

COUNTS = [cost(name, "parameters") for name in ("basic", "bottleneck")]
TIMES = [cost(name, "latency") for name in ("basic", "bottleneck")]
EARLY = Design((3,))
Figures = Mapping[Cell, Sequence[float]]
MEASURES: dict[str, dict[str, Any]] = {
    "top1": {"name": "top1", "unit": "1", "nature": "share", "details": [{"name": "seconds", "unit": "s"}]},
    "latency": {"name": "latency", "unit": "s", "nature": "time", "details": []},
    "parameters": {"name": "parameters", "unit": "1", "nature": "count", "details": []},
}


def frames_of(path: Path, *studies: Study, figures: Figures, design: Design = EARLY) -> Frames:
    write_lessons(path, studies, figures, design=design)
    with Store.open(path) as store:
        return read(store, "latest")


def sentence(path: Path, plain: Sequence[float], augmented: Sequence[float], **others: Any) -> str:
    """What is said of a difference between trainings."""
    item = hypothesis("It helps", arm("without", PLAIN), arm("with", AUGMENTED))
    found = frames_of(
        path / "s.sqlite", study("few", item), figures={PLAIN: plain, AUGMENTED: augmented}, **others
    )
    assert found.lessons is not None
    return said(found.lessons.taught[0].tests[0])


@pytest.mark.parametrize(
    ("others", "value", "expected"),
    [
        ({}, 0.012, "+1.2 points [+0.4, +2.0]"),
        ({"unit": "nats"}, 0.12, "+0.120 nats [+0.004, +0.020]"),
        ({"unit": "", "statistic": "rank"}, 0.83, "rank correlation +0.83 [+0.00, +0.02]"),
        ({"unit": "", "statistic": "peak"}, -0.25, "-0.25 of the way [+0.00, +0.02]"),
        ({"unit": "", "statistic": "ratio"}, 0.0, "1 times [1, 1.02]"),
    ],
)
def test_an_effect_has_its_unit(others: dict[str, Any], value: float, expected: str) -> None:
    scale = scale_of(hypothesis("s", *HELPS.arms, **others))
    assert expected == scale.words(value, Interval(0.004, 0.020, "t"))


def test_a_ratio_is_told_as_a_factor() -> None:
    scale = scale_of(hypothesis("s", *HELPS.arms, statistic="ratio", unit=""))
    assert "0.46 times" == scale.words(-0.7765)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({}, "±1 points"),
        ({"unit": "nats", "margin": 0.05}, "±0.05 nats"),
        ({"statistic": "ratio", "unit": "", "margin": 0.0488}, "a factor of 1.05"),
    ],
)
def test_a_margin_is_told_in_the_unit_of_the_effect(others: dict[str, Any], expected: str) -> None:
    assert expected == margin_words(hypothesis("s", *HELPS.arms, **others))


@pytest.mark.parametrize(
    ("cell", "figure", "expected"),
    [
        (PLAIN, "", "25.0 %"),
        (PLAIN, "train_top1", "25.0 %"),
        (PLAIN, "seconds", "250 ms"),
        (PLAIN, "untold", "0.250"),
        (TIMES[0], "", "250 ms"),
    ],
)
def test_a_figure_of_an_arm_has_the_unit_of_its_measure_or_detail(cell: Any, figure: str, expected: str) -> None:
    assert expected == scale_of_arm(arm("a", cell, figure), MEASURES).words(0.25)


def test_a_decided_hypothesis_is_one_sentence(tmp_path: Path) -> None:
    told = sentence(tmp_path, [0.5, 0.5, 0.5], [0.7, 0.702, 0.698])
    assert told.startswith("It helps: confirmed, +20.0 points [+")
    assert told.endswith("], n = 3.")


def test_an_undecided_one_says_how_many_more_seeds_would_decide(tmp_path: Path) -> None:
    told = sentence(tmp_path, [0.5] * 8, [0.51, 0.53, 0.49, 0.52, 0.5, 0.54, 0.5, 0.51], design=Design(LOOKS))
    assert told.endswith("; 20 more seeds would decide at this mean and spread.")  # at the look of 28


def test_before_the_first_look_it_says_so(tmp_path: Path) -> None:
    told = sentence(tmp_path, [0.5, 0.5], [0.7, 0.702], design=Design(LOOKS))
    assert "n = 2; too few seeds for a look; 6 more seeds would decide at this mean and spread." in told


def test_of_one_seed_nothing_is_expected(tmp_path: Path) -> None:
    told = sentence(tmp_path, [0.5], [0.7], design=Design(LOOKS))
    assert told.endswith("undecided, +20.0 points, n = 1; too few seeds for a look.")


def test_an_arm_without_a_figure_is_named(tmp_path: Path) -> None:
    assert "It helps: undecided; no figure of 'with'." == sentence(tmp_path, [0.5], [])


def test_arms_without_any_figure_are_not_all_named(tmp_path: Path) -> None:
    assert "It helps: undecided; no arm has a figure." == sentence(tmp_path, [], [])


def test_timings_have_processes(tmp_path: Path) -> None:
    item = hypothesis(
        "It is quick", *(arm(c.architecture, c) for c in TIMES), statistic="ratio", unit="", is_open=False
    )
    found = frames_of(
        tmp_path / "s.sqlite", study("q", item), figures={TIMES[0]: [1.0, 2.0], TIMES[1]: [2.0, 1.0]}
    )
    assert found.lessons is not None
    assert "processes" in said(found.lessons.taught[0].tests[0])


def test_a_count_has_neither_interval_nor_number(tmp_path: Path) -> None:
    item = hypothesis(
        "It is small",
        *(arm(c.architecture, c) for c in COUNTS),
        statistic="ratio",
        unit="",
        is_exact=True,
        expected="less",
        is_open=False,
    )
    found = frames_of(tmp_path / "s.sqlite", study("c", item), figures={COUNTS[0]: [100.0], COUNTS[1]: [50.0]})
    assert found.lessons is not None
    assert "It is small: confirmed, 0.5 times, counted." == said(found.lessons.taught[0].tests[0])


def test_the_tally_has_the_verdicts_in_one_order(tmp_path: Path) -> None:
    figures = {PLAIN: [0.5] * 3, AUGMENTED: [0.7, 0.702, 0.698]}
    less = hypothesis("It hurts", *HELPS.arms, expected="less")
    found = frames_of(tmp_path / "s.sqlite", study("a", less), study("b", HELPS), figures=figures)
    assert found.lessons is not None
    assert "confirmed 1, refuted 1" == tally(found.lessons.taught)


def test_the_terminal_has_a_line_a_lesson(tmp_path: Path) -> None:
    found = frames_of(tmp_path / "s.sqlite", study("a", HELPS), figures={PLAIN: [0.5], AUGMENTED: [0.7]})
    assert ["Lessons: undecided 1", "  undecided      Title of a"] == list(lines(found))


def test_the_end_of_a_run_of_lessons_shows_them_and_no_tables_of_their_cells(tmp_path: Path) -> None:
    found = frames_of(tmp_path / "s.sqlite", study("a", HELPS), figures={PLAIN: [0.5], COUNTS[0]: [7.0]})
    assert () == tables_of(found)


def test_a_run_that_tested_none_has_no_line_of_those_of_another(tmp_path: Path) -> None:
    write_lessons(tmp_path / "s.sqlite", [study("a", HELPS)], {PLAIN: [0.5]}, id="2025-lessons")
    with Store.open(tmp_path / "s.sqlite") as store:
        store.begin_run(RunRow("2026", "2026-01-02", "default", "", {}, "host", {}), [], [])
        found = read(store, "2026")
    assert found.lessons is not None
    assert ("2025-lessons", []) == (found.lessons.run.id, list(lines(found)))


def test_a_scale_without_a_unit_names_none_on_an_axis() -> None:
    assert ["", " (%)"] == [FigureScale("").behind, FigureScale("%").behind]

"""A figure that something else on the machine disturbed is marked wherever a run shows it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from reports.charts import draw, load_charts
from reports.formats import NOISY
from reports.highlights.cards import cards
from reports.output.latex import as_latex
from reports.tables import Table, load_tables
from reports.tables.cost import TIMINGS
from reports.tidy.frame import Frames, rows_of
from tests.reports.conftest import COMPARED

MARK = f"({NOISY})"
TIMED = (*TIMINGS, "roofline", "augmentation_rate")
UNITS = ("s", "1/s", "J", "W", "FLOP/s", "B/s")
"""Of times, rates and energies."""
OF_TRAININGS = ("time_to_accuracy", "lessons")
"""Tables whose seconds are no timings, and are never disturbed."""
WAITED = "its threads waited 53 % of the time for a core"


def disturbed(frames: Frames, *measures: str, architecture: str | None = None) -> Frames:
    """The same run, with the figures of these measures disturbed."""
    records = frames.records
    chosen = records["measure"].isin(measures) & records["value"].notna()
    chosen &= architecture is None or records["architecture"] == architecture
    return frames.changed(records=records.assign(noisy=chosen.map({True: WAITED, False: None})))


@pytest.fixture(scope="module")
def noisy(frames: Frames) -> Frames:
    """A run all of whose timings were disturbed."""
    return disturbed(frames, *TIMED)


def timings_of(item: Table, frames: Frames, brief: bool = False) -> list[str]:
    """The text of each time, rate and energy that a table of the run shows."""
    plain = item.plain(frames)
    words = item.words(plain, brief)
    shown = [column for column in item.columns_of(plain) if column.unit in UNITS]
    return [
        text
        for column in shown
        for text, value in zip(words[column.heading], plain[column.heading], strict=True)
        if not pd.isna(value)
    ]


@pytest.mark.parametrize("brief", [False, True])
def test_every_timing_of_every_table_is_marked_where_all_were_disturbed(noisy: Frames, brief: bool) -> None:
    items = [item for item in load_tables() if item.name not in OF_TRAININGS]
    shown = [(item.name, text) for item in items for text in timings_of(item, noisy, brief)]
    assert [] == [(name, text) for name, text in shown if MARK not in text]
    assert {"accuracy_and_cost", "augmentation_rates", "comparisons", "evolution", "roofline", "speed"} <= {
        name for name, _ in shown
    }


def test_no_table_marks_a_quiet_run(frames: Frames) -> None:
    words = [item.formatted(frames).to_csv() for item in load_tables()]
    assert [] == [text for text in words if MARK in text]


def test_numbers_of_a_csv_stay_what_they_are_and_a_column_of_status_says_noisy(
    frames: Frames, noisy: Frames
) -> None:
    item = load_tables().get("evolution")
    quiet, loud = item.raw(frames), item.raw(noisy)
    pd.testing.assert_series_equal(quiet["Latency (s)"], loud["Latency (s)"])
    timed = loud["Latency (s)"].notna()
    assert {NOISY} == set(loud.loc[timed, "Latency status"])


def test_one_disturbed_timing_marks_no_other_figure(frames: Frames) -> None:
    found = disturbed(frames, "latency", architecture="resnet18")
    rows = rows_of(load_tables().get("evolution").formatted(found))
    marked = {(row["Architecture"], name) for row in rows for name, text in row.items() if MARK in str(text)}
    assert {("resnet18", "Latency")} == marked


@pytest.mark.parametrize(("disturbed_one", "marked"), [(COMPARED[0], COMPARED), (COMPARED[1], COMPARED[1:2])])
def test_a_ratio_is_marked_where_either_of_its_times_is(
    disturbed_one: str, marked: tuple[str, ...], frames: Frames
) -> None:
    found = disturbed(frames, "latency", architecture=disturbed_one)
    rows = rows_of(load_tables().get("comparisons").formatted(found))
    assert set(marked) == {row["Architecture"] for row in rows if MARK in row["Latency ratio"]}


def test_a_front_that_a_noisy_figure_is_on_says_so(noisy: Frames) -> None:
    rows = rows_of(load_tables().get("accuracy_and_cost").formatted(noisy))
    fronts = [cost for row in rows for cost in row["On the front of"].split(", ") if "Latency" in cost]
    assert {f"Latency {MARK}"} == set(fronts)


def test_an_exponent_of_noisy_points_is_marked(noisy: Frames) -> None:
    rows = rows_of(load_tables().get("scaling").formatted(noisy))
    assert {"latency"} == {row["Quantity"] for row in rows if MARK in row["Exponent"]}


def test_a_card_marks_its_timings(noisy: Frames) -> None:
    facts = [fact for card in cards(noisy) for fact in card.facts]
    timed = [fact.value for fact in facts if fact.name in ("Latency", "Throughput", "Training step", "Roofline")]
    good = [value for value in timed if any(map(str.isdigit, value))]
    assert good and all(MARK in value for value in good)


def test_latex_marks_its_timings(frames: Frames, noisy: Frames) -> None:
    item = load_tables().get("speed")
    assert 0 == as_latex(item, frames).count(MARK)
    assert len(timings_of(item, noisy)) <= as_latex(item, noisy).count(MARK)


@pytest.mark.parametrize(
    "name",
    [
        "augmentation_rates",
        "cost_side_by_side",
        "growth_of_cost",
        "published_accuracy_against_cost",
        "roofline_of_host",
        "throughput_against_macs",
        "which_backbone",
    ],
)
def test_a_chart_says_which_of_its_figures_are_noisy(name: str, frames: Frames, noisy: Frames) -> None:
    item = load_charts().get(name)
    assert NOISY not in _told(item.build(frames.escaped))
    assert NOISY in _told(item.build(noisy.escaped))


@pytest.mark.parametrize("name", ["published_accuracy_against_cost", "throughput_against_macs"])
def test_the_axis_of_a_chart_counts_its_noisy_figures(name: str, frames: Frames) -> None:
    found = disturbed(frames, "latency", "throughput", architecture="resnet18")
    assert ", 1 noisy (log scale)" in _told(draw(load_charts().get(name), found))


def _told(figure: Any) -> str:
    return str(figure.to_json())

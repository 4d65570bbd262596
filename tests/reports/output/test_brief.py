"""Tables on a terminal: each shows what it is read for, and no two rows that look alike."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from rich.console import Console, Group

from bench.cli.layout import FittedTable, chosen
from reports.output.brief import brief_table
from reports.tables import Column, Table, load_tables
from reports.tidy.frame import Frames

ROWS = 3


def invented(item: Table) -> pd.DataFrame:
    """Rows of a table of which the synthetic run has none: a value in every column."""
    found: dict[str, list[Any]] = {}
    for column in item.columns:
        figures = [0.123456 * 10**i for i in range(ROWS)]
        found[column.heading] = (
            figures if column.is_figure else [f"{column.heading.lower()} no. {i}" for i in range(ROWS)]
        )
        found |= {name: figures for name in (column.low, column.high) if name}
        found |= {name: ["s"] * ROWS for name in (column.units,) if name}
    names = {name for column in item.columns for name in column.asked if name}
    return pd.DataFrame(found | {name: [""] * ROWS for name in names - found.keys()})


def filled(item: Table, frames: Frames) -> Table:
    if len(item.plain(frames)):
        return item
    rows = invented(item)
    return replace(item, build=lambda frames: rows)


def fitted(item: Table, frames: Frames, most: int | None = None) -> FittedTable:
    shown = brief_table(item, frames, most)
    assert isinstance(shown, Group)
    (found,) = (part for part in shown.renderables if isinstance(part, FittedTable))
    return found


def text_of(item: Table, frames: Frames, most: int | None = None, width: int = 80) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(brief_table(item, frames, most))
    return console.export_text()


@pytest.mark.parametrize("most", [None, 2])
@pytest.mark.parametrize("item", load_tables(), ids=lambda item: item.name)
def test_every_column_that_a_table_is_read_for_is_shown_at_80_columns(
    frames: Frames, item: Table, most: int | None
) -> None:
    found = fitted(filled(item, frames), frames, most)
    there = [column.heading for column in found.columns if column.answers]
    shown = chosen(found.columns, 80, found.groups)
    assert there == [column.heading for column in shown if column.answers]


@pytest.mark.parametrize("item", load_tables(), ids=lambda item: item.name)
def test_a_table_says_what_it_is_read_for_in_three_columns_at_most(item: Table) -> None:
    assert 1 <= sum(column.answers for column in item.columns) <= 3


@pytest.mark.parametrize("item", load_tables(), ids=lambda item: item.name)
def test_no_two_rows_look_alike_at_80_columns(frames: Frames, item: Table) -> None:
    assert "look alike" not in text_of(filled(item, frames), frames)


def of_rows(rows: list[dict[str, Any]], *columns: Column, **more: Any) -> Table:
    frame = pd.DataFrame(rows)
    return replace(
        load_tables().get("scenarios"),
        title="Rows",
        columns=columns,
        build=lambda frames: frame,
        ordered=lambda found: found,
        **{"groups": (), "short": None} | more,
    )


NETWORK, TARGET, SEED = (Column(name, tells=True) for name in ("Network", "Target", "Seed"))
TRAININGS = [
    {"Network": name, "Target": target, "Seed": seed, "Top-1": 90.0 + seed}
    for target in ("digits", "textures")
    for name in ("lenet5", "alexnet")
    for seed in (1, 2)
]


def test_a_condition_that_all_rows_share_is_told_in_the_heading_once(frames: Frames) -> None:
    item = of_rows(TRAININGS[:4], NETWORK, TARGET, SEED, Column("Top-1", "%"))
    assert "Rows, target digits" == text_of(item, frames).splitlines()[1]
    assert 1 == text_of(item, frames).count("digits")


def test_what_neighbours_share_is_told_above_them(frames: Frames) -> None:
    item = of_rows(TRAININGS, NETWORK, TARGET, SEED, Column("Top-1", "%"), groups=("Target",))
    lines = text_of(item, frames).splitlines()
    assert ["digits", "textures"] == [lines[3], lines[8]]


def test_a_group_of_a_number_says_of_what_it_is(frames: Frames) -> None:
    item = of_rows(TRAININGS, NETWORK, TARGET, SEED, Column("Top-1", "%"), groups=("Target", "Seed"))
    assert "digits, seed 1" in text_of(item, frames)


def test_a_condition_that_is_seldom_shown_is_where_rows_would_look_alike(frames: Frames) -> None:
    seldom = replace(SEED, brief=False)
    item = of_rows(TRAININGS, NETWORK, TARGET, seldom, Column("Top-1", "%", answers=True))
    assert "Seed" in text_of(item, frames, width=40).partition("not shown")[0]


def test_rows_without_a_figure_are_told_apart_by_their_marks_too(frames: Frames) -> None:
    lost: list[dict[str, Any]] = [
        {"Network": "lenet5", "Top-1": None, "Setting": word} for word in ("2 shots", "5 shots")
    ]
    lost.append({"Network": "alexnet", "Top-1": 50.0, "Setting": ""})
    marked = Column("Top-1", "%", answers=True, differs=lambda row: str(row["Setting"]))
    text = text_of(of_rows(lost, NETWORK, marked, Column("Setting", brief=False)), frames, width=20)
    assert "Top-1 a: 2 shots; b: 5 shots" in " ".join(text.split())


def test_where_nothing_has_room_to_tell_rows_apart_that_is_said(frames: Frames) -> None:
    item = of_rows(TRAININGS, NETWORK, TARGET, SEED, Column("Top-1", "%", answers=True))
    assert "rows that look alike differ in: Target" in " ".join(text_of(item, frames, width=16).split())


def test_rows_that_stand_for_a_table_are_the_best_of_each_target(frames: Frames) -> None:
    text = text_of(load_tables().get("scenarios"), frames, 4)
    assert "Transfer scenarios: the best of each target, 4 of 26 rows (--table scenarios)" in text
    assert 2 == text.count("shots 5") + text.count("shots 20")


def test_the_evolution_in_short_has_a_row_of_each_year_with_its_lowest_error(frames: Frames) -> None:
    lines = text_of(load_tables().get("evolution"), frames, 10).splitlines()
    assert ["lenet5", "alexnet", "vgg19", "resnet152"] == [line.split()[0] for line in lines if " px" in line][:4]


def test_effects_that_are_decided_come_first_and_of_them_the_largest(frames: Frames) -> None:
    rows = load_tables().get("pretraining_effect").plain(frames)
    for _, some in rows.groupby("Treatment", sort=False):
        told = [
            (answer.startswith("undecided"), -abs(points))
            for answer, points in zip(some["Answer"], some["Difference"], strict=True)
        ]
        assert sorted(told) == told

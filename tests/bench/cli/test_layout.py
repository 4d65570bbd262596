"""Tables on a terminal: nothing is cut without a word."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from bench.cli.layout import INDENT, FittedTable, TextColumn

NAMES = ("resnext50_constant:bottleneck_width=64,cardinality=1", "alexnet")
COUNTS = ("2.84 M", "61.1 M")


def shown(width: int, *columns: TextColumn, **more: Any) -> list[str]:
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(FittedTable(columns, **more))
    return [line.rstrip() for line in console.export_text().splitlines()]


def counts(*headings: str) -> tuple[TextColumn, ...]:
    names = TextColumn("Architecture", NAMES, indent=INDENT)
    return (names, *(TextColumn(heading, COUNTS, number=True) for heading in headings))


def test_a_name_folds_behind_its_options_where_it_has_no_room() -> None:
    lines = shown(43, *counts("MACs"))
    assert [f"{'resnext50_constant:':<37}2.84 M", "  bottleneck_width=64,cardinality=1"] == lines[1:3]


def test_a_column_without_room_is_left_out_whole_and_named() -> None:
    lines = shown(40, *counts("Parameters", "MACs", "Activations"), rest="--format csv has all")
    assert "not shown at 40 columns: Activations" in " ".join(lines)
    assert "Activations" not in lines[0]


@pytest.mark.parametrize("width", range(20, 120))
def test_a_figure_that_is_shown_is_whole_at_any_width(width: int) -> None:
    columns = counts("Parameters", "MACs", "Activations")
    lines = shown(width, *columns)
    figures = sum(line.count(figure) for line in lines for figure in COUNTS)
    named = " ".join(lines).partition("not shown at")[2]
    assert 2 * sum(column.heading not in named for column in columns[1:]) == figures
    assert width >= max(map(len, lines))


@pytest.mark.parametrize("width", range(10, 120))
def test_no_character_of_a_name_is_lost_at_any_width(width: int) -> None:
    lines = shown(width, *counts("MACs")[:1])
    assert "".join(NAMES) in "".join(line.strip() for line in lines)


def test_all_is_on_one_line_where_there_is_room() -> None:
    assert [f"{NAMES[0]}  2.84 M", f"{NAMES[1]:<52}  61.1 M"] == shown(80, *counts("MACs"))[1:]


@pytest.mark.parametrize("text", ["a picture of 224 px, and more of it", "kernels of 11 x 11, and of more sizes"])
def test_a_number_stays_with_its_unit(text: str) -> None:
    found = [line for width in range(12, 40) for line in shown(width, TextColumn("about", (text,)))[1:]]
    assert not any(line.endswith(("224", "11", " x")) for line in found)


def test_an_address_is_not_broken_where_a_wider_column_can_be_given() -> None:
    address = "https://download.pytorch.org/models/x.pth"
    lines = shown(80, TextColumn("about", ("words " * 20,)), TextColumn("source", (f"see {address} for more",)))
    assert any(address in line for line in lines)


def test_a_column_that_is_not_needed_is_shown_where_it_has_room() -> None:
    columns = (*counts("MACs"), TextColumn("Family", ("ResNeXt", "AlexNet"), main=False))
    assert "Family" in shown(80, *columns)[0]
    assert "not shown at 60 columns: Family" in " ".join(shown(60, *columns))


RUNS = ("lenet5", "lenet5")
SEEDS = TextColumn("Seed", ("1", "2"), number=True, apart=("1", "2"))


def figures(heading: str, **more: Any) -> TextColumn:
    return TextColumn(heading, COUNTS, number=True, **more)


def test_a_column_that_answers_takes_the_room_of_those_before_it() -> None:
    columns = (*counts("Parameters", "MACs"), figures("Accuracy", answers=True))
    heading = shown(43, *columns)[0]
    assert "Accuracy" in heading
    assert "MACs" not in heading


def test_what_tells_rows_apart_takes_the_room_of_figures() -> None:
    columns = (TextColumn("Architecture", RUNS, apart=RUNS), figures("Parameters"), figures("MACs"), SEEDS)
    heading = shown(24, *columns)[0]
    assert "Seed" in heading
    assert "Parameters" not in heading


def test_a_condition_that_tells_no_rows_apart_has_no_right_of_way() -> None:
    same = TextColumn("Device", ("cpu", "cpu"), apart=("cpu", "cpu"))
    columns = (TextColumn("Architecture", RUNS, apart=RUNS), SEEDS, figures("MACs"), same)
    assert ["Architecture", "Seed", "MACs"] == shown(26, *columns)[0].split()


def test_what_neighbours_share_stands_above_the_first_of_them_and_tells_them_apart_from_others() -> None:
    columns = (TextColumn("Architecture", RUNS, apart=RUNS), figures("MACs", answers=True), SEEDS)
    lines = shown(20, *columns, groups=("digits", "textures"))
    assert ["digits", "lenet5", "textures", "lenet5"] == [line.split()[0] for line in lines[1:5]]
    assert "Seed" not in lines[0]


def test_a_heading_of_several_words_takes_two_lines_at_most() -> None:
    lines = shown(20, TextColumn("Network", RUNS), figures("Top-5 error, as published"))
    assert ["Network", "lenet5"] == [lines[0].split()[0], lines[2].split()[0]]

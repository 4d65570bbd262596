"""Tables as LaTeX."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from bench.store.database import Store
from reports.output.files import write_latex
from reports.output.latex import as_latex, escape
from reports.tables import Column, Table, load_tables
from reports.tidy.frame import Frames, read


def _table(frame: pd.DataFrame, *columns: Column) -> Table:
    return Table("mine", "Mine", "All of it.", "summary", columns, lambda frames: frame)


def _latex(frames: Frames, values: list[object], column: Column) -> list[str]:
    """The lines between the first and the last rule of a table of one column."""
    text = as_latex(_table(pd.DataFrame({column.heading: values}), column), frames)
    return [line for line in text.splitlines() if line.endswith(r"\\")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vit_b_16", r"vit\_b\_16"),
        ("100 %", r"100 \%"),
        ("a & b # c $ d", r"a \& b \# c \$ d"),
        ("{x}", r"\{x\}"),
        (r"C:\a", r"C:\textbackslash{}a"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"),
        ("random>digits", r"random\textgreater{}digits"),
        ("one\ntwo", "one two"),
    ],
)
def test_what_latex_would_take_for_a_command_is_printed(text: str, expected: str) -> None:
    assert expected == escape(text)


def test_the_unit_stands_in_the_heading_with_the_prefix_of_the_column(frames: Frames) -> None:
    expected = [r"Latency (ms) \\", r"1.23 \\", r"45.6 \\", r"789 \\"]
    assert expected == _latex(frames, [1.23e-3, 45.6e-3, 0.789], Column("Latency", "s"))


def test_percents_have_their_sign_escaped_in_the_heading(frames: Frames) -> None:
    assert [r"Accuracy (\%) \\", r"93.2 \\"] == _latex(frames, [93.21], Column("Accuracy", "%"))


def test_small_counts_stay_whole(frames: Frames) -> None:
    assert [r"Epochs \\", r"7 \\", r"120 \\"] == _latex(frames, [7.0, 120.0], Column("Epochs", "1"))


def test_bytes_have_no_prefix_below_one(frames: Frames) -> None:
    assert [r"Size (B) \\", r"0.500 \\"] == _latex(frames, [0.5], Column("Size", "B"))


def test_a_figure_that_is_missing_says_why(frames: Frames) -> None:
    column = Column("Latency", "s", status="Status")
    frame = pd.DataFrame({"Latency": [0.001, None], "Status": ["ok", "oom"]})
    assert r"oom \\" in as_latex(_table(frame, column), frames)


@pytest.mark.parametrize("others", [[], [0.002, 0.003]])
def test_a_figure_without_bound_is_infinity_whatever_stands_beside_it(frames: Frames, others: list[float]) -> None:
    frame = pd.DataFrame({"Latency": [float("inf"), float("-inf"), *others]})
    text = as_latex(_table(frame, Column("Latency", "s")), frames)
    assert ["$\\infty$ \\\\", "$-\\infty$ \\\\"] == [line for line in text.splitlines() if "infty" in line]


def test_an_interval_stands_in_braces_beside_its_figure(frames: Frames) -> None:
    column = Column("Latency", "s", low="low", high="high")
    frame = pd.DataFrame({"Latency": [0.002], "low": [0.001], "high": [0.003]})
    assert r"2.00 {[1.00, 3.00]} \\" in as_latex(_table(frame, column), frames)


def test_a_short_table_has_the_rules_of_booktabs(frames: Frames) -> None:
    text = as_latex(load_tables().get("evolution"), frames)
    assert [1, 1, 1] == [text.count(rf"\{rule}rule") for rule in ("top", "mid", "bottom")]
    assert r"\begin{tabular}" in text


def test_a_long_table_breaks_across_pages(frames: Frames) -> None:
    column = Column("Epochs", "1")
    text = as_latex(_table(pd.DataFrame({"Epochs": range(60)}), column), frames)
    assert r"\begin{longtable}{r}" in text
    assert r"\endhead" in text


def test_every_row_of_every_table_has_as_many_columns_as_its_layout(frames: Frames) -> None:
    for item in load_tables():
        text = as_latex(item, frames)
        rows = [re.sub(r"\\&", "", line) for line in text.splitlines() if line.endswith(r"\\")]
        counts = {line.count("&") + 1 for line in rows if not line.startswith(r"\caption")}
        assert counts <= {len(item.filled(item.plain(frames)))}, item.name


def test_every_table_that_has_rows_becomes_a_file(tmp_path: Path, synthetic: Path, frames: Frames) -> None:
    with Store.open(synthetic) as store:
        written = write_latex(read(store, "latest"), tmp_path)
    names = {item.name for item in load_tables() if len(item.plain(frames))}
    assert names == {path.stem for path in written}

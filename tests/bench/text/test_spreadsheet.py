"""A spreadsheet takes no text of ours for a formula, and every number for a number."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest

from bench.text.spreadsheet import as_csv, frame_as_csv

FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\n=1", "＝1+1"]


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_is_a_formula_becomes_text(text: str) -> None:
    assert [[f"'{text}"], [f"'{text}"]] == read(as_csv([text], [[text]]))


@pytest.mark.parametrize("text", FORMULAS)
def test_so_it_does_in_a_table_of_pandas(text: str) -> None:
    frame = pd.DataFrame({text: [text, 1, None], "label": pd.Series([text, "a", "b"], dtype="category")})
    assert [[f"'{text}", "label"], [f"'{text}", f"'{text}"]] == read(frame_as_csv(frame))[:2]


NUMBERS = [-1, -0.5, float("inf"), float("-inf"), np.float64(-2.5), np.int64(-3), 1e-9]


@pytest.mark.parametrize("number", NUMBERS, ids=str)
def test_a_number_stays_a_number(number: float) -> None:
    assert ([["figure"], [str(number)]], number) == (
        read(as_csv(["figure"], [[number]])),
        float(read(frame_as_csv(pd.DataFrame({"figure": [number]})))[1][0]),
    )


def test_a_number_among_texts_stays_a_number() -> None:
    assert [["of"], ["-1"], ["-0.5"], ["'-x"]] == read(frame_as_csv(pd.DataFrame({"of": [-1, -0.5, "-x"]})))


def test_a_carriage_return_ends_no_row_and_hides_no_formula() -> None:
    rows = [["'\na=1\nb"]]
    assert (
        rows
        == read(as_csv(["x"], [["\ra=1\r\nb"]]))[1:]
        == read(frame_as_csv(pd.DataFrame({"x": ["\ra=1\r\nb"]})))[1:]
    )


def test_other_texts_and_what_is_missing_stay_as_they_are() -> None:
    row = ["a=b", "resnet18", "", None, "–"]
    assert [["a=b", "resnet18", "", "", "–"]] == read(as_csv(["", "b", "c", "d", "e"], [row]))[1:]

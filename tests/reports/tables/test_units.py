"""What a spreadsheet reads of a table: numbers, their unit in the heading."""

from __future__ import annotations

import re

import pytest
from pandas.api.types import is_integer_dtype

from reports.tables import Table, load_tables
from reports.tidy.frame import Frames

_WITH_UNIT = re.compile(r"[\d.]+ ?(px|%|[mµnkMG]?(s|B|J))")


@pytest.mark.parametrize("table", load_tables(), ids=lambda table: table.name)
def test_no_raw_cell_is_a_number_with_a_unit_behind_it(table: Table, frames: Frames) -> None:
    raw = table.raw(frames).astype("object")
    texts = {str(cell) for _, column in raw.items() for cell in column if isinstance(cell, str)}
    assert not {text for text in texts if _WITH_UNIT.fullmatch(text)}


@pytest.mark.parametrize(("name", "heading"), [("evolution", "Input (px)"), ("scenarios", "Resolution (px)")])
def test_the_side_of_an_input_is_a_number_of_pixels(name: str, heading: str, frames: Frames) -> None:
    sides = load_tables().get(name).raw(frames)[heading]
    assert is_integer_dtype(sides)

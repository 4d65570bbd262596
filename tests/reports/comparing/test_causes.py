"""What explains a regression, on the page of two runs: from the store alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.compare.causes.difference import Cause, Difference, ProfilePart
from bench.compare.gate.decided import keep
from bench.compare.verdict import Comparison
from bench.store.database import Store
from reports.comparing.causes import icicle
from reports.comparing.pairing import causes, pair_up
from reports.page.several import render_pair
from tests.bench.compare.gates import CELL, Gate, compared

BASE, HEAD = "20260101-000000-base", "20260101-000000-head"
DIFFERENCE = Difference(
    unit="s",
    base=0.005,
    head=0.008,
    steps=15,
    pairs=5,
    parts=(
        ProfilePart("", "Net", "python", 0.001, 0.001),
        ProfilePart("block.conv", "Conv2d", "aten::conv2d", 0.003, 0.003),
        ProfilePart("block", "Block", "python", 0.001, 0.003),
        ProfilePart("<b>new", "Conv2d", "aten::conv2d", None, 0.001),
    ),
)
CAUSE = Cause("layer", "block (Block), Python outside operators", 0.001, 0.003, "s", 2 / 3)


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """A gate whose regression was profiled."""
    found = compared(tmp_path / "gate.sqlite")
    told = tuple(replace(item, causes=(CAUSE,)) for item in found.told)
    with Store.create(found.store) as store:
        keep(store, HEAD, told, {CELL.key: DIFFERENCE})
    return Gate(found.store, told)


def test_what_was_told_is_what_the_store_has(gate: Gate) -> None:
    with Store.open(gate.store) as store:
        found = pair_up(store, BASE, HEAD)
    assert (gate.told, {CELL.key: DIFFERENCE}) == (found.found, found.differences)


def test_the_causes_are_a_table_in_words(gate: Gate) -> None:
    with Store.open(gate.store) as store:
        (row,) = causes(pair_up(store, BASE, HEAD)).to_dict("records")
    assert ("67 %", "1.00 ms", "3.00 ms") == (row["Share"], row["First run"], row["Second run"])


def test_the_page_has_causes_and_a_chart_of_the_difference(gate: Gate) -> None:
    with Store.open(gate.store) as store:
        page = render_pair(store, BASE, HEAD)
    assert "What explains the regressions" in page
    assert f"Where the difference lies: {CELL}" in page
    assert "15 steps of 5 pairs of processes" in page


def test_without_profiles_the_page_tells_of_none(tmp_path: Path) -> None:
    with Store.open(compared(tmp_path / "gate.sqlite").store) as store:
        assert "Where the difference lies" not in render_pair(store, BASE, HEAD)


def test_a_verdict_of_before_there_were_causes_has_none(gate: Gate) -> None:
    with Store.open(gate.store) as store:
        content = store.verdicts(HEAD)[CELL.key]
    del content["causes"]
    assert () == Comparison.from_dict(content).causes


def test_a_box_is_as_wide_as_what_is_in_it() -> None:
    (trace,) = icicle(DIFFERENCE).data
    width = dict(zip(trace.ids, trace.values, strict=True))
    assert pytest.approx(width["all/block"]) == width["all/block/conv"] + width["all/block/Python"]
    assert pytest.approx(width["all"]) == sum(
        width[name] for name, parent in zip(trace.ids, trace.parents, strict=True) if parent == "all"
    )


def test_the_colour_of_a_box_is_its_share_of_the_difference() -> None:
    (trace,) = icicle(DIFFERENCE).data
    share = dict(zip(trace.ids, trace.marker.colors, strict=True))
    assert pytest.approx((100, 200 / 3)) == (share["all"], share["all/block"])


def test_a_layer_whose_name_is_markup_is_shown_as_it_is() -> None:
    (trace,) = icicle(DIFFERENCE).data
    assert "&lt;b&gt;new (Conv2d)" in trace.labels
    assert not any("<b>" in text for text in (*trace.labels, *trace.ids, *trace.customdata))

"""The diagram of a block: its boxes, and where they stand."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest

from reports.page.boxes import INPUT, boxes_of
from reports.page.diagram import Placed, Sheet, sheet_of
from tests.reports.blocks import ALL, ATTENTION, BRANCHES, GATED, PROJECTED, RESIDUAL, block, conv, step

every_block = pytest.mark.parametrize("recorded", ALL.values(), ids=list(ALL))


def overlap(one: Placed, other: Placed) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    above = one.y + one.height <= other.y or other.y + other.height <= one.y
    return not beside and not above


def columns(sheet: Sheet) -> list[tuple[int, int]]:
    return [(item.column, item.right) for item in sheet.boxes]


def test_norm_and_activation_stand_in_the_box_of_their_layer() -> None:
    boxes, _ = boxes_of(RESIDUAL)
    assert ["3 × 3 conv", "4 → 4", "batch norm · ReLU"] == boxes[0].text


def test_an_activation_behind_a_sum_has_a_box_of_its_own() -> None:
    boxes, output = boxes_of(RESIDUAL)
    assert (["ReLU"], 3) == (boxes[output].text, output)


def test_a_norm_whose_layer_feeds_something_else_too_has_a_box_of_its_own() -> None:
    boxes, _ = boxes_of(block(conv(-1), step("BatchNorm2d", 0), step("add", 1, 0)))
    assert ["batch norm"] == boxes[1].text


def test_the_sum_takes_the_input_by_a_line_past_the_layers() -> None:
    boxes, _ = boxes_of(RESIDUAL)
    sheet = sheet_of(RESIDUAL)
    assert {1, INPUT} == set(boxes[2].inputs)
    assert 1 == len(sheet.dots)


def test_a_chain_has_no_line_past_anything() -> None:
    assert () == sheet_of(block(conv(-1), conv(0), conv(1))).dots


def test_branches_stand_side_by_side_between_what_feeds_and_what_joins_them() -> None:
    sheet = sheet_of(BRANCHES)
    assert [(0, 2), (0, 0), (1, 1), (1, 1), (2, 2), (0, 2)] == columns(sheet)
    assert (len({box.y for box in (sheet.boxes[1], sheet.boxes[2])}), ()) == (1, sheet.dots)


def test_a_projection_stands_beside_what_it_goes_past() -> None:
    assert [(0, 1), (0, 0), (0, 0), (1, 1), (0, 1)] == columns(sheet_of(PROJECTED))


def test_a_gate_stands_in_line_and_what_it_scales_runs_past_it() -> None:
    sheet = sheet_of(GATED)
    assert ({(0, 0)}, 2) == (set(columns(sheet)), len(sheet.dots))


def test_query_key_and_value_stand_side_by_side_with_their_names() -> None:
    sheet = sheet_of(ATTENTION)
    names = {item.box.lines[0]: item.column for item in sheet.boxes if item.box.kind == "layer"}
    assert {"linear (query)": 0, "linear (key)": 1, "linear (value)": 2} == names


@every_block
def test_no_box_covers_another(recorded: dict[str, Any]) -> None:
    assert [] == [pair for pair in combinations(sheet_of(recorded).boxes, 2) if overlap(*pair)]


@every_block
def test_all_boxes_are_on_the_sheet(recorded: dict[str, Any]) -> None:
    sheet = sheet_of(recorded)
    outside = [
        item
        for item in sheet.boxes
        if item.x < 0 or item.x + item.width > sheet.width or item.y + item.height > sheet.height
    ]
    assert [] == outside


@every_block
def test_what_feeds_a_box_stands_above_it(recorded: dict[str, Any]) -> None:
    placed = sheet_of(recorded).boxes
    assert all(placed[i].y + placed[i].height < item.y for item in placed for i in item.box.inputs)


@every_block
def test_every_input_of_every_box_has_a_line_and_so_has_the_output(recorded: dict[str, Any]) -> None:
    sheet = sheet_of(recorded)
    assert 1 + sum(len(item.box.inputs) for item in sheet.boxes) == len(sheet.lines)


CHAIN = block(conv(-1), *(conv(i) for i in range(6)))


def test_a_long_chain_is_folded_into_columns_of_about_as_many_boxes() -> None:
    assert [(c, c) for c in (0, 0, 0, 0, 1, 1, 1, 1)] == columns(sheet_of(CHAIN, tallest=5))


def test_a_folded_chain_covers_nothing_and_its_lines_go_from_foot_to_head() -> None:
    sheet = sheet_of(CHAIN, tallest=3)
    assert [] == [pair for pair in combinations(sheet.boxes, 2) if overlap(*pair)]
    assert 2 == sum(line.count("H") == 2 for line in sheet.lines)
    assert all(0 <= float(y) <= sheet.height for line in sheet.lines for y in re.findall(r"V([\d.-]+)", line))


@every_block
def test_what_is_no_chain_is_not_folded(recorded: dict[str, Any]) -> None:
    assert sheet_of(recorded) == sheet_of(recorded, tallest=1)


def test_boxes_are_as_wide_as_their_longest_line_needs() -> None:
    narrow, wide = block(conv(-1)), block(step("ShiftedWindowAttention", -1, heads=3, window=7))
    assert sheet_of(narrow).boxes[1].width < sheet_of(wide).boxes[1].width


@every_block
def test_the_words_for_the_output_are_on_the_sheet(recorded: dict[str, Any]) -> None:
    sheet = sheet_of(recorded)
    half = 6 * len(sheet.output) / 2
    assert 0 <= sheet.exit[0] - half <= sheet.exit[0] + half <= sheet.width


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        (
            step("Conv2d", -1, settings={"in": 8, "out": 8, "kernel": 5, "groups": 8}),
            ["5 × 5 depthwise conv", "8 → 8"],
        ),
        (
            step("Conv2d", -1, settings={"in": 8, "out": 16, "kernel": 3, "groups": 4, "stride": 2}),
            ["3 × 3 conv", "8 → 16, 4 groups, stride 2"],
        ),
        (step("Conv2d", -1, settings={"in": 8, "out": 8, "kernel": [1, 7]}), ["1 × 7 conv", "8 → 8"]),
        (step("MultiheadAttention", -1, heads=12), ["multi-head attention", "12 heads"]),
        (
            step("ShiftedWindowAttention", -1, heads=3, window=7),
            ["Shifted window attention", "3 heads, windows of 7 × 7"],
        ),
        (step("Linear", -1, name="mlp.0", settings={"in": 768, "out": 3072}), ["linear", "768 → 3,072"]),
        (step("cat", 0, 1), ["concatenate", "8 × 8 × 4"]),
    ],
)
def test_a_box_says_what_it_does(recorded: dict[str, Any], words: list[str]) -> None:
    boxes, _ = boxes_of(block(conv(-1), conv(-1), recorded))
    assert words == boxes[-1].text

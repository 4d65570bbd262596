"""Blocks and options side by side, as table and chart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.store.database import Store
from reports.charts import NoData, draw, load_charts
from reports.page.document import render
from reports.tables import load_tables
from reports.tidy.frame import Frames, read


def _rows(frames: Frames, table: str) -> list[dict[str, Any]]:
    return [
        {str(k): v for k, v in row.items()} for row in load_tables().get(table).plain(frames).to_dict("records")
    ]


def test_the_first_side_stands_at_one(frames: Frames) -> None:
    first = _rows(frames, "comparisons")[0]
    assert [1.0, 1.0, 1.0] == [first[f"{name} ratio"] for name in ("Parameters", "MACs", "Latency")]


def test_a_ratio_is_a_sides_figure_over_that_of_the_first(frames: Frames) -> None:
    deeper = _rows(frames, "comparisons")[2]
    assert ("the resnet34 side", pytest.approx(3.66e9 / 2.82e6)) == (deeper["Side"], deeper["MACs ratio"])


def test_what_was_not_measured_has_no_ratio(frames: Frames) -> None:
    assert load_tables().get("comparisons").plain(frames)["Activations ratio"].isna().all()


def test_sides_that_were_trained_alike_are_compared_by_pairs_of_the_same_seed(frames: Frames) -> None:
    scratch = [row for row in _rows(frames, "comparison_accuracy") if "scratch" in row["Condition"]]
    assert [("the resnet18 side", 3)] * 2 == [(row["Treatment"], row["n"]) for row in scratch]


def test_the_chart_has_a_panel_for_each_comparison(frames: Frames) -> None:
    figure = draw(load_charts().get("cost_side_by_side"), frames)
    assert ["Depth"] == [annotation.text for annotation in figure.layout.annotations]


def test_a_run_of_no_two_sides_says_what_would_measure_them(
    tmp_path: Path, build_run: Callable[[Path, Any], Any], plan: Any
) -> None:
    build_run(tmp_path / "s.sqlite", plan)
    with Store.open(tmp_path / "s.sqlite") as store:
        frames, page = read(store, "small"), render(store, "small")
    with pytest.raises(NoData, match="no two sides of a comparison"):
        draw(load_charts().get("cost_side_by_side"), frames)
    assert "evobench run --suite blocks" in page

"""Growth of cost along sweeps: from the points of a run to exponents, rows and the chart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Record
from bench.store.database import CellRow, Declaration, RunRow, Store
from reports.charts import NoData, draw, load_charts
from reports.tables import load_tables
from reports.tables.scaling import ScalingSeries, growth
from reports.tidy.frame import Frames, read

RUN = RunRow("r", "2026-01-02T03:04:05+00:00", "default", "evobench run", {"cpu": "X"}, "host", {})
BATCHES = (1, 2, 4, 8)
UNITS = {"latency": "s", "macs": "1", "peak_memory": "B"}
Read = Callable[..., Frames]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Read]:
    """Frames of a run with these records and one sweep over the batch."""

    def build(*records: Record) -> Frames:
        points = [
            {"x": float(b), "architecture": "net", "resolution": 224, "batch": b, "label": ""} for b in BATCHES
        ]
        content = {"title": "Batch", "about": "", "axis": "batch", "unit": "images", "points": points}
        declared = [
            Declaration("architecture", "net", {"name": "net", "family": "F"}),
            Declaration("sweep", "batches", content),
        ]
        cells = {record.cell.key: record.cell for record in records}
        with Store.create(tmp_path / "s.sqlite") as store:
            store.begin_run(RUN, declared, [CellRow(cell, ("scaling",), 1.0, 1) for cell in cells.values()])
            for record in records:
                store.add_record("r", record)
            return read(store, "r")

    yield build


def record(batch: int, *values: float, measure: str = "latency", **cost: Any) -> Record:
    scenario = Cost(mode=cost.pop("mode", "infer"), resolution=224, batch=batch, **cost)
    return Record(
        cell=Cell("net", measure, scenario), replicate=0, status="ok", unit=UNITS[measure], values=values
    )


def failed(batch: int) -> Record:
    return replace(record(batch), status="oom", reason="memory is full")


def latencies(seconds: Sequence[float] = (1.0, 1.9, 4.2, 8.0), **cost: Any) -> list[Record]:
    return [record(batch, value, **cost) for batch, value in zip(BATCHES, seconds, strict=True)]


def only(frames: Frames) -> ScalingSeries:
    (series,) = growth(frames)
    return series


def rows(frames: Frames) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in _table("scaling", frames).to_dict("records")]


def _table(name: str, frames: Frames) -> Any:
    return load_tables().get(name).plain(frames)


def test_a_figure_that_doubles_with_the_axis_has_the_exponent_one(run: Read) -> None:
    fit = only(run(*latencies((1.0, 2.0, 4.0, 8.0)))).fit
    assert fit is not None
    assert 1.0 == pytest.approx(fit.exponent)


def test_the_meaning_of_an_exponent_is_what_doubling_does(run: Read) -> None:
    assert "twice the images: 4.0 times the latency" == only(run(*latencies((1, 4, 16, 64)))).meaning


def test_a_row_has_the_interval_and_the_number_of_points(run: Read) -> None:
    (row,) = rows(run(*latencies()))
    assert row["Low"] < row["Exponent"] < row["High"]
    assert (4, "1 to 8 images") == (row["n"], row["Range"])


def test_two_points_have_an_exponent_without_an_interval(run: Read) -> None:
    fit = only(run(*latencies()[:2])).fit
    assert fit is not None
    assert (None, 2) == (fit.interval, fit.n)


def test_a_point_without_a_figure_leaves_the_fit_to_the_others(run: Read) -> None:
    assert [1.0, 2.0, 4.0] == [point["x"] for point in only(run(*latencies()[:3], failed(8))).points]


def test_a_sweep_of_which_one_point_is_left_shows_why(run: Read) -> None:
    (row,) = rows(run(record(1, 1.0), failed(2)))
    assert ("oom", "") == (row["Status"], row["Meaning"])


def test_the_macs_of_a_point_are_those_of_its_whole_batch(run: Read) -> None:
    series = growth(run(record(1, 100.0, measure="macs"), *latencies()))[0]
    assert [("MACs", y) for y in (100.0, 200.0, 400.0, 800.0)] == [
        (series.quantity, point["y"]) for point in series.points
    ]


def test_macs_alone_tell_nothing_of_a_batch(run: Read) -> None:
    assert [] == growth(run(record(1, 100.0, measure="macs"), record(2, 100.0, measure="macs")))


def test_each_condition_is_a_series_of_its_own(run: Read) -> None:
    found = growth(run(*latencies(), *latencies((0.5, 1, 2, 4), precision="bf16")))
    assert [("", 1.0), ("bf16", 0.5)] == [(series.conditions, series.points[0]["y"]) for series in found]


def test_what_was_trained_is_no_point(run: Read) -> None:
    assert [] == growth(run(*latencies(mode="train")))


def test_the_chart_has_a_panel_for_each_sweep(frames: Frames) -> None:
    figure = draw(load_charts().get("growth_of_cost"), frames)
    assert ["Layers of ResNet"] == [annotation.text for annotation in figure.layout.annotations]


def test_points_stand_at_their_ratio_to_the_first(run: Read) -> None:
    figure = draw(load_charts().get("growth_of_cost"), run(*latencies((2.0, 4.0, 8.0, 16.0))))
    assert (1.0, 2.0, 4.0, 8.0) == figure.data[0].y


def test_the_line_is_the_fitted_power_law(run: Read) -> None:
    frames = run(*latencies())
    fit = only(frames).fit
    line = next(t for t in draw(load_charts().get("growth_of_cost"), frames).data if t.mode == "lines")
    assert fit is not None
    assert (fit.at(1.0), fit.at(8.0)) == pytest.approx(line.y)


def test_bars_reach_over_the_quantiles_of_the_samples(run: Read) -> None:
    frames = run(record(1, 1.0), record(2, 1.0, 2.0, 3.0), record(4, 4.0))
    bars = draw(load_charts().get("growth_of_cost"), frames).data[0].error_y
    assert (0, pytest.approx(0.9), 0) == bars.array


def test_quantities_differ_in_shape_and_colour(frames: Frames) -> None:
    figure = draw(load_charts().get("growth_of_cost"), frames)
    markers = {trace.name: (trace.marker.symbol, trace.marker.color) for trace in figure.data if trace.name}
    assert {"MACs", "latency", "peak memory"} == set(markers)
    assert 3 == len({symbol for symbol, _ in markers.values()}) == len({colour for _, colour in markers.values()})


def test_a_run_that_failed_has_no_growth_to_draw(run: Read) -> None:
    with pytest.raises(NoData, match="no three points of a sweep"):
        draw(load_charts().get("growth_of_cost"), run(failed(1), failed(2)))


def test_a_sweep_of_two_points_is_not_drawn(run: Read) -> None:
    with pytest.raises(NoData, match="no three points"):
        draw(load_charts().get("growth_of_cost"), run(record(1, 1.0), record(2, 2.0)))


def test_a_sweep_of_one_point_is_not_told(run: Read) -> None:
    frames = run(record(4, 1.0))
    assert load_tables().get("scaling").plain(frames).empty


def test_points_that_came_to_nothing_are_told(run: Read) -> None:
    assert ["oom"] == list(load_tables().get("scaling").plain(run(record(4, 1.0), failed(8)))["Status"])

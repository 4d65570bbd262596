"""What the charts draw."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

import reports.charts
from bench.store.database import Store
from reports.charts import Chart, NoData, draw, load_charts
from reports.drawing import labels, style
from reports.drawing.points import distinct_points
from reports.drawing.scatter import Ball, add_balls
from reports.drawing.views import switchable
from reports.tidy.frame import Frames, read

Build = Callable[[Path, Any], Any]
OF_FEW_POINTS = ("augmentation_rates", "augmentation_by_shots")
EVERY = pytest.mark.parametrize("item", load_charts(), ids=lambda item: item.name)


@EVERY
def test_every_chart_draws_the_plausible_run(frames: Frames, item: Chart) -> None:
    if item.name in OF_FEW_POINTS:
        pytest.skip("the plausible run has two points of it")
    assert draw(item, frames).layout.height > 200


@pytest.mark.parametrize("name", OF_FEW_POINTS)
def test_two_points_are_no_chart(frames: Frames, name: str) -> None:
    with pytest.raises(NoData, match="a chart needs 3 points at least, and this run has 2"):
        draw(load_charts().get(name), frames)


def test_lines_that_fit_and_entries_of_the_key_are_no_points() -> None:
    figure = go.Figure()
    figure.add_scatter(x=[1, 2], y=[1, 4], mode="markers")
    figure.add_scatter(x=[1, 1.5, 2], y=[1, 2, 4], mode="lines", hoverinfo="skip")
    style.shape_key(figure, ("circle", "measured"))
    assert 2 == distinct_points(figure)


def test_points_at_one_place_count_once() -> None:
    figure = go.Figure().add_scatter(x=[1, 1, 2], y=[3, 3, 3]).add_scatter(x=[1], y=[3])
    assert 2 == distinct_points(figure)


def test_of_several_views_the_fullest_counts() -> None:
    views = [("few", go.Figure().add_scatter(x=[1], y=[1])), ("more", go.Figure().add_scatter(x=[1, 2], y=[1, 4]))]
    assert 2 == distinct_points(switchable(views))


@EVERY
@pytest.mark.parametrize("outcome", ["failed", "none"])
def test_a_chart_without_its_data_says_so(
    tmp_path: Path, build_run: Build, plan: Any, outcome: str, item: Chart
) -> None:
    lineages = tuple(replace(lineage, top1=None, top5=None) for lineage in plan.lineages)
    build_run(tmp_path / "s.sqlite", replace(plan, outcome=outcome, lineages=lineages))
    with Store.open(tmp_path / "s.sqlite") as store, pytest.raises(NoData, match=r"no \w+"):
        draw(item, read(store, "small"))


def test_every_module_of_charts_declares_a_chart() -> None:
    modules = {m.name for m in pkgutil.iter_modules(reports.charts.__path__) if not m.name.startswith("_")}
    declaring = {item.build.__module__.rpartition(".")[2] for item in load_charts()}
    assert modules == declaring


def test_a_way_of_learning_looks_the_same_in_every_chart(frames: Frames) -> None:
    dots, lines = (draw(load_charts().get(name), frames) for name in ("scenario_accuracy", "learning_curves"))
    keys = [
        {
            t.name: (t.marker.color, t.marker.symbol)
            for t in chart.data
            if t.showlegend is None and t.mode == "markers"
        }
        for chart in (dots, lines)
    ]
    assert 3 < len(keys[0])
    assert keys[1] == {name: look for name, look in keys[0].items() if "augmentation" not in name}


def test_published_and_measured_points_differ_in_shape(frames: Frames) -> None:
    published = draw(load_charts().get("error_against_year"), frames)
    measured = draw(load_charts().get("throughput_against_macs"), frames)
    assert {"diamond"} == _shapes(published)
    assert {"circle"} == _shapes(measured)


def test_a_point_of_another_protocol_is_open(frames: Frames) -> None:
    figure = draw(load_charts().get("published_accuracy_against_cost"), frames)
    shown = {
        names[0]: symbol
        for trace in figure.data
        if trace.customdata is not None
        for names, symbol in zip(trace.customdata, trace.marker.symbol, strict=True)
    }
    assert ("diamond-open", "diamond") == (shown["vgg16"], shown["vgg19"])


def test_the_pareto_front_only_rises(frames: Frames) -> None:
    figure = draw(load_charts().get("published_accuracy_against_cost"), frames)
    front = next(trace for trace in figure.data if trace.mode == "lines")
    assert sorted(front.y) == list(front.y)
    assert sorted(front.x) == list(front.x)


def test_the_area_of_a_ball_is_proportional_to_parameters(frames: Frames) -> None:
    figure = draw(load_charts().get("published_accuracy_against_cost"), frames)
    size = {n[0]: s for t in figure.data if t.customdata is not None for n, s in _sized(t)}
    assert 143.67 / 60.19 == pytest.approx((size["vgg19"] / size["resnet152"]) ** 2)


def test_names_from_users_cannot_bring_tags_into_a_chart(frames: Frames) -> None:
    names = "<b>" + frames.records["architecture"]
    figure = draw(
        load_charts().get("peak_memory_by_architecture"),
        frames.changed(records=frames.records.assign(architecture=names)),
    )
    assert all(name.startswith("&lt;b&gt;") for name in figure.data[0].y)


def test_labels_that_would_cover_each_other_are_left_out() -> None:
    points = [labels.MarkerPoint(100, 100, 5, "resnet50") for _ in range(9)]
    placed = labels.place(points, 800)
    assert 9 == len(placed)
    assert 4 >= sum(side != "" for side in placed)


def test_a_label_at_the_right_edge_stands_on_the_left() -> None:
    assert ["middle left"] == labels.place([labels.MarkerPoint(790, 100, 5, "resnet50")], 800)


def _shapes(figure: Any) -> set[str]:
    return {symbol for trace in figure.data if trace.customdata is not None for symbol in trace.marker.symbol}


def _sized(trace: Any) -> Any:
    return zip(trace.customdata, trace.marker.size, strict=True)


def test_a_ball_at_zero_is_left_out_of_a_logarithmic_axis() -> None:
    figure = make_subplots()
    balls = [Ball(name, None, x, 1.0, "circle", "") for name, x in (("no_macs", 0.0), ("tiny", 5.0))]
    add_balls(figure, balls, height=300, log_x=True)
    assert [(5.0,)] == [trace.x for trace in figure.data]


def test_a_timeline_tells_what_each_architecture_brought(frames: Frames) -> None:
    figure = draw(load_charts().get("timeline"), frames)
    told = {name: hover for trace in figure.data for name, hover in trace.customdata}
    assert "2015, ResNet<br>What ResNet brought.<br>arXiv:0000.00000" == told["resnet50"]
    assert told["vgg11_reduced"].startswith("2014, VGG, a reduced form of vgg11")


def test_lanes_of_the_timeline_begin_with_the_oldest_family(frames: Frames) -> None:
    lanes = draw(load_charts().get("timeline"), frames).layout.yaxis.ticktext
    assert ("LeNet", "AlexNet", "GoogLeNet") == lanes[:3]


def test_what_has_no_year_is_on_no_axis_of_years(frames: Frames) -> None:
    drawn = {
        name
        for chart in ("timeline", "error_against_year", "parameters_and_macs_against_year")
        for trace in draw(load_charts().get(chart), frames).data
        for name, *_ in ([] if trace.customdata is None else trace.customdata)
    }
    assert ("lenet5" in drawn, "lecture_cnn" in drawn) == (True, False)


def test_an_axis_of_years_says_which_year_it_is(frames: Frames) -> None:
    layout = draw(load_charts().get("timeline"), frames).layout
    assert "Year of the first publication (preprint or venue)" == layout.xaxis.title.text


def test_the_timeline_tells_the_year_of_the_venue_too(frames: Frames) -> None:
    figure = draw(load_charts().get("timeline"), frames)
    told = next(trace for trace in figure.data if trace.name == "GoogLeNet").customdata[0][1]
    assert told.startswith("2014, at its venue 2015, GoogLeNet<br>")


def test_parameters_against_the_year_are_those_of_an_inference(frames: Frames) -> None:
    figure = draw(load_charts().get("parameters_and_macs_against_year"), frames)
    value, told = next(
        (y, told)
        for trace in figure.data
        for y, (name, told) in zip(trace.y, trace.customdata, strict=True)
        if name == "googlenet"
    )
    assert 6_624_904 == value
    assert "6.38 M more in auxiliary heads" in told


def test_architectures_of_one_family_and_year_do_not_cover_each_other(frames: Frames) -> None:
    figure = draw(load_charts().get("timeline"), frames)
    trace = next(trace for trace in figure.data if trace.name == "EfficientNet")
    assert 9 == len(set(zip(trace.x, trace.y, strict=True)))


def test_accuracy_is_drawn_against_each_cost_with_a_front_of_its_own(frames: Frames) -> None:
    menu = draw(load_charts().get("published_accuracy_against_cost"), frames).layout.updatemenus[0]
    assert ["MACs", "Latency", "Peak memory", "Parameters"] == [button.label for button in menu.buttons]
    by_macs, by_latency = (list(button.args[0]["y"][0]) for button in menu.buttons[:2])
    assert [75.1, *by_macs] == by_latency


def test_an_architecture_without_a_cost_has_no_place_on_its_axis(frames: Frames) -> None:
    menu = draw(load_charts().get("published_accuracy_against_cost"), frames).layout.updatemenus[0]
    latency = next(button.args[0] for button in menu.buttons if button.label == "Latency")
    trace, point = next(
        (i, j)
        for i, rows in enumerate(latency["customdata"])
        for j, row in enumerate(rows or ())
        if row[0] == "swin_t"
    )
    assert latency["x"][trace][point] is None
    assert "" == latency["text"][trace][point]


def test_measured_accuracies_have_circles_and_their_intervals(frames: Frames) -> None:
    figure = draw(load_charts().get("measured_accuracy_against_cost"), frames)
    assert {"circle"} == _shapes(figure)
    bars = {
        name: bar
        for trace in figure.data
        if trace.customdata is not None
        for (name, _), bar in zip(trace.customdata, trace.error_y.array, strict=True)
    }
    assert bars["lecture_cnn"] > 0


def test_a_task_of_fewer_than_three_networks_has_no_panel(frames: Frames) -> None:
    figure = draw(load_charts().get("measured_accuracy_against_cost"), frames)
    titles = [axis.title.text for axis in figure.select_yaxes()]
    assert ["Top-1 accuracy<br>digits8, 5 shots"] == titles

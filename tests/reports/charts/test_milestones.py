"""The evolution at a glance: error, size and speed by year."""

from typing import Any

import pytest

from reports.charts import NoData, draw, load_charts
from reports.charts.milestones import _costs
from reports.tidy.frame import Frames
from tests.reports.lecture import of_the_lecture, without_milestones


def drawn(frames: Frames) -> Any:
    """The chart."""
    return draw(load_charts().get("evolution"), frames)


def points(figure: Any, symbol: str) -> list[tuple[str, float]]:
    """Year and error of the marks of a shape."""
    traces = [trace for trace in figure.data if trace.marker.symbol == symbol]
    return sorted(point for trace in traces for point in zip(trace.x, trace.y, strict=True))


def test_filled_marks_are_the_entries_of_the_challenge(frames: Frames) -> None:
    expected = [("2012", 15.3), ("2012", 26.2), ("2014", 6.67), ("2015", 3.57)]
    assert expected == points(drawn(of_the_lecture(frames)), "circle")


def test_errors_of_another_protocol_are_hollow(frames: Frames) -> None:
    hollow = points(drawn(of_the_lecture(frames)), "circle-open")
    assert (True, False) == (("2012", 20.93) in hollow, ("2015", 3.57) in hollow)


def test_one_line_joins_the_best_so_far_of_the_challenge_alone(frames: Frames) -> None:
    (line,) = [trace for trace in drawn(of_the_lecture(frames)).data if trace.name == "best so far"]
    assert [26.2, 15.3, 6.67, 3.57] == list(line.y)


def test_a_run_whose_layers_are_not_known_names_no_era(frames: Frames) -> None:
    assert () == drawn(of_the_lecture(frames)).layout.annotations


def test_hollow_marks_without_a_name_are_smaller(frames: Frames) -> None:
    sizes = {
        bool(text): trace.marker.size
        for trace in drawn(of_the_lecture(frames)).data
        if trace.marker.symbol == "circle-open"
        for text in trace.text
    }
    assert sizes[False] < sizes[True]


def test_the_error_of_people_is_a_line_with_its_name_on_it(frames: Frames) -> None:
    (line,) = [trace for trace in drawn(of_the_lecture(frames)).data if trace.name == "human annotator"]
    assert ([5.1, 5.1], "human<br>5.1 %") == (list(line.y), line.text[0])


def test_each_family_is_named_once_and_there_is_no_legend(frames: Frames) -> None:
    figure = drawn(of_the_lecture(frames))
    names = [text for trace in figure.data for text in trace.text or () if text]
    assert (len(set(names)), False) == (len(names), figure.layout.showlegend)
    assert {"AlexNet, 15.3 %", "ResNet, 3.57 %", "ViT"} <= set(names)


def test_one_switches_between_error_parameters_multiply_adds_and_latency(frames: Frames) -> None:
    (menu,) = drawn(of_the_lecture(frames)).layout.updatemenus
    assert ["Top-5 error", "Parameters", "Multiply-adds", "Latency"] == [button.label for button in menu.buttons]


def test_every_mark_of_an_architecture_opens_its_card(frames: Frames) -> None:
    figure = drawn(of_the_lecture(frames))
    cards = [name for trace in figure.data if trace.meta for name in trace.meta["cards"]]
    assert {"alexnet", "resnet152", "vit_b_16"} <= set(cards)
    assert {True} == {len(trace.meta["cards"]) == len(trace.x) for trace in figure.data if trace.meta}


def test_without_milestones_there_are_the_errors_of_weights_alone(
    frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = drawn(without_milestones(frames, monkeypatch))
    assert [] == points(figure, "circle")
    assert (20.93, "best so far") == (figure.data[0].y[0], figure.data[0].name)
    assert ("2012", 20.93) in points(figure, "circle-open")


def test_two_networks_are_no_evolution(frames: Frames, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = without_milestones(frames, monkeypatch)
    few = {
        name: getattr(frames, name)[getattr(frames, name)["architecture"].isin(["alexnet", "vit_b_16"])]
        for name in ("records", "published")
    }
    with pytest.raises(NoData, match="no 3 networks"):
        drawn(frames.changed(**few))


def test_a_network_that_was_timed_on_small_pictures_alone_has_no_latency_here(frames: Frames) -> None:
    small = frames.architectures.copy()
    small.loc[small["name"] == "vgg19", "resolution"] = 448
    button = drawn(of_the_lecture(frames).changed(architectures=small)).layout.updatemenus[0].buttons[3]
    assert ("Latency", False) == (button.label, "vgg19" in str(button.args[0]["customdata"]))


def test_each_view_of_a_cost_says_what_it_shows(frames: Frames) -> None:
    (view,) = [view for view in _costs(of_the_lecture(frames)) if view.name == "Parameters"]
    assert (
        "vgg19 (2014) has the most, 144 M; efficientnet_b0 (2019) has a lower top-5 error with 5.29 M" == view.says
    )

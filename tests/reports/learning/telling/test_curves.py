"""Learning curves: which panels tell most, and what their lines are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.charts import draw, load_charts
from reports.learning.telling.curves import panels
from tests.reports.trainings import curve, learned

SCRATCH = {"mode": "scratch", "weights": "random"}


def item(architecture: str, end: float, **conditions: Any) -> dict[str, Any]:
    """A training that ends at this accuracy on validation images."""
    points = curve((4, end / 2, 1.0), (8, end, 2.0))
    return {"architecture": architecture, "right": 50, "curve": points, **conditions}


NETWORKS = {"lenet5": 0.8, "lecture_cnn": 0.3, "alexnet": 0.6, "vgg16": 0.4, "resnet18": 0.5}


@pytest.fixture
def frames(tmp_path: Path) -> Any:
    """From scratch each ends at 0.2, so that they differ by how well they do otherwise; one has one line."""
    pairs = [(item(name, end), item(name, 0.2, **SCRATCH)) for name, end in NETWORKS.items()]
    return learned(tmp_path / "s.sqlite", [item("vit_b_16", 0.99), *(one for pair in pairs for one in pair)])


def test_panels_whose_lines_end_furthest_apart_come_first_and_those_of_one_line_last(frames: Any) -> None:
    expected = ["lenet5", "alexnet", "resnet18", "vgg16", "lecture_cnn", "vit_b_16"]
    assert expected == [panel.network for panel in panels(frames)]


def test_three_panels_are_shown_until_all_are_chosen(frames: Any) -> None:
    figure = draw(load_charts().get("learning_curves"), frames)
    assert 3 == len(figure.layout.annotations)
    assert {"x", "x2", "x3"} == {trace.xaxis for trace in figure.data if trace.visible and trace.name != "key"}
    every = next(b for b in figure.layout.updatemenus[0].buttons if b.label == "Validation accuracy, all 6")
    assert 6 == len(
        {axis for axis, is_shown in zip(every.args[0]["xaxis"], every.args[0]["visible"], strict=True) if is_shown}
    )
    assert 6 == len(every.args[1]["annotations"])


def test_a_spike_of_a_loss_flattens_no_line(frames: Any) -> None:
    figure = draw(load_charts().get("learning_curves"), frames)
    of_loss = [button.args[1] for button in figure.layout.updatemenus[0].buttons if "loss" in button.label]
    assert 4 == len(of_loss)
    assert {"log"} == {layout["yaxis"]["type"] for layout in of_loss}
    assert {"log scale"} == {layout["yaxis"]["title"]["text"].split("(")[1][:-1] for layout in of_loss}


def test_no_two_panels_share_a_scale(frames: Any) -> None:
    layout = draw(load_charts().get("learning_curves"), frames).layout
    assert {None} == {axis.matches for axis in (layout.yaxis, layout.yaxis2, layout.yaxis3)}


def test_lines_that_look_alike_are_told_apart_by_words(tmp_path: Path) -> None:
    trainings = [item("lenet5", 0.5), item("lenet5", 0.6, recipe="lecture"), item("lenet5", 0.2, **SCRATCH)]
    figure = draw(load_charts().get("learning_curves"), learned(tmp_path / "s.sqlite", trainings))
    words = [trace.text[-1] for trace in figure.data if trace.text and trace.visible]
    assert ["fine-tuned", "fine-tuned, lecture recipe"] == words


def test_an_end_is_the_mean_of_the_last_points_of_all_trainings(tmp_path: Path) -> None:
    early = {"architecture": "lenet5", "right": 50, "curve": curve((4, 0.2, 1.0)), "seed": 1}
    (panel,) = panels(learned(tmp_path / "s.sqlite", [item("lenet5", 0.6), early]))
    assert 0.4 == pytest.approx(panel.lines[0].end)


def test_the_heading_names_both_ends_of_the_first_panel(frames: Any) -> None:
    assert (
        "lenet5 on digits8: validation accuracy ends at 20 % (from scratch), at 80 % (fine-tuned from MNIST)"
        == load_charts().get("learning_curves").heading(frames)
    )

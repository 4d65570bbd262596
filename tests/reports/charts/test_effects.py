"""Charts of comparisons: the order of their rows, and which are shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.charts import draw, load_charts
from reports.charts.transfer_effects import MOST
from reports.tidy.frame import Frames
from tests.reports.trainings import learned

Learn = Callable[..., Frames]
SCRATCH = {"mode": "scratch", "weights": "random"}


@pytest.fixture
def learn(tmp_path: Path) -> Learn:
    return lambda *items: learned(tmp_path / "s.sqlite", items)


def gained(architecture: str, points: int, **conditions: Any) -> list[dict[str, Any]]:
    """What pretraining gains over three seeds that agree."""
    where = {"architecture": architecture, **conditions}
    sides = ({"right": 50, **SCRATCH}, {"right": 50 + points})
    return [{**where, **side, "seed": seed} for seed in range(3) for side in sides]


def chart(frames: Frames) -> Any:
    return draw(load_charts().get("pretraining_effect"), frames)


def test_rows_are_grouped_by_network_and_the_largest_gain_comes_first(learn: Learn) -> None:
    frames = learn(
        *gained("lenet5", 5, shots=1), *gained("alexnet", 9), *gained("lenet5", 20, shots=9), *gained("vgg16", 30)
    )
    expected = ["vgg16: digits8", "lenet5: digits8, 9 shots", "lenet5: digits8, 1 shots", "alexnet: digits8"]
    assert expected == list(chart(frames).layout.yaxis.tickvals)[:4]


def test_each_network_is_named_once(learn: Learn) -> None:
    figure = chart(learn(*gained("lenet5", 5, shots=1), *gained("lenet5", 20, shots=9), *gained("vgg16", 30)))
    assert ("<b>vgg16</b>", "<b>lenet5</b>") == figure.layout.yaxis2.ticktext


def test_of_many_rows_the_decided_and_the_largest_are_shown_and_it_is_said_how_many(learn: Learn) -> None:
    none = [item for i in range(MOST + 6) for item in gained(f"net{i}", 0)]
    figure = chart(learn(*none, *gained("lenet5", 40), *gained("vgg16", -40)))
    shown = [key for trace in figure.data if trace.yaxis != "y2" for key in trace.y if "over" not in key]
    assert MOST == len(shown)
    assert {"lenet5: digits8", "vgg16: digits8"} < set(shown)
    assert f"{MOST} of {MOST + 8} comparisons" in figure.layout.xaxis.title.text


def test_few_seeds_that_lie_far_apart_have_a_mark_of_their_own(learn: Learn) -> None:
    figure = chart(learn({"right": 96}, {"right": 11, **SCRATCH}, *gained("alexnet", 9), *gained("vgg16", 30)))
    (trace,) = [trace for trace in figure.data if trace.name == "far apart, one seed"]
    assert ("triangle-up-open",) == tuple(trace.marker.symbol)


def test_a_point_opens_the_card_of_its_network(learn: Learn) -> None:
    figure = chart(learn(*gained("lenet5", 5), *gained("alexnet", 9), *gained("vgg16", 30)))
    cards = [name for trace in figure.data if trace.meta for name in trace.meta["cards"]]
    assert {"lenet5", "alexnet", "vgg16"} == set(cards)


def test_a_phone_has_each_networks_name_in_a_row_above_its_rows(learn: Learn) -> None:
    frames = learn(*gained("lenet5", 5, shots=1), *gained("lenet5", 20, shots=9), *gained("vgg16", 30))
    narrow = chart(frames).layout.meta["narrow"]
    expected = ["<b>vgg16</b>", "digits8", "<b>lenet5</b>", "digits8, 9 shots", "digits8, 1 shots"]
    assert expected == list(narrow["yaxis"]["ticktext"])
    assert narrow["yaxis2"]["visible"] is False

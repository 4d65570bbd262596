"""The chart of the lessons' arms."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.store.database import Store
from reports.charts import NoData, draw, load_charts
from reports.tidy.frame import Frames, read
from tests.reports.taught import AUGMENTED, HELPS, PLAIN, arm, cost, hypothesis, study, write_lessons

TIMES = [cost(name, "latency") for name in ("basic", "bottleneck")]
QUICK = hypothesis(
    "It is quick", *(arm(c.architecture, c) for c in TIMES), statistic="ratio", unit="", is_open=False
)
FIGURES = {PLAIN: [0.5, 0.6], AUGMENTED: [0.7, 0.8], TIMES[0]: [0.002], TIMES[1]: [0.001]}


def frames_of(path: Path, *studies: object, figures: object = None) -> Frames:
    write_lessons(path / "s.sqlite", studies, figures or FIGURES)  # type: ignore[arg-type]
    with Store.open(path / "s.sqlite") as store:
        return read(store, "latest")


def figure_of(frames: Frames) -> dict[str, object]:
    made: dict[str, object] = draw(load_charts().get("lesson_figures"), frames).to_plotly_json()
    return made


def test_every_seed_is_a_point_in_percent(tmp_path: Path) -> None:
    figure = draw(load_charts().get("lesson_figures"), frames_of(tmp_path, study("few", HELPS)))
    assert [50.0, 60.0, 70.0, 80.0] == pytest.approx(list(figure.data[0].x))
    assert [55.0, 75.0] == pytest.approx(list(figure.data[1].x))


def test_one_can_choose_among_lessons_and_their_sorts_of_figures(tmp_path: Path) -> None:
    figure = draw(
        load_charts().get("lesson_figures"), frames_of(tmp_path, study("few", HELPS), study("q", HELPS, QUICK))
    )
    labels = [button.label for button in figure.layout.updatemenus[0].buttons]
    assert ["Title of few", "Title of q: top1", "Title of q: latency"] == labels


def test_each_view_is_as_high_as_its_rows(tmp_path: Path) -> None:
    figure = draw(
        load_charts().get("lesson_figures"), frames_of(tmp_path, study("few", HELPS), study("q", HELPS, HELPS))
    )
    low, high = (button.args[1]["height"] for button in figure.layout.updatemenus[0].buttons)
    assert low == figure.layout.height < high


def test_a_heading_says_the_verdict_and_shows_markup_as_it_is(tmp_path: Path) -> None:
    found = frames_of(tmp_path, study("few", hypothesis("<i>It</i> helps", *HELPS.arms)))
    (note,) = draw(load_charts().get("lesson_figures"), found).layout.annotations
    assert note.text.startswith("&lt;i&gt;It&lt;/i&gt; helps<br><b>undecided</b>, +20.0 points")


def test_lessons_without_a_figure_are_nothing_to_draw(tmp_path: Path) -> None:
    found = frames_of(tmp_path, study("few", HELPS), figures={PLAIN: []})
    with pytest.raises(NoData, match="no arm of a lesson has a figure yet"):
        draw(load_charts().get("lesson_figures"), found)


def test_without_lessons_there_is_nothing_to_draw(frames: Frames) -> None:
    with pytest.raises(NoData, match="no run of this store holds lessons"):
        draw(load_charts().get("lesson_figures"), frames.changed(lessons=None))

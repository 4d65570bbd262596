"""Errors on ImageNet by year: who was better than all before."""

import pytest

from reports.story.milestones import (
    Error,
    best_of_each,
    best_so_far,
    by_weights,
    decades,
    entries,
    finding,
    human,
    keeps_none,
)
from reports.tidy.frame import Frames
from tests.reports.lecture import KEPT, of_the_lecture, without_milestones


def error(name: str, year: int, percent: float) -> Error:
    """A published error."""
    return Error(name, name, name.partition("-")[0], year, percent, "")


def test_the_errors_of_the_challenge_are_those_of_the_quoted_works(frames: Frames) -> None:
    told = [(item.year, item.name, item.percent) for item in entries(of_the_lecture(frames))]
    assert [
        (2012, "second-best entry of 2012", 26.2),
        (2012, "AlexNet", 15.3),
        (2014, "GoogLeNet", 6.67),
        (2015, "ResNet", 3.57),
    ] == told


def test_an_entry_that_no_architecture_made_opens_no_card(frames: Frames) -> None:
    cards = [item.architecture for item in entries(of_the_lecture(frames))]
    assert ["", "alexnet", "googlenet", "resnet152"] == cards


def test_the_finding_tells_how_far_the_error_fell_and_that_people_err_more(frames: Frames) -> None:
    expected = (
        "Top-5 error in ImageNet's challenge fell from 26.2 % in 2012 to 3.57 % in 2015, below the 5.1 % of a "
        "human annotator"
    )
    assert expected == finding(of_the_lecture(frames))


def test_where_people_err_less_the_finding_leaves_them_out(frames: Frames) -> None:
    better = KEPT.assign(top5_error=KEPT["top5_error"].mask(KEPT["kind"] == "human", 2.0))
    assert "human" not in finding(frames.changed(milestones=better))


def test_without_milestones_the_finding_tells_of_published_weights(
    frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = without_milestones(frames, monkeypatch)
    assert finding(without).startswith("The published top-5 error (single crop) fell from 20.9 % in 2012 to ")
    assert ((), None, ()) == (entries(without), human(without), decades(without))


def test_a_run_that_kept_none_is_told_by_those_of_catalogues_that_are_of_its_networks(frames: Frames) -> None:
    older = frames.changed(milestones=KEPT.iloc[:0])
    assert ([26.2, 15.3, 6.67, 3.57], True) == ([item.percent for item in entries(older)], keeps_none(older))
    lacking = frames.records[frames.records["architecture"] != "resnet152"]
    assert [26.2, 15.3, 6.67] == [item.percent for item in entries(older.changed(records=lacking))]


def test_a_run_with_milestones_tells_its_own(frames: Frames) -> None:
    assert not keeps_none(of_the_lecture(frames))


def test_fewer_than_three_errors_make_no_finding(frames: Frames, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = without_milestones(frames, monkeypatch)
    few = frames.published[frames.published["architecture"].isin(["alexnet", "vit_b_16"])]
    assert "" == finding(frames.changed(published=few))


def test_a_network_without_a_figure_has_no_error_here(frames: Frames) -> None:
    records = frames.records[frames.records["architecture"] != "alexnet"]
    names = [item.architecture for item in by_weights(frames.changed(records=records))]
    assert (False, True) == ("alexnet" in names, "vgg19" in names)


def test_best_so_far_is_what_is_smaller_than_all_before() -> None:
    found = [error("a", 2012, 20), error("b", 2014, 9), error("c", 2015, 10), error("d", 2019, 3)]
    assert ["a", "b", "d"] == [item.name for item in best_so_far(found)]


def test_each_family_has_its_smallest_error_of_a_year() -> None:
    found = [error("r-18", 2015, 10), error("r-152", 2015, 6), error("e-b0", 2019, 6.5)]
    assert ["r-152", "e-b0"] == [item.name for item in best_of_each(found)]


def test_the_decades_come_in_order_each_with_its_source(frames: Frames) -> None:
    found = decades(of_the_lecture(frames))
    assert ["1990s", "2010s", "2020s"] == [item.name for item in found]
    assert {True} == {bool(item.source) for item in found}

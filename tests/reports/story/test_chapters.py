"""What the chapters say with the figures of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from bench.declare.catalog import load_catalogs
from bench.declare.groups import Side
from bench.declare.lessons.chapter import KIND, Chapter, Step
from reports.story.chapters import ToldChapter, chapters, has_own
from reports.tidy.frame import Frames
from tests.reports.blocks import NETWORK
from tests.reports.chaptered import ALEXNET, GOOGLENET, LENET, NOT_MEASURED, RESNET, VGG, chapter, kept


def keeping(frames: Frames, *items: Chapter) -> Frames:
    """The run, as if it had been begun with these chapters."""
    rows = frames._rows
    made = {name: frame for name, frame in vars(frames).items() if isinstance(frame, pd.DataFrame)}
    return Frames(replace(rows, declared={**rows.declared, KIND: [kept(item) for item in items]})).changed(**made)


def told(frames: Frames, *steps: Step, **more: Any) -> ToldChapter:
    (found,) = chapters(keeping(frames, chapter(*steps, **more)))
    return found


def said(frames: Frames, side: Side, before: Side | None = None, *figures: Any, **more: Any) -> str:
    """The figures of the one step."""
    (line,) = told(frames, Step(side, before, figures or ("parameters", "macs", "error"), **more)).lines
    return line.figures


def changed(frames: Frames, where: tuple[str, str], **values: Any) -> Frames:
    """The run with other values in the records of an architecture and a measure."""
    records = frames.records.copy()
    rows = (records["architecture"] == where[0]) & (records["measure"] == where[1])
    for name, value in values.items():
        records[name] = records[name].astype(object).mask(rows, value)
    return frames.changed(records=records)


def timed(frames: Frames, times: Sequence[tuple[str, float, float, float]]) -> Frames:
    for name, low, value, high in times:
        frames = changed(frames, (name, "latency"), low=low, value=value, high=high, noisy=float("nan"))
    return frames


def test_a_network_is_held_against_the_one_before_it(frames: Frames) -> None:
    assert (
        "25.6 M instead of 144 M parameters, 4.09 G instead of 19.6 G multiply-adds"
        " and a top-5 error of 7.1 % instead of 9.1 %" == said(frames, RESNET, VGG)
    )


def test_a_first_network_stands_alone(frames: Frames) -> None:
    line = told(frames, Step(LENET)).lines[0]
    assert (None, "61.7 k parameters and 417 k multiply-adds at 32 × 32") == (line.before, line.figures)


def test_multiply_adds_of_inputs_of_other_sizes_are_not_held_against_each_other(frames: Frames) -> None:
    assert "714 M multiply-adds at 224 × 224 (LeNet-5: 417 k at 32 × 32)" == said(frames, ALEXNET, LENET, "macs")


def test_parameters_of_auxiliary_heads_are_left_out_and_that_is_said(frames: Frames) -> None:
    expected = "6.62 M (without auxiliary heads) instead of 61.1 M parameters"
    assert expected == said(frames, GOOGLENET, ALEXNET, "parameters")


def test_an_error_of_another_protocol_is_not_compared(frames: Frames) -> None:
    dense = Side("vgg16", "VGG-16")  # that of the synthetic run is of ten crops
    line = told(frames, Step(RESNET, dense, ("error",))).lines[0]
    assert (None, "a top-5 error of 7.1 %") == (line.before, line.figures)


def test_a_protocol_that_is_asked_for_is_named(frames: Frames) -> None:
    assert "a top-5 error of 9.3 % (10-crop)" == said(
        frames, Side("vgg16", "VGG-16"), None, "error", protocol="10-crop"
    )


def test_top_1_errors_are_compared_where_only_one_network_has_a_top_5_error(frames: Frames) -> None:
    lite = Side("efficientnet_lite0", "Lite0")
    assert "a top-1 error of 24.9 % instead of 23.9 %" == said(frames, lite, RESNET, "error")


def test_published_errors_come_with_their_sources(frames: Frames) -> None:
    expected = ("resnet50: weights IMAGENET1K_V1, 224 px", "vgg19: weights IMAGENET1K_V1, 224 px")
    assert expected == told(frames, Step(RESNET, VGG)).sources


def test_latencies_that_are_apart_are_compared(frames: Frames) -> None:
    quiet = timed(frames, [("resnet50", 0.029, 0.03, 0.031), ("vgg19", 0.09, 0.1, 0.11)])
    assert "a latency of 30.0 ms instead of 100 ms" == said(quiet, RESNET, VGG, "latency")


@pytest.mark.parametrize(
    ("times", "noisy"),
    [
        ([("resnet50", 0.029, 0.03, 0.031), ("vgg19", 0.03, 0.1, 0.11)], None),
        ([("resnet50", 0.029, 0.03, 0.031), ("vgg19", 0.09, 0.1, 0.11)], "something else ran"),
        ([("resnet50", 0.029, 0.03, 0.031), ("vgg19", float("nan"), 0.1, float("nan"))], None),
    ],
    ids=["they overlap", "one was disturbed", "one has no interval"],
)
def test_latencies_that_are_not_surely_apart_are_not_told(
    frames: Frames, times: list[tuple[str, float, float, float]], noisy: str | None
) -> None:
    found = timed(frames, times)
    found = changed(found, ("vgg19", "latency"), noisy=noisy) if noisy else found
    line = told(found, Step(RESNET, VGG, ("latency", "parameters"))).lines[0]
    assert "25.6 M instead of 144 M parameters" == line.figures


def test_counts_that_read_the_same_are_said_to_be_as_many(frames: Frames) -> None:
    same = changed(frames, ("vgg19", "parameters"), value=25_560_000)
    assert "as many parameters (25.6 M)" == said(same, RESNET, VGG, "parameters")


def test_what_is_not_counted_in_a_figure_makes_it_a_lower_bound(frames: Frames) -> None:
    partial = changed(frames, ("resnet50", "macs"), bound="at least")
    assert "≥ 4.09 G instead of 19.6 G multiply-adds" == said(partial, RESNET, VGG, "macs")


def test_a_figure_that_failed_is_left_out(frames: Frames) -> None:
    failed = changed(frames, ("resnet50", "macs"), value=float("nan"))
    assert "25.6 M instead of 144 M parameters" == said(failed, RESNET, VGG, "parameters", "macs")


def test_a_step_whose_earlier_network_was_not_measured_stands_alone(frames: Frames) -> None:
    line = told(frames, Step(RESNET, NOT_MEASURED, ("parameters",))).lines[0]
    assert (None, "25.6 M parameters") == (line.before, line.figures)


def test_a_chapter_whose_networks_the_run_did_not_measure_is_not_told(frames: Frames) -> None:
    items = chapter(Step(NOT_MEASURED)), chapter(Step(RESNET), name="residual")
    assert ["residual"] == [item.chapter.name for item in chapters(keeping(frames, *items))]


def test_chapters_follow_by_the_years_of_their_networks(frames: Frames) -> None:
    items = chapter(Step(RESNET), name="late"), chapter(Step(ALEXNET), Step(VGG), name="early")
    found = chapters(keeping(frames, *items))
    assert [("early", "2012 to 2014"), ("late", "2015")] == [(item.chapter.name, item.years) for item in found]


def test_the_first_block_that_the_run_recorded_is_drawn(frames: Frames) -> None:
    recorded = frames.changed(networks={"resnet50": replace(NETWORK, block=None), "resnet18": NETWORK})
    sides = (Side("resnet50", "Of ResNet-50"), Side("resnet18", "Of ResNet-18"))
    made = keeping(recorded, chapter(Step(RESNET), drawn=sides)).changed(networks=recorded.networks)
    assert [sides[1]] == [item.drawn for item in chapters(made)]


def test_a_run_is_told_by_the_chapters_that_it_keeps(frames: Frames) -> None:
    assert ["alexnet", "resnet"] == [item.chapter.name for item in chapters(frames)]


def test_an_older_run_is_told_by_the_chapters_that_are_installed(frames: Frames) -> None:
    load_catalogs()
    older = keeping(frames)
    assert not has_own(older)
    expected = ["lenet", "alexnet", "vgg_and_googlenet", "resnet", "resnext", "efficientnet"]
    assert expected == [item.chapter.name for item in chapters(older)][:6]

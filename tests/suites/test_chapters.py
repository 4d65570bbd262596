"""The chapters of the evolution: what they say of networks is what the networks are."""

from __future__ import annotations

import shlex

import pytest

from bench.cli.main import main
from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.declarations import Setting
from bench.declare.lessons.chapter import CHAPTERS, Chapter
from suites.blocks import at_a_glance
from suites.evolution import evolution

load_catalogs()
OURS = tuple(CHAPTERS.get(name) for name in CHAPTERS.names() if "suites/chapters.py" in CHAPTERS.place(name))
SETTING = Setting(profile="default", device="cpu", threads=1, chosen=())
every_chapter = pytest.mark.parametrize("item", OURS, ids=lambda item: item.name)


def test_the_chapters_are_those_of_the_lecture_in_its_order() -> None:
    expected = [
        "LeNet",
        "AlexNet",
        "VGG and GoogLeNet",
        "ResNet",
        "ResNeXt",
        "EfficientNet",
        "Vision transformer",
        "Swin and DPT",
    ]
    assert expected == [item.title for item in OURS]


def test_no_chapter_begins_before_the_one_ahead_of_it() -> None:
    years = [min(year for step in item.steps() if (year := year_of(step.side.architecture))) for item in OURS]
    assert sorted(years) == years


@every_chapter
def test_a_default_run_counts_both_networks_of_every_step(item: Chapter) -> None:
    planned = [*evolution(SETTING), *at_a_glance(SETTING)]
    counted = {planned.cell.architecture for planned in planned if planned.cell.measure == "parameters"}
    asked = {side.architecture for step in item.steps() for side in (step.side, step.before) if side}
    assert set() == {ARCHITECTURES.get(name).name for name in asked} - counted


@every_chapter
def test_what_a_step_compares_by_a_published_error_both_networks_have_by_its_protocol(item: Chapter) -> None:
    sides = [
        (side.architecture, step.protocol)
        for step in item.steps()
        for side in (step.side, step.before)
        if side and "error" in step.figures and step.before and step.before.architecture != "lenet5"
    ]
    assert [] == [(name, protocol) for name, protocol in sides if protocol not in protocols(name)]


@every_chapter
def test_the_command_of_a_chapter_is_one_that_the_command_line_takes(
    item: Chapter, capsys: pytest.CaptureFixture[str]
) -> None:
    program, *arguments = shlex.split(item.command)
    dry = ["--dry-run"] if arguments[0] == "run" else []
    assert ("evobench", 0) == (program, main([*arguments, *dry])), capsys.readouterr().err


@every_chapter
def test_problem_and_idea_are_as_short_as_they_should_be(item: Chapter) -> None:
    assert 1 == item.problem.count(".")
    assert 1 <= item.idea.count(".") <= 3


def year_of(name: str) -> int | None:
    return ARCHITECTURES.get(name).year


def protocols(name: str) -> set[str]:
    return {item.protocol for item in ARCHITECTURES.get(name).published if item.quantity == "top1_error"}

"""What the report tells first of the lecture's lineage: nothing that the quoted works do not say."""

import re

from bench.declare.catalog import ARCHITECTURES, load_catalogs
from bench.declare.declarations import Setting
from bench.declare.lessons.milestones import MILESTONES
from bench.run.plan import Selection, plan
from bench.run.snapshot import declarations
from suites import milestones
from suites.references import references


def test_every_error_is_a_figure_of_a_quoted_work() -> None:
    known = {
        figure
        for work in references().values()
        for figure in work.get("figures", {}).values()
        if isinstance(figure, float)
    }
    errors = {item.top5_error for item in MILESTONES if item.top5_error is not None}
    assert (5, True) == (len(errors), errors <= known)


def test_every_milestone_tells_of_declared_architectures() -> None:
    load_catalogs()
    assert [] == [name for item in MILESTONES for name in item.of if name not in ARCHITECTURES]


def test_a_decade_has_no_error_of_its_own_and_begins_with_a_round_year() -> None:
    found = [(item.top5_error, item.year % 10) for item in MILESTONES if item.kind == "decade"]
    assert [(None, 0)] * 3 == found
    assert milestones.__name__ == MILESTONES.place("checks")


def test_a_run_keeps_those_of_networks_that_it_holds_alone() -> None:
    load_catalogs()
    steps = plan(Selection(("evolution",), ("alexnet",)), Setting("smoke", "cpu", 2))
    kept = [item.name for item in declarations(steps) if item.kind == "milestone"]
    assert ["second_2012", "alexnet", "human"] == kept


def test_a_sentence_has_no_error_that_is_not_of_a_milestone() -> None:
    errors = {f"{item.top5_error:g}" for item in MILESTONES if item.top5_error is not None}
    told = {number for item in MILESTONES for number in re.findall(r"([\d.]+) %", item.words)}
    assert (5, set()) == (len(told), told - errors)


def test_the_second_decade_says_what_the_errors_say() -> None:
    error = {item.name: item.top5_error or 0.0 for item in MILESTONES}
    assert 2 * error["googlenet"] < error["alexnet"]
    assert error["resnet"] < error["human"]


def test_depth_pays_with_shortcuts_alone_as_the_errors_of_the_paper_say() -> None:
    load_catalogs()
    error = {
        name: next(
            item.value
            for item in ARCHITECTURES.get(name).published
            if (item.quantity, item.protocol) == ("top1_error", "10-crop")
        )
        for name in ("plain18", "plain34", "resnet18", "resnet34")
    }
    assert error["plain18"] < error["plain34"]
    assert error["resnet34"] < error["resnet18"]

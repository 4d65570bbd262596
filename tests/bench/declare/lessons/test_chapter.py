"""The declaration of chapters, and how a run keeps them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from bench.cell import Cell, Cost
from bench.declare.catalog import load_catalogs
from bench.declare.declarations import Planned
from bench.declare.groups import Side
from bench.declare.lessons.chapter import CHAPTERS, KIND, Chapter, Step, chapter
from bench.errors import UsageError
from bench.run.plan import PlanStep
from bench.run.snapshot import declarations
from tests.rooms import ROOT


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares is gone after it."""
    load_catalogs()
    monkeypatch.setattr(CHAPTERS, "_items", dict(CHAPTERS._items))
    monkeypatch.setattr(CHAPTERS, "_places", dict(CHAPTERS._places))


def declare(*steps: Step, title: str = "Ours", drawn: tuple[Side, ...] = ()) -> Chapter:
    @chapter(title=title, problem="Too slow.", idea="Make it small.", command="evobench doctor", drawn=drawn)
    def ours() -> Iterator[Step]:
        """What we found."""
        yield from steps

    return CHAPTERS.get("ours")


def kept(*architectures: str) -> list[str]:
    """Names of the chapters that a run which counts these architectures keeps."""
    cells = [Cell(name, "macs", Cost(mode="infer", resolution=224)) for name in architectures]
    steps = [PlanStep(Planned(cell), ("evolution",)) for cell in cells]
    return [item.name for item in declarations(steps) if item.kind == KIND]


def test_a_chapter_has_the_name_and_the_sentence_of_its_function() -> None:
    item = declare(Step(Side("resnet18", "ResNet-18")))
    assert ("ours", "What we found.") == (item.name, item.about)


def test_what_a_run_keeps_of_a_chapter_gives_the_same_chapter() -> None:
    step = Step(Side("resnet18", "ResNet-18"), before=Side("alexnet", "AlexNet", 64), figures=("macs",))
    item = declare(step, drawn=(Side("resnet18", "A block"),))
    again = Chapter.from_dict(json.loads(json.dumps(item.to_dict())))
    assert (item.drawn, (step,)) == (again.drawn, again.steps())


def test_a_variant_is_kept_by_its_one_spelling() -> None:
    item = declare(Step(Side("block_resnext:norm=false", "ResNeXt's block")))
    assert "block_resnext:norm=False" == item.to_dict()["steps"][0]["side"]["architecture"]


def test_a_chapter_without_a_step_is_refused_where_it_stands() -> None:
    with pytest.raises(UsageError, match=r"chapter 'ours' .*test_chapter.*: one step or more is needed"):
        declare().to_dict()


def test_an_architecture_that_nobody_declares_is_refused() -> None:
    with pytest.raises(UsageError, match=r"unknown architecture .resnet81.; did you mean .resnet18."):
        declare(Step(Side("resnet81", "ResNet-81"))).to_dict()


def test_a_chapter_without_a_title_is_refused() -> None:
    with pytest.raises(UsageError, match="title must be some text"):
        declare(Step(Side("resnet18", "ResNet-18")), title=" ")


def test_the_example_on_the_page_about_chapters_works_as_it_stands() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "how-to" / "chapters.md").read_text(), re.DOTALL)
    exec(compile(code, "mine.py", "exec"), {})
    steps = CHAPTERS.get("densenet").to_dict()["steps"]
    assert ["resnet50", "vgg16"] == [step["before"]["architecture"] for step in steps]


def test_a_run_keeps_the_chapters_that_it_measures_a_network_of() -> None:
    declare(Step(Side("resnet18", "ResNet-18")))
    assert ["lenet"] == kept("lenet5")
    assert ["ours"] == kept("resnet18", "alexnet_2012")

"""Declared quadrants: how they are registered and written down."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bench.cell import Cell, Learning
from bench.declare.catalog import architecture, dataset, measure, suite
from bench.declare.declarations import Images, Planned, Setting
from bench.errors import UnknownName, UsageError
from bench.run.plan import PlanStep, Selection, plan
from bench.run.quadrants import QUADRANTS, Task, quadrant
from bench.run.snapshot import declarations


@pytest.fixture(autouse=True)
def declared(no_declarations: None) -> None:
    """An architecture, two data sets, the accuracy, and a quadrant with two tasks."""

    @architecture(family="F", year=2026, paper="none", resolution=32)
    def net(num_classes: int) -> None: ...

    for name in ("digits", "letters"):

        @dataset(name=name, classes=10, channels=1, resolution=8, licence="none", source="none")
        def load() -> Images:
            raise NotImplementedError

        del load

    @measure(unit="1", nature="share", better="higher", kind="learning")
    def top1(subject: object, clock: object) -> None: ...

    @suite(title="S")
    def s(setting: object) -> Iterable[Planned]:
        return ()

    @quadrant(title="Few", size="small", likeness="similar", advice="Do it.", advised=["features@STAGE+svm"])
    def few() -> list[Task]:
        """Few images."""
        return [Task("net", "pretrain:letters", "digits", 3), Task("net", "pretrain:letters", "digits", 5)]


def written(*modes: tuple[str, str, int]) -> list[int]:
    """Shots of the tasks that a run of these cells (mode, weights, shots) writes down."""
    cells = [Cell("net", "top1", _learning(mode, weights, shots)) for mode, weights, shots in modes]
    found = declarations([PlanStep(Planned(cell, 1.0), ("s",)) for cell in cells])
    return [task["shots"] for item in found if item.kind == "quadrant" for task in item.content["tasks"]]


def _learning(mode: str, weights: str, shots: int) -> Learning:
    return Learning(
        weights=weights,
        target="digits",
        mode=mode,
        augmentation="none",
        resolution=32,
        shots=shots,
        steps=1,
        batch=1,
        lr=1.0,
    )


def test_a_quadrant_is_registered_under_its_functions_name() -> None:
    item = QUADRANTS.get("few")
    assert ("Few", "Few images.", "Do it.") == (item.title, item.about, item.advice)
    assert ("features@STAGE+svm",) == item.advised


def test_a_task_with_two_ways_of_transfer_is_written_down() -> None:
    ways = ("features+svm", "pretrain:letters", 3), ("finetune:all", "pretrain:letters", 3)
    assert [3] == written(*ways, ("finetune:all", "pretrain:letters", 5))


def test_training_from_scratch_belongs_to_every_source() -> None:
    assert [5] == written(("finetune:all", "pretrain:letters", 5), ("scratch", "random", 5))


def test_random_features_belong_to_no_source() -> None:
    assert [] == written(("finetune:all", "pretrain:letters", 5), ("features+svm", "random", 5))


def test_a_run_without_a_task_writes_no_quadrant_down() -> None:
    assert [] == written(("features+svm", "pretrain:letters", 9), ("scratch", "random", 9))


def test_advice_of_an_unknown_mode_is_refused() -> None:
    with pytest.raises(UnknownName, match="unknown transfer mode 'finetuning'"):
        quadrant(title="T", size="small", likeness="similar", advice="A", advised=["finetuning"])(lambda: ())


def test_a_quadrant_that_advises_nothing_is_refused() -> None:
    def own() -> list[Task]:
        return [Task("net", "random", "digits", 1)]

    with pytest.raises(UsageError, match="advised must be one mode of transfer or more"):
        quadrant(title="T", size="small", likeness="similar", advice="A", advised=[])(own)


@pytest.mark.parametrize(
    ("tasks", "fault"),
    [
        ([], "one task or more is needed"),
        ([Task("nett", "random", "digits", 1)], "unknown architecture 'nett'; did you mean 'net'?"),
        ([Task("net", "random", "digits", -1)], "shots must be 1 or more, not -1"),
    ],
)
def test_a_wrong_task_is_told_before_anything_is_measured(tasks: list[Task], fault: str) -> None:
    def own() -> list[Task]:
        return tasks

    quadrant(title="T", size="large", likeness="different", advice="A", advised=["scratch"])(own)
    with pytest.raises(UsageError) as caught:
        plan(Selection(("s",)), Setting("smoke", "cpu", 1))
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)

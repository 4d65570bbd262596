"""From suites and filters to ordered cells."""

from collections.abc import Iterator

import pytest

from bench.cell import Cell, Cost, Samples
from bench.declare.artifact import Artifact
from bench.declare.catalog import architecture, measure, suite
from bench.declare.declarations import Planned, Setting
from bench.errors import UnknownName, UsageError
from bench.run.axes import Axes
from bench.run.plan import PlanStep, Selection, left, plan, plan_of_known

SETTING = Setting("smoke", "cpu", 1)
CHECKPOINT = Artifact("checkpoint", (("epochs", 3),))
FEATURES = Artifact("features", (("size", 8),), needs=(CHECKPOINT,))


def cell(name: str, measure_name: str = "time", resolution: int = 32) -> Cell:
    return Cell(name, measure_name, Cost(mode="infer", resolution=resolution))


@pytest.fixture(autouse=True)
def _declared(no_declarations: None) -> None:
    """Two families, three architectures, two measures, two suites that share a cell."""
    for family, name in (("ResNet", "resnet18"), ("ResNet", "resnet34"), ("VGG", "vgg16")):

        def build(num_classes: int) -> None: ...

        build.__name__ = name
        architecture(family=family, year=2015, paper="none")(build)

    @measure(unit="s", better="lower")
    def time(subject: object, clock: object) -> Samples:
        raise AssertionError("a plan measures nothing")

    @measure(unit="1", nature="ratio", better="higher", artifacts=lambda _: (FEATURES, CHECKPOINT))
    def accuracy(subject: object, clock: object) -> Samples:
        raise AssertionError("a plan measures nothing")

    @suite(title="One")
    def one(setting: Setting) -> Iterator[Planned]:
        for name in ("vgg16", "resnet18", "resnet34"):
            yield Planned(cell(name), sampling=2.0)

    @suite(title="Two")
    def two(setting: Setting) -> Iterator[Planned]:
        yield Planned(cell("resnet18"), sampling=5.0)
        yield Planned(cell("resnet18", "accuracy"), sampling=3.0, replicates=4)
        for name in setting.chosen:
            yield Planned(cell(name, resolution=64), sampling=1.0)


def architectures(steps: tuple[PlanStep, ...]) -> list[str]:
    return [step.planned.cell.architecture for step in steps]


def test_cells_keep_the_order_of_their_suite() -> None:
    assert ["vgg16", "resnet18", "resnet34"] == architectures(plan(Selection(("one",)), SETTING))


def test_a_cell_that_two_suites_want_is_planned_once_and_belongs_to_both() -> None:
    steps = {step.planned.cell: step for step in plan(Selection(("one", "two")), SETTING)}
    assert 4 == len(steps)
    assert ("one", "two") == steps[cell("resnet18")].suites


def test_the_first_suite_says_how_long_a_shared_cell_takes() -> None:
    steps = {step.planned.cell: step for step in plan(Selection(("one", "two")), SETTING)}
    assert 2.0 == steps[cell("resnet18")].planned.sampling


def test_a_filter_by_architecture_keeps_its_cells() -> None:
    assert ["vgg16"] == architectures(plan(Selection(("one",), architectures=("vgg16",)), SETTING))


def test_a_filter_by_family_ignores_case() -> None:
    assert ["resnet18", "resnet34"] == architectures(plan(Selection(("one",), families=("resnet",)), SETTING))


def test_a_filter_by_measure_keeps_its_cells() -> None:
    steps = plan(Selection(("one", "two"), measures=("accuracy",)), SETTING)
    assert [cell("resnet18", "accuracy")] == [step.planned.cell for step in steps]


def test_a_suite_is_told_the_architectures_that_the_user_named() -> None:
    steps = plan(Selection(("two",), architectures=("vgg16",)), SETTING)
    assert [cell("vgg16", resolution=64)] == [step.planned.cell for step in steps]


@pytest.mark.parametrize(
    ("selection", "line"),
    [
        (Selection(("oen",)), "unknown suite 'oen'; did you mean 'one'?"),
        (Selection(("one",), architectures=("vgg61",)), "unknown architecture 'vgg61'; did you mean 'vgg16'?"),
        (Selection(("one",), families=("ResNeXt",)), "unknown family 'ResNeXt'; did you mean 'ResNet'?"),
        (Selection(("one",), measures=("tme",)), "unknown measure 'tme'; did you mean 'time'?"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_nearest_one(selection: Selection, line: str) -> None:
    with pytest.raises(UnknownName) as caught:
        plan(selection, SETTING)
    assert line == str(caught.value)


def test_filters_that_leave_nothing_are_wrong_use() -> None:
    selection = Selection(("two",), families=("VGG",))
    with pytest.raises(
        UsageError, match=r"^nothing to measure: no cell of two in profile smoke matches the filters$"
    ):
        plan(selection, SETTING)


def test_artifacts_come_once_and_after_what_they_need() -> None:
    (step,) = plan(Selection(("two",), measures=("accuracy",)), SETTING)
    assert (CHECKPOINT, FEATURES) == step.artifacts


def test_what_is_left_of_a_plan_is_the_processes_that_were_not_tried() -> None:
    once, four_times = plan(Selection(("two",)), SETTING)
    tried = {(once.planned.cell.key, 0), (four_times.planned.cell.key, 0), (four_times.planned.cell.key, 2)}
    assert [(four_times.planned.cell, 2)] == [
        (step.planned.cell, step.planned.replicates) for step in left((once, four_times), tried)
    ]


def test_of_the_names_that_another_revision_knows_the_declared_ones_are_planned() -> None:
    asked = Selection(("one", "gone"), ("vgg16", "gone"), ("VGG", "Gone"), ("time", "gone"))
    assert ["vgg16"] == architectures(plan_of_known(asked, SETTING))


@pytest.mark.parametrize(
    "asked",
    [
        Selection(("gone",)),
        Selection(("one",), architectures=("gone",)),
        Selection(("one",), families=("Gone",)),
        Selection(("one",), measures=("gone",)),
        Selection(("one",), architectures=("vgg16",), families=("ResNet",)),
    ],
)
def test_where_nothing_that_another_revision_knows_is_declared_nothing_is_planned(asked: Selection) -> None:
    assert () == plan_of_known(asked, SETTING)


def test_a_condition_on_which_nothing_depends_here_is_no_fault_of_another_revision() -> None:
    axes = Axes(precision=("bf16",))
    where = Selection(("two",), measures=("accuracy",))
    assert ["resnet18"] == architectures(plan_of_known(where, SETTING, axes))


def test_a_cell_that_a_suite_names_twice_belongs_to_it_once() -> None:
    @suite(title="Again")
    def again(setting: Setting) -> Iterator[Planned]:
        yield Planned(cell("vgg16"))
        yield Planned(cell("vgg16"))

    assert [("again",)] == [step.suites for step in plan(Selection(("again",)), SETTING)]

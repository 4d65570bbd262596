"""Lists of conditions multiply the planned cells of cost."""

from __future__ import annotations

from dataclasses import replace
from types import FunctionType

import pytest

from bench.cell import BEST, Cell, Cost, Learning, Samples
from bench.declare.catalog import ARCHITECTURES, architecture, measure, suite
from bench.declare.declarations import CostAxis, Planned, Setting
from bench.declare.learning_axes import LearningAxes
from bench.errors import UsageError
from bench.run.axes import Axes, check_resolutions, check_use, multiplied, sized
from bench.run.plan import Selection, plan

COST = Cost(mode="infer", resolution=64, batch=2)
LEARNING = Learning(
    weights="random",
    target="digits",
    mode="scratch",
    augmentation="none",
    resolution=64,
    shots=5,
    steps=60,
    batch=16,
    lr=1e-3,
)


@pytest.fixture(autouse=True)
def declared(no_declarations: None) -> None:
    """A free and a fixed architecture, and measures that depend on all conditions, on the resolution, on none."""

    @architecture(family="F", year=2026, paper="none", resolution=64, min_resolution=32)
    def net(num_classes: int) -> None: ...

    @architecture(family="F", year=2026, paper="none", resolution=64, min_resolution=48)
    def large(num_classes: int) -> None: ...

    @architecture(family="F", year=2026, paper="none", resolution=64, min_resolution=64)
    def fixed(num_classes: int, *, heads: int = 3, image_size: int = 64) -> None: ...

    def returning(subject: object, clock: object) -> Samples:
        raise AssertionError("a plan measures nothing")

    measures: tuple[tuple[str, tuple[CostAxis, ...], bool], ...] = (
        ("latency", ("precision", "batch", "resolution", "threads"), False),
        ("throughput", ("precision", "batch", "resolution", "threads"), True),
        ("macs", ("resolution",), False),
        ("parameters", (), False),
    )
    for name, depends_on, finds_batch in measures:
        function = FunctionType(returning.__code__, globals(), name)
        measure(unit="s", better="lower", depends_on=depends_on, finds_batch=finds_batch)(function)

    @suite(title="Both")
    def both(setting: Setting) -> list[Planned]:
        """Both free architectures."""
        return [planned("latency", name=name) for name in ("net", "large")]


def planned(measure: str = "latency", scenario: Cost | Learning = COST, name: str = "net") -> Planned:
    return Planned(Cell(name, measure, scenario), sampling=2.0)


def scenarios(item: Planned, axes: Axes) -> list[Cost]:
    found = [other.cell.scenario for other in multiplied([item], axes)]
    return [where for where in found if isinstance(where, Cost)]


def test_without_values_the_plan_stays_as_it_is() -> None:
    assert [planned()] == list(multiplied([planned()], Axes()))


def test_each_combination_of_values_is_a_cell() -> None:
    found = scenarios(planned(), Axes(precision=("fp32", "bf16"), threads=(1, 2)))
    assert [("fp32", 1), ("fp32", 2), ("bf16", 1), ("bf16", 2)] == [(s.precision, s.threads) for s in found]


def test_a_measure_is_multiplied_by_what_it_depends_on_alone() -> None:
    axes = Axes(precision=("fp32", "bf16"), resolution=(32, 64))
    assert [32, 64] == [s.resolution for s in scenarios(planned("macs"), axes)]
    assert [COST] == scenarios(planned("parameters"), axes)


def test_a_cell_of_learning_is_not_multiplied() -> None:
    item = planned(scenario=LEARNING)
    assert [item] == list(multiplied([item], Axes(batch=(1, 8))))


def test_the_best_batch_is_left_to_the_measure_that_finds_it() -> None:
    axes = Axes(batch=(8, BEST))
    assert [8, BEST] == [s.batch for s in scenarios(planned("throughput"), axes)]
    assert [8, 2] == [s.batch for s in scenarios(planned("latency"), axes)]


def test_a_larger_cell_is_sampled_for_the_same_seconds() -> None:
    found = multiplied([planned()], Axes(batch=(4,), resolution=(128,)))
    assert [2.0] == [item.sampling for item in found]


def test_an_architecture_whose_image_size_is_an_option_is_measured_as_its_variant() -> None:
    found = multiplied([planned(name="fixed")], Axes(resolution=(64, 96)))
    assert ["fixed", "fixed:image_size=96"] == [item.cell.architecture for item in found]


def test_a_variant_keeps_its_other_options_at_another_size() -> None:
    assert "fixed:heads=6,image_size=96" == sized("fixed:heads=6", 96)
    assert 96 == ARCHITECTURES.get("fixed:heads=6,image_size=96").resolution


def test_a_resolution_that_no_architecture_takes_is_refused_with_the_least_one() -> None:
    with pytest.raises(UsageError, match="31 px is under the minimum: net takes 32 px or more"):
        plan(Selection(("both",)), Setting("smoke", "cpu", 1), Axes(resolution=(31,)))


def test_a_resolution_that_one_architecture_takes_is_planned_for_all() -> None:
    steps = plan(Selection(("both",)), Setting("smoke", "cpu", 1), Axes(resolution=(32,)))
    assert ["net", "large"] == [step.planned.cell.architecture for step in steps]


def test_a_condition_of_learning_that_nothing_has_is_refused_also_for_a_suite_that_ignores_it() -> None:
    with pytest.raises(UsageError, match="nothing that is planned depends on the weights"):
        check_use([planned()], Axes(), LearningAxes(weights=("imagenet",)))


def test_a_condition_of_learning_that_one_cell_has_is_used() -> None:
    check_use([planned(), planned(scenario=LEARNING)], Axes(), LearningAxes(mode=("scratch", "finetune:all")))


def test_pretrained_weights_are_those_that_the_cells_name_by_their_source() -> None:
    check_use(
        [planned(scenario=replace(LEARNING, weights="imagenet"))], Axes(), LearningAxes(weights=("pretrained",))
    )


def test_an_execution_that_no_cell_has_is_refused_also_beside_one_that_learning_has() -> None:
    with pytest.raises(UsageError, match="nothing that is planned is executed as 'onnx'"):
        check_use(
            [planned(scenario=LEARNING)], Axes(execution=("eager", "onnx")), LearningAxes(execution=("eager",))
        )


def test_a_resolution_that_only_learning_has_is_used() -> None:
    check_use([planned(scenario=LEARNING)], Axes(resolution=(64,)), LearningAxes(resolution=(64,)))


def test_a_batch_is_no_condition_of_learning_by_itself() -> None:
    with pytest.raises(UsageError, match="nothing that is planned depends on the batch"):
        check_use([planned(scenario=LEARNING)], Axes(batch=(16,)))


def test_a_resolution_that_no_learning_architecture_takes_is_refused() -> None:
    item = planned(scenario=replace(LEARNING, resolution=16), name="large")
    with pytest.raises(UsageError, match="16 px is under the minimum: large takes 48 px or more"):
        check_resolutions([item], Axes(resolution=(16,)))


def test_the_same_combination_is_planned_once() -> None:
    axes = Axes(batch=(2, 2))
    steps = plan(Selection(("both",), architectures=("net",)), Setting("smoke", "cpu", 1), axes)
    assert [replace(planned(), sampling=2.0)] == [step.planned for step in steps]

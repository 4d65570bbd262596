"""Which cells are measured."""

import pytest

from bench.cell import BEST, Cost
from bench.run.plan import PlanStep
from tests.gpu_check.grid import QUICK, SEVERAL, WHOLE, Grid, grid

pytestmark = pytest.mark.usefixtures("declared")
ALL = ("fp32", "tf32", "bf16", "fp16")


def cells(precisions: tuple[str, ...] = ALL) -> Grid:
    return grid(WHOLE, "cuda", 8, precisions)


def costs(steps: tuple[PlanStep, ...]) -> list[Cost]:
    return [where for step in steps if isinstance(where := step.planned.cell.scenario, Cost)]


def test_eight_architectures_are_measured_in_three_precisions_at_one_image_and_a_batch() -> None:
    found = {
        (s.planned.cell.architecture, w.precision, w.batch)
        for s, w in zip(cells().cost, costs(cells().cost), strict=True)
    }
    wanted = {(name, kind, batch) for name in SEVERAL for kind in ("bf16", "fp32", "tf32") for batch in (1, 256)}
    assert wanted == found


def test_all_cost_is_on_the_device_in_channels_last() -> None:
    assert {("cuda", "channels_last")} == {(where.device, where.memory_format) for where in costs(cells().cost)}


def test_the_usual_precision_comes_first() -> None:
    assert ["bf16"] * 16 == [where.precision for where in costs(cells().cost)[:16]]


def test_a_gpu_without_bf16_is_measured_in_fp16() -> None:
    assert {"fp16", "fp32"} == {where.precision for where in costs(cells(("fp32", "fp16")).cost)}


def test_the_best_batch_is_looked_for_once_an_architecture() -> None:
    assert [BEST] * 8 == [where.batch for where in costs(cells().best)]


def test_two_architectures_are_compiled() -> None:
    assert ["compiled"] * 2 == [where.execution for where in costs(cells().compiled)]


def test_each_measured_peak_has_its_prediction() -> None:
    measures = [step.planned.cell.measure for step in cells().memory]
    assert measures.count("peak_memory") == measures.count("predicted_memory") > 0


def test_the_watched_fine_tuning_is_of_resnet50_at_224_pixels() -> None:
    cell = cells().fine_tuning[0].planned.cell
    assert ("resnet50", 224) == (cell.architecture, cell.scenario.resolution)


def test_no_cell_is_planned_twice() -> None:
    keys = [step.planned.cell.key for step in cells().all()]
    assert len(keys) == len(set(keys))


def test_the_quick_extent_plans_every_kind_of_cell_too() -> None:
    quick = grid(QUICK, "cpu", 1, ("fp32", "bf16"))
    assert [] == [name for name, steps in vars(quick).items() if not steps]

"""Cells: identity, and the way to plain data and back."""

from dataclasses import replace
from typing import Any

import pytest

from bench.cell import (
    BEST,
    Cell,
    Cost,
    Learning,
    canonical,
    digest,
    scenario_columns,
    scenario_from_dict,
    scenario_to_dict,
)

COST = Cost(mode="infer", resolution=224)
LEARNING = Learning(
    weights="random",
    target="digits",
    mode="scratch",
    augmentation="none",
    resolution=32,
    shots=5,
    steps=60,
    batch=16,
    lr=1e-3,
)


TRAINED = Learning(
    weights="pretrain:mnist5k",
    target="uci-digits",
    mode="features+softmax",
    augmentation="none",
    resolution=28,
    shots=5,
    steps=200,
    batch=16,
    lr=0.01,
    threads=2,
)


def test_equal_conditions_have_equal_keys() -> None:
    assert Cell("a", "m", COST).key == Cell("a", "m", replace(COST)).key


@pytest.mark.parametrize(
    "other",
    [
        Cell("b", "m", COST),
        Cell("a", "n", COST),
        Cell("a", "m", replace(COST, mode="train")),
        Cell("a", "m", replace(COST, batch=2)),
        Cell("a", "m", replace(COST, threads=2)),
        Cell("a", "m", LEARNING),
    ],
)
def test_every_condition_counts_for_the_key(other: Cell) -> None:
    assert Cell("a", "m", COST).key != other.key


def test_the_key_is_the_same_in_every_release() -> None:
    assert "05c160356998983b" == Cell("a", "m", Cost(mode="infer", resolution=32)).key


@pytest.mark.parametrize(
    ("key", "scenario"),
    [
        ("42f74db2fd5bfb0a", replace(COST, batch=BEST, threads=2)),
        ("30194d25b8516d23", replace(TRAINED, shots=None)),
        ("bf3b541e01c88836", replace(TRAINED, shots=None, folds=3)),
        ("7bb86aac55564d17", replace(TRAINED, patience=2)),
        ("8e045d87c7f20ac5", replace(TRAINED, recipe="lecture", steps=313, batch=4, lr=0.001)),
    ],
)
def test_what_is_absent_has_its_key_of_old_in_which_it_is_0(key: str, scenario: Cost | Learning) -> None:
    names = ("resnet152", "throughput") if isinstance(scenario, Cost) else ("lecture_cnn", "top1")
    assert key == Cell(*names, scenario).key


def test_what_is_absent_is_written_as_0_and_read_as_none() -> None:
    absent = replace(LEARNING, shots=None, folds=None, patience=None, duration=None)
    data = scenario_to_dict(absent)
    assert (0, 0, 0, 0) == (data["shots"], data["folds"], data["patience"], data["duration"])
    assert absent == scenario_from_dict(data)


@pytest.mark.parametrize("scenario", [COST, LEARNING])
def test_a_cell_survives_the_way_to_plain_data_and_back(scenario: Cost | Learning) -> None:
    cell = Cell("a", "m", scenario)
    assert cell == Cell.from_dict(cell.to_dict())


def test_a_field_of_a_later_version_is_refused() -> None:
    with pytest.raises(TypeError, match="sparsity"):
        scenario_from_dict({"kind": "cost", "mode": "infer", "resolution": 32, "sparsity": 0.5})


def test_the_order_of_keys_does_not_change_a_digest() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_canonical_json_has_no_spaces_and_sorted_keys() -> None:
    assert '{"a":[1,2],"b":null}' == canonical({"b": None, "a": (1, 2)})


def test_each_scenario_field_is_one_column() -> None:
    columns = scenario_columns()
    assert len(columns) == len(set(columns))
    assert {"mode", "precision", "weights", "seed"} <= set(columns)


def test_a_cell_of_cost_reads_as_its_conditions() -> None:
    assert "a m infer 224px b1" == str(Cell("a", "m", COST))


def test_a_cell_of_learning_reads_as_its_experiment() -> None:
    assert "a random>digits 5 a class scratch aug:none 32px b16 lr0.001 seed0" == str(Cell("a", "top1", LEARNING))


@pytest.mark.parametrize("other", [{"lr": 3e-4}, {"batch": 8}, {"resolution": 28}, {"seed": 1}, {"shots": 2}])
def test_cells_that_a_list_of_an_option_makes_read_differently(other: dict[str, Any]) -> None:
    assert str(Cell("a", "top1", LEARNING)) != str(Cell("a", "top1", replace(LEARNING, **other)))


def test_weights_that_are_evaluated_as_they_are_have_no_learning_rate_to_tell() -> None:
    cell = Cell("a", "top1", replace(LEARNING, mode="as-is", lr=0.0))
    assert "a random>digits 5 a class as-is aug:none 32px seed0" == str(cell)


def test_a_training_for_a_time_tells_its_seconds() -> None:
    cell = Cell("a", "top1_in_time", replace(LEARNING, duration=5.0))
    assert "a top1_in_time random>digits 5 a class scratch aug:none 32px b16 lr0.001 5 s seed0" == str(cell)


def test_a_tuned_cell_says_of_how_many_trials_it_is_the_best() -> None:
    cell = Cell("a", "top1", replace(LEARNING, tune=8))
    assert "a random>digits 5 a class scratch aug:none 32px b16 lr0.001 best of 8 seed0" == str(cell)


def test_a_cell_of_learning_that_is_no_accuracy_names_its_measure() -> None:
    told = "a filters random>digits 5 a class scratch aug:none 32px b16 lr0.001 seed0"
    assert told == str(Cell("a", "filters", LEARNING))


def test_a_cell_with_the_plain_value_of_a_later_condition_has_the_key_of_older_stores(cell: Cell) -> None:
    assert "execution" not in cell.to_dict()["scenario"]
    assert cell == Cell.from_dict(cell.to_dict())


def test_a_cell_names_each_condition_of_cost_that_is_unusual() -> None:
    where = replace(COST, precision="bf16_weights", execution="graphs", autotune=True, device="cuda")
    assert "a m infer 224px b1 bf16_weights graphs autotuned cuda" == str(Cell("a", "m", where))


def test_a_cell_that_is_not_autotuned_has_the_key_of_older_stores() -> None:
    cell = Cell("a", "m", COST)
    assert "autotune" not in cell.to_dict()["scenario"]
    assert cell.key != replace(cell, scenario=replace(COST, autotune=True)).key


def test_a_later_condition_makes_another_cell(cell: Cell) -> None:
    assert isinstance(cell.scenario, Cost)
    compiled = replace(cell, scenario=replace(cell.scenario, execution="compiled"))
    assert compiled.key != cell.key
    assert compiled == Cell.from_dict(compiled.to_dict())

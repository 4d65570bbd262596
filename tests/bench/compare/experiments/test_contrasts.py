"""Which trainings of a plan are compared with which."""

from __future__ import annotations

import pytest

from bench.cell import Cell, Cost
from bench.compare.experiments.contrasts import Contrast, contrasts, table_sizes
from tests.bench.compare.experiments.arms import cell

SCRATCH = cell(weights="random", mode="scratch")
FIXED = cell(mode="features+softmax", steps=200, lr=1e-2)


def test_an_arm_is_the_training_without_seed_and_fold() -> None:
    assert cell(folds=5) == cell(seed=3, fold=2, folds=5).arm


def test_all_seeds_of_two_arms_make_one_comparison() -> None:
    cells = [cell(augmentation=name, seed=seed) for name in ("none", "digits") for seed in range(5)]
    assert (Contrast("augmentation", cell(), cell(augmentation="digits")),) == contrasts(cells)


@pytest.mark.parametrize(
    ("kind", "base", "treated"),
    [
        ("augmentation", cell(), cell(augmentation="digits")),
        ("pretraining", SCRATCH, cell(lr=5e-4, steps=100)),
        ("tuning", FIXED, cell()),
        ("recipe", cell(), cell(recipe="lecture", batch=4, pipeline="pil")),
        ("head", FIXED, cell(mode="features+svm", steps=0)),
        ("head", FIXED, cell(mode="features+logistic")),
        ("head", FIXED, cell(mode="features+knn")),
        ("statistics", FIXED, cell(mode="features-bn+softmax", steps=200, lr=1e-2)),
        ("activations", FIXED, cell(mode="features@layer3+softmax", steps=200, lr=1e-2)),
    ],
)
def test_every_kind_of_comparison_is_found_in_whatever_order_it_is_planned(
    kind: str, base: Cell, treated: Cell
) -> None:
    expected = {(kind, base, treated)}
    for cells in ((base, treated), (treated, base)):
        assert expected == {(item.kind, item.base, item.treated) for item in contrasts(cells)}


def test_tuning_is_compared_with_a_support_vector_machine_where_there_is_no_softmax_head() -> None:
    svm = cell(mode="features+svm")
    assert (Contrast("tuning", svm, cell()),) == contrasts([svm, cell()])


@pytest.mark.parametrize("head", ["logistic", "knn"])
def test_tuning_is_compared_with_whatever_head_there_is(head: str) -> None:
    fixed = cell(mode=f"features+{head}")
    assert (Contrast("tuning", fixed, cell()),) == contrasts([fixed, cell()])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (cell(), cell(architecture="other", augmentation="digits")),
        (cell(), cell(target="textures", augmentation="digits")),
        (cell(), cell(shots=10, augmentation="digits")),
        (SCRATCH, cell(weights="random")),
        (FIXED, cell(weights="imagenet")),
        (cell(augmentation="lecture"), cell(augmentation="digits")),
        (cell(measure="confusion"), cell(measure="confusion", augmentation="digits")),
        (cell(mode="as-is"), cell(mode="as-is", augmentation="digits")),
    ],
)
def test_what_differs_in_something_else_is_not_compared(one: Cell, other: Cell) -> None:
    assert () == contrasts([one, other])


def test_cells_of_cost_are_passed_over() -> None:
    assert () == contrasts([Cell("net", "latency", Cost(mode="infer", resolution=32))])


def test_a_table_holds_one_kind_but_the_ways_of_transfer_which_share_one() -> None:
    cells = [
        SCRATCH,
        cell(),
        cell(augmentation="digits"),
        FIXED,
        cell(mode="features+svm"),
        cell(mode="features-bn+softmax", steps=200, lr=1e-2),
    ]
    assert {"augmentation": 1, "pretraining": 1, "tuning": 1, "strategy": 2} == table_sizes(contrasts(cells))

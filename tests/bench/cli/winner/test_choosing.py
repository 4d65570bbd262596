"""Which training of a run is taken away: by validation, or by the words that a person types."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench.cell import Cell, Learning
from bench.cli.winner.choosing import Trained, best_of, named, of_target, told
from bench.errors import UnknownName, UsageError
from bench.learning.recipes import Values
from bench.store.database import RecordRow
from tests.bench.stripes import cell_of


def record(cell: Cell, val: float | None, mean: float) -> RecordRow:
    details: dict[str, Any] = {} if val is None else {"val_top1": val}
    row: dict[str, Any] = dict.fromkeys(RecordRow.__dataclass_fields__)
    return RecordRow(**{**row, "cell_key": cell.key, "status": "ok", "n": 40, "mean": mean, "details": details})


def trained(
    val: float | None = 0.5, mean: float = 0.5, *, failed: str = "", seeds: int = 1, **changes: Any
) -> Trained:
    architecture = changes.pop("architecture", "net")
    cells = [replace(cell_of(**changes, seed=seed), architecture=architecture) for seed in range(seeds)]
    good = () if failed else tuple((cell, record(cell, val, mean)) for cell in cells)
    return Trained(cells[0].arm, tuple(cells), good, (failed,) if failed else ())


def test_validation_chooses_and_not_the_test() -> None:
    lucky, sound = trained(0.6, 0.99), trained(0.7, 0.5, mode="finetune:all")
    assert sound is best_of([lucky, sound], "r")


def test_of_equal_ones_the_first_is_chosen() -> None:
    first, second = trained(0.6), trained(0.6, mode="finetune:all")
    assert first is best_of([first, second], "r")


def test_one_without_a_figure_is_not_chosen() -> None:
    failed, sound = trained(failed="oom"), trained(0.1, mode="finetune:all")
    assert sound is best_of([failed, sound], "r")


def test_a_run_in_which_all_failed_says_why() -> None:
    with pytest.raises(UsageError, match="no training of run r has a figure: no memory"):
        best_of([trained(failed="no memory")], "r")


def test_of_several_targets_one_must_be_named() -> None:
    with pytest.raises(UsageError, match="--target NAME, one of stripes, waves"):
        best_of([trained(), trained(target="waves")], "r")


def test_a_target_is_known_by_its_name_or_by_the_end_of_its_path() -> None:
    own, other = trained(target="folder:/a/b/photos"), trained()
    assert (own,) == of_target([own, other], "folder:photos", "r")
    assert (own,) == of_target([own, other], "folder:/a/b/photos", "r")
    with pytest.raises(UnknownName, match=r"unknown target of run r 'stripe'; .*'stripes'"):
        of_target([own, other], "stripe", "r")


@pytest.mark.parametrize(
    "text",
    [
        "net finetune:all",
        "finetune:all (random), none",
        "finetune:all lr=0.01",
        pytest.param("KEY", id="key"),
    ],
)
def test_the_words_that_tables_print_name_a_scenario(text: str) -> None:
    wanted, other = trained(mode="finetune:all"), trained()
    assert wanted is named([other, wanted], text.replace("KEY", wanted.cells[0].key[:8]), "r")


def test_of_several_the_candidates_are_told_by_what_tells_them_apart() -> None:
    with pytest.raises(UsageError) as error:
        named([trained(lr=0.01), trained(lr=0.001), trained(mode="finetune:all")], "net scratch", "r")
    assert "names 2 trainings of run r; say which: 'net scratch lr=0.01', 'net scratch lr=0.001'" in str(
        error.value
    )


def test_what_is_told_of_a_candidate_names_it() -> None:
    some = [trained(lr=0.01), trained(lr=0.001), trained(augmentation="lecture"), trained(shots=None)]
    assert some == [named(some, told(item, some), "r") for item in some]


def test_a_word_that_names_nothing_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'finetune:all'"):
        named([trained(), trained(mode="finetune:all")], "net finetune:al", "r")


def test_words_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(UsageError, match="no training of run r is 'other scratch'"):
        named([trained(), trained(architecture="other", mode="finetune:all")], "other scratch", "r")


def test_a_scenario_that_failed_says_why() -> None:
    with pytest.raises(UsageError, match="'scratch' has no figure in run r: the loss is not finite"):
        named([trained(failed="the loss is not finite"), trained(mode="finetune:all")], "scratch", "r")


def test_of_a_cross_validation_the_network_is_of_the_datas_own_split() -> None:
    first = trained(folds=5, seeds=2).first.scenario
    assert isinstance(first, Learning)
    assert (None, 0, 0) == (first.folds, first.fold, first.seed)


def test_without_folds_the_network_is_that_of_the_lowest_seed() -> None:
    some = trained(seeds=3)
    assert some.cells[0] == some.first


def test_what_no_trial_varied_is_the_recipes_own() -> None:
    tuned = trained(recipe="layered", tune=2)
    tuned.good[0][1].details.update(trials=[{}, {}], lr=0.002, weight_decay=0.1)
    assert Values(0.002, 0.1, layer_decay=0.75) == tuned.values


def test_an_untuned_one_has_no_values_of_its_own() -> None:
    assert trained().values is None

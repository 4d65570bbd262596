"""Which trial stands, and what is told of it."""

from dataclasses import replace

import pytest

from bench.learning.tuning.trials import Trial, TrialChoice


def trial(lr: float, top1: float, loss: float | None = 1.0, **values: float) -> Trial:
    return Trial({"lr": lr, **values}, top1, loss, 2.0)


def failed(lr: float) -> Trial:
    return Trial({"lr": lr}, failed="the training loss is not finite at step 3")


def test_the_highest_top1_on_validation_images_stands() -> None:
    assert 1 == TrialChoice((trial(1e-3, 0.8), trial(1e-2, 0.9), trial(1e-1, 0.7))).best


def test_of_equal_top1_the_lower_loss_stands() -> None:
    assert 2 == TrialChoice((trial(1e-3, 0.9, 0.5), trial(1e-2, 0.8, 0.1), trial(1e-1, 0.9, 0.4))).best


def test_of_equal_figures_the_earlier_trial_stands() -> None:
    assert 0 == TrialChoice((trial(1e-3, 0.9), trial(1e-2, 0.9))).best


def test_of_equal_margins_which_have_no_loss_the_earlier_trial_stands() -> None:
    assert 1 == TrialChoice((trial(1e-3, 0.8, None), trial(1e-2, 0.9, None), trial(1e-1, 0.9, None))).best


def test_a_failed_trial_cannot_stand() -> None:
    assert 1 == TrialChoice((failed(1.0), trial(1e-3, 0.0), failed(2.0))).best


def test_where_all_have_failed_there_is_an_error() -> None:
    with pytest.raises(FloatingPointError, match="not finite at step 3"):
        _ = TrialChoice((failed(1.0), failed(2.0))).best


def test_a_record_has_the_chosen_values_the_number_of_trials_and_each_of_them() -> None:
    told = TrialChoice((trial(1e-3, 0.8, weight_decay=0.1), trial(1e-2, 0.9, weight_decay=0.2))).told()
    assert (1e-2, 0.2, "best of 2 on validation") == (told["lr"], told["weight_decay"], told["tuned"])
    assert {
        "values": {"lr": 1e-3, "weight_decay": 0.1},
        "val_top1": 0.8,
        "val_loss": 1.0,
        "seconds": 2.0,
        "failed": "",
        "chosen": False,
    } == (told["trials"][0])


def test_trials_are_read_as_they_were_written() -> None:
    choice = TrialChoice((failed(1.0), trial(1e-3, 0.5)))
    assert choice == TrialChoice.of(choice.plain())


def test_a_best_value_at_an_end_of_those_that_were_tried_is_a_warning() -> None:
    largest = TrialChoice((trial(1e-3, 0.5), trial(3e-3, 0.6), trial(3e-2, 0.9)))
    expected = "the best learning rate, 0.03, is the largest of 3 that were tried: the best may lie beyond"
    assert (expected,) == largest.warnings()


def test_the_smallest_value_is_a_warning_too() -> None:
    assert (
        "is the smallest of 2 that were tried" in TrialChoice((trial(1e-3, 0.9), trial(1e-2, 0.8))).warnings()[0]
    )


def test_a_hundred_is_told_as_people_write_it() -> None:
    assert "learning rate, 100, is the largest" in TrialChoice((trial(1.0, 0.5), trial(100.4, 0.9))).warnings()[0]


def test_a_best_value_between_others_is_no_warning() -> None:
    assert () == TrialChoice((trial(1e-3, 0.5), trial(1e-2, 0.9), trial(1e-1, 0.6))).warnings()


def test_a_trial_that_failed_beyond_the_best_was_tried_too() -> None:
    assert () == TrialChoice((trial(1e-3, 0.5), trial(1e-2, 0.9), failed(1.0))).warnings()


def test_a_value_that_all_trials_share_has_no_end() -> None:
    same = TrialChoice(
        (
            trial(1e-3, 0.5, weight_decay=0.1),
            trial(1e-2, 0.9, weight_decay=0.1),
            trial(1e-1, 0.6, weight_decay=0.1),
        )
    )
    assert () == same.warnings()


def test_one_trial_alone_has_no_end() -> None:
    assert () == TrialChoice((trial(1e-3, 0.5),)).warnings()


def test_a_trial_that_chose_by_itself_has_tried_all_that_it_chose_among() -> None:
    first = replace(trial(1e-2, 0.5), among={"lr": (1e-3, 1e-2, 1.0)})
    assert () == TrialChoice((first, trial(1e-1, 0.9))).warnings()
    assert "the largest of 4 that were tried" in TrialChoice((first, trial(2.0, 0.9))).warnings()[0]

"""Accuracies, paired by seed and fold."""

from __future__ import annotations

import pytest

from bench.cell import Cell, Learning
from bench.compare.trained import TrainedPair, decide
from bench.execute.outcome import Outcome

IMAGES = 200


def outcome(right: int, loss: float = 0.5) -> Outcome:
    """A training that answers so many of the images rightly: the first ones."""
    values = tuple(float(i < right) for i in range(IMAGES))
    curve = [{"step": 1, "loss": loss, "seconds": right}]
    return Outcome("ok", values=values, details={"curve": curve, "train_seconds": right})


def pairs(*rights: tuple[int, int]) -> list[TrainedPair]:
    return [TrainedPair(outcome(base, 0.5), outcome(head, 0.4)) for base, head in rights]


def test_trainings_that_are_equal_to_the_last_bit_are_fine_and_said_to_be() -> None:
    decision = decide([TrainedPair(outcome(150), outcome(150))] * 3, 0.01, "higher")
    assert ("fine", "all 3 pairs of trainings are equal to the last bit") == (decision.answer, decision.note)


def test_the_time_that_a_training_took_does_not_make_it_another() -> None:
    slow = outcome(150)
    slow.details["train_seconds"] = 99.0
    slow.details["curve"][0]["seconds"] = 99.0
    assert TrainedPair(outcome(150), slow).is_bit_equal


def test_equal_answers_of_other_losses_are_not_equal_to_the_last_bit() -> None:
    assert not TrainedPair(outcome(150, 0.5), outcome(150, 0.4)).is_bit_equal


def test_a_loss_of_ten_points_over_six_trainings_is_a_regression() -> None:
    lost = pairs((180, 160), (182, 161), (178, 160), (181, 163), (179, 157), (183, 162))
    assert "regression" == decide(lost, 0.005, "higher").answer


def test_where_less_is_better_the_same_loss_is_an_improvement() -> None:
    lost = pairs((180, 160), (182, 161), (178, 160), (181, 163), (179, 157), (183, 162))
    assert "improvement" == decide(lost, 0.005, "lower").answer


def test_a_gain_is_an_improvement() -> None:
    gained = pairs((160, 180), (161, 182), (160, 178), (163, 181), (157, 179), (162, 183))
    assert "improvement" == decide(gained, 0.005, "higher").answer


def test_ups_and_downs_of_a_point_or_two_are_undecided_and_tell_how_many_trainings_it_takes() -> None:
    decision = decide(
        pairs((180, 184), (182, 178), (178, 181), (181, 177), (179, 182), (183, 180)), 0.005, "higher"
    )
    assert "undecided" == decision.answer
    assert decision.note.startswith("to see one lost point takes ")


def test_changes_of_a_tenth_of_a_point_are_fine() -> None:
    few = [(180, 180), (182, 182), (178, 179), (181, 181), (179, 178), (183, 183)]
    assert "fine" == decide(pairs(*few), 0.005, "higher").answer


def test_a_single_training_is_judged_by_its_images_and_says_so() -> None:
    decision = decide(pairs((180, 120)), 0.005, "higher")
    assert "regression" == decision.answer
    assert decision.note.startswith("of these trainings alone")


def test_all_trainings_losing_alike_need_no_spread_to_be_a_regression() -> None:
    assert "regression" == decide(pairs(*[(180, 170)] * 8), 0.005, "higher").answer


@pytest.mark.parametrize("changed", [{"seed": 3}, {"fold": 2}])
def test_seeds_and_folds_are_of_one_group(changed: dict[str, int]) -> None:
    assert cell().arm == cell(**changed).arm


def test_other_conditions_are_another_group() -> None:
    assert cell().arm != cell(shots=7).arm


def cell(*, shots: int = 5, seed: int = 0, fold: int = 0) -> Cell:
    where = Learning(
        weights="random",
        target="d",
        mode="scratch",
        augmentation="none",
        resolution=8,
        shots=shots,
        steps=1,
        batch=4,
        lr=0.1,
        seed=seed,
        fold=fold,
    )
    return Cell("net", "top1", where)


def test_trainings_that_stayed_at_chance_are_counted_in_the_note() -> None:
    base, head = outcome(20), outcome(20)
    base.details["chance"] = head.details["chance"] = 0.1
    note = decide([TrainedPair(base, head)] * 2, 0.01, "higher").note
    assert note.endswith("4 of 4 trainings stayed at chance, and tell nothing: try more --steps or another --lr")


def test_trainings_that_differ_and_say_that_they_do_not_repeat_are_told_so() -> None:
    said = {"not_deterministic": ["Flash Attention defaults to a non-deterministic algorithm"]}
    base, head = outcome(150, 0.5), outcome(150, 0.4)
    assert "does not repeat" not in decide([TrainedPair(base, head)], 0.01, "higher").note
    head.details.update(said)
    told = "the same code does not repeat these trainings to the last bit: Flash Attention defaults"
    assert told in decide([TrainedPair(base, head)], 0.01, "higher").note


def test_trainings_that_came_out_equal_say_nothing_of_what_might_not_repeat() -> None:
    base, head = outcome(150), outcome(150)
    head.details["not_deterministic"] = ["put_ does not have a deterministic implementation"]
    assert "both trainings are equal to the last bit" == decide([TrainedPair(base, head)], 0.01, "higher").note

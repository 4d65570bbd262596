"""What is told of single images: whose they are, who else says so, which labels are in doubt."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from reports.learning.answers.doubts import Doubts
from reports.learning.answers.mistakes import SHOWN, Target, mistakes
from reports.output.brief import brief_table
from reports.tables import load_tables
from tests.reports.answering import answer, training
from tests.reports.trainings import learned


def told(folder: Path, *trainings: Mapping[str, Any]) -> Target:
    """Of a run on one target."""
    (target,) = mistakes(learned(folder / "s.sqlite", map(dict, trainings)))
    return target


def doubts(folder: Path, *trainings: Mapping[str, Any]) -> Doubts:
    return told(folder, *trainings).doubts


def folds(*wrong: int, confidence: float | None = 0.95, **about: Any) -> list[Mapping[str, Any]]:
    """A cross-validation of two folds; images of even places are tested in the first."""
    parts = [[answer(place, confidence) for place in wrong if place % 2 == fold] for fold in range(2)]
    unsure = (answer(98, None if confidence is None else 0.51, right=True),)
    return [training(*part, unsure=unsure, folds=2, fold=fold, **about) for fold, part in enumerate(parts)]


def test_a_run_of_an_earlier_version_tells_nothing(tmp_path: Path) -> None:
    assert [] == mistakes(learned(tmp_path / "s.sqlite", [{"right": 90}]))


def test_the_scenario_of_the_best_validation_accuracy_leads_whatever_its_test_accuracy(tmp_path: Path) -> None:
    target = told(
        tmp_path,
        training(answer(1), mode="finetune:all", val_top1=0.6),
        training(answer(1), answer(2), mode="features+softmax", val_top1=0.7),
    )
    assert ["features+softmax", "finetune:all"] == [item.name.split()[1] for item in target.scenarios]


def test_mistakes_of_all_trainings_of_a_scenario_stand_together_each_image_once_the_surest_first(
    tmp_path: Path,
) -> None:
    target = told(
        tmp_path,
        training(answer(1, 0.7), answer(2, 0.8), seed=0),
        training(answer(1, 0.9), answer(3, 0.6), seed=1),
    )
    (only,) = target.scenarios
    assert [("cat/1.png", 0.9), ("cat/2.png", 0.8), ("cat/3.png", 0.6)] == [
        (case.image, case.confidence) for case in only.wrong
    ]
    assert 2 == only.trainings


def test_at_most_as_many_images_are_shown_as_a_training_has_pictures_of(tmp_path: Path) -> None:
    (only,) = told(tmp_path, training(*map(answer, range(SHOWN + 3)))).scenarios
    assert SHOWN == len(only.wrong)


def test_margins_are_ordered_by_themselves_and_are_no_confidence(tmp_path: Path) -> None:
    (only,) = told(tmp_path, training(answer(1, None), mode="features+svm")).scenarios
    assert [(None, 1.0)] == [(case.confidence, case.margin) for case in only.wrong]


def test_an_image_without_a_file_is_told_by_its_place(tmp_path: Path) -> None:
    (only,) = told(tmp_path, training(answer(17, path=""))).scenarios
    assert ["image 17"] == [case.image for case in only.wrong]


def test_a_case_leads_to_its_picture(tmp_path: Path) -> None:
    frames = learned(tmp_path / "s.sqlite", [dict(training(answer(5), answer(7)))])
    key = frames.records["key"].iloc[0]
    (only,) = mistakes(frames)[0].scenarios
    assert [(key, 0), (key, 1)] == [case.picture for case in only.wrong]


def votes_of(folder: Path, *trainings: Mapping[str, Any]) -> list[tuple[int | None, int, bool]]:
    """Votes for what the first scenario was wrong about and unsure of."""
    first = told(folder, *trainings).scenarios[0]
    return [(case.votes, case.voters, case.at_least) for case in (*first.wrong, *first.unsure)]


def test_votes_are_the_trainings_of_the_run_that_name_the_same_class(tmp_path: Path) -> None:
    others = [training(*wrong, mode="features+svm", val_top1=0.1, seed=len(wrong)) for wrong in ([answer(1)], [])]
    assert [(2, 3, False)] == votes_of(tmp_path, training(answer(1), val_top1=0.9), *others)


def test_votes_for_a_right_answer_are_the_trainings_that_are_right(tmp_path: Path) -> None:
    unsure = (answer(1, 0.51, right=True),)
    others = [training(*wrong, val_top1=0.1, steps=99, seed=len(wrong)) for wrong in ([answer(1)], [])]
    assert [(2, 3, False)] == votes_of(tmp_path, training(unsure=unsure, val_top1=0.9), *others)


def test_votes_are_at_least_so_many_where_a_training_has_more_mistakes_than_are_kept(tmp_path: Path) -> None:
    cut = training(answer(2), val_top1=0.1, steps=99, errors=40)
    assert [(1, 2, True)] == votes_of(tmp_path, training(answer(1), val_top1=0.9), cut)


def test_a_right_answer_has_no_votes_where_they_cannot_be_told(tmp_path: Path) -> None:
    cut = training(answer(2), val_top1=0.1, steps=99, errors=40)
    unsure = (answer(1, 0.51, right=True),)
    assert [(None, 2, False)] == votes_of(tmp_path, training(unsure=unsure, val_top1=0.9), cut)


def test_the_folds_of_a_cross_validation_are_one_vote(tmp_path: Path) -> None:
    two = [*folds(1, val_top1=0.9), *folds(1, 2, val_top1=0.1, steps=99)]
    assert (2, 2, False) == votes_of(tmp_path, *two)[0]


def test_trainings_on_folds_and_on_the_own_test_split_do_not_vote_on_the_same_images(tmp_path: Path) -> None:
    assert (1, 1, False) == votes_of(tmp_path, *folds(1, val_top1=0.9), training(answer(1), val_top1=0.1))[0]


@pytest.mark.parametrize(("confidence", "images"), [(0.81, ["cat/1.png"]), (0.79, [])])
def test_a_label_is_doubted_where_the_other_class_reaches_its_threshold(
    tmp_path: Path, confidence: float, images: list[str]
) -> None:
    assert images == [case.image for case in doubts(tmp_path, *folds(1, confidence=confidence)).cases]


def test_doubts_are_those_of_most_seeds_most_votes_first(tmp_path: Path) -> None:
    found = doubts(tmp_path, *folds(1, 2, 3), *folds(2, 3, seed=1), *folds(3, seed=2))
    assert [("cat/3.png", 3, 3), ("cat/2.png", 2, 3)] == [(c.image, c.votes, c.voters) for c in found.cases]


def test_weak_networks_do_not_outvote_the_best_validated_one(tmp_path: Path) -> None:
    weak = [part for steps in (10, 20) for part in folds(2, steps=steps, val_top1=0.2)]
    found = doubts(tmp_path, *weak, *folds(1, val_top1=0.9))
    assert [("cat/1.png", 1, 3)] == [(case.image, case.votes, case.voters) for case in found.cases]


def test_networks_beside_the_best_vote_on_what_that_doubts(tmp_path: Path) -> None:
    found = doubts(tmp_path, *folds(1, val_top1=0.9), *folds(1, 2, val_top1=0.8, steps=10))
    assert [("cat/1.png", 2, 2)] == [(case.image, case.votes, case.voters) for case in found.cases]


def test_of_equal_votes_the_label_furthest_behind_leads(tmp_path: Path) -> None:
    parts = [training(answer(2, 0.9), answer(4, 0.99), folds=2, fold=0), training(folds=2, fold=1)]
    assert ["cat/4.png", "cat/2.png"] == [case.image for case in doubts(tmp_path, *parts).cases]


def test_probabilities_of_a_doubted_label_are_means_over_its_votes(tmp_path: Path) -> None:
    (case,) = doubts(tmp_path, *folds(1, confidence=0.9), *folds(1, confidence=0.8, seed=1)).cases
    assert pytest.approx([0.85, 0.15]) == [case.confidence, case.own]


def test_thresholds_are_of_all_folds_together(tmp_path: Path) -> None:
    sums = {0: ((1, 10, 9.0),), 1: ((1, 10, 5.0),)}  # of each fold alone 0.9 and 0.5, of both 0.7
    found = []
    for name, confidence in (("above", 0.71), ("below", 0.69)):
        parts = [dict(part) for part in folds(2, confidence=confidence)]
        for fold, part in enumerate(parts):
            part["mistakes"] = {**part["mistakes"], "self_confidence": sums[fold]}
        (tmp_path / name).mkdir()
        found.append(len(doubts(tmp_path / name, *parts).cases))
    assert [1, 0] == found


@pytest.mark.parametrize(
    ("trainings", "why"),
    [
        ([training(answer(1))], "measured by --folds only"),
        (folds(1)[:1], "no cross-validation has all its folds"),
        (folds(1, confidence=None, mode="features+svm"), "it takes probabilities, which margins are not"),
    ],
)
def test_where_nothing_can_be_said_of_labels_it_is_said_why(
    tmp_path: Path, trainings: list[Mapping[str, Any]], why: str
) -> None:
    assert Doubts(0, (), why) == doubts(tmp_path, *trainings)


def test_margins_do_not_vote_on_labels(tmp_path: Path) -> None:
    found = doubts(tmp_path, *folds(1), *folds(1, confidence=None, mode="features+svm"))
    assert [(1, 1)] == [(case.votes, case.voters) for case in found.cases]


def test_of_an_image_that_two_scenarios_were_wrong_about_a_terminal_says_of_which_a_row_is(tmp_path: Path) -> None:
    modes = ("finetune:all", "features+softmax")
    frames = learned(tmp_path / "s.sqlite", [dict(training(answer(1), mode=mode)) for mode in modes])
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(brief_table(load_tables().get("mistakes"), frames))
    shown = console.export_text()
    assert [1, 1] == [shown.count(mode) for mode in modes]

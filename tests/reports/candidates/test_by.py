"""Other figures of trainings than accuracy to rank by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.declare.nature import OLDER_DETAILS, Detail
from reports.candidates.accuracies import trained
from reports.candidates.choice import MERITS, answer, ranked_by
from reports.candidates.found import Candidate, field_by
from reports.tidy.frame import Frames
from tests.reports.trainings import learned

F1 = ({"seed": 0, "right": 90, "macro_f1": 0.5}, {"seed": 1, "right": 90, "macro_f1": 0.6})


def _frames(tmp_path: Path, *trainings: dict[str, Any]) -> Frames:
    details = [*OLDER_DETAILS, Detail("balanced_accuracy", "1", processes="first")]
    return learned(tmp_path / "s.sqlite", trainings, details=details)


def _candidates(frames: Frames, by: str) -> dict[str, Candidate]:
    (items,) = field_by(frames, ranked_by(by)[0]).by_kind.values()
    return {item.name: item for item in items}


def test_every_figure_that_is_ranked_by_is_a_detail_of_accuracy() -> None:
    told = {detail.name for detail in OLDER_DETAILS} | {"balanced_accuracy", "average_precision", "top1"}
    assert set() == {merit.name for merit in MERITS} - told


def test_the_figure_is_the_mean_over_trainings_with_students_interval(tmp_path: Path) -> None:
    figure = _candidates(_frames(tmp_path, *F1), "macro_f1")["lenet5"].figures["macro_f1"]
    assert figure.low is not None and figure.high is not None
    # t(1) at 95 % is 12.7, which leaves the shares of one
    assert (0.55, 0.0, 1.0) == pytest.approx((figure.value, figure.low, figure.high))
    assert "55.0 % [0.0, 100.0]" == figure.text


def test_one_training_has_no_interval_but_that_of_its_right_answers(tmp_path: Path) -> None:
    frames = _frames(tmp_path, F1[0])
    assert None is _candidates(frames, "macro_f1")["lenet5"].figures["macro_f1"].low
    assert None is not _candidates(frames, "top1")["lenet5"].figures["top1"].low


def test_validation_accuracy_chooses_the_scenario_whatever_is_ranked_by(tmp_path: Path) -> None:
    frames = _frames(
        tmp_path,
        {"right": 90, "val_top1": 0.5, "macro_f1": 0.9},
        {"right": 80, "val_top1": 0.8, "macro_f1": 0.4, "mode": "scratch", "weights": "random"},
    )
    assert 0.4 == _candidates(frames, "macro_f1")["lenet5"].figures["macro_f1"].value


def test_a_chosen_scenario_without_the_figure_says_so(tmp_path: Path) -> None:
    found = _candidates(_frames(tmp_path, {"right": 90, "mode": "features+svm", "nll": None}), "nll")
    assert {"nll": "features+svm (pretrain:mnist5k) gives none"} == found["lenet5"].lacks


def test_a_loss_is_better_the_lower_it_is(tmp_path: Path) -> None:
    frames = _frames(tmp_path, {"right": 90, "nll": 0.7}, {"right": 80, "nll": 0.3, "architecture": "lecture_cnn"})
    respects = ranked_by("nll")
    field = field_by(frames, respects[0])
    assert ("lecture_cnn",) == answer(field.options(field.kinds[0].name, ""), {}, respects).chosen


def test_of_other_figures_than_accuracy_nothing_is_published(frames: Frames) -> None:
    assert {False} == {kind.published for kind in field_by(frames, ranked_by("macro_f1")[0]).kinds}


def test_a_network_whose_trainings_all_failed_says_so(tmp_path: Path) -> None:
    frames = _frames(tmp_path, F1[0], {"right": 0, "status": "oom", "architecture": "lecture_cnn"})
    field = field_by(frames, ranked_by("top1")[0])
    (kind,) = field.kinds
    assert {"lenet5"} == {item.name for item in field.by_kind[kind.name] if "top1" in item.figures}
    assert "oom" == trained(frames)[0].lacks["lecture_cnn"]

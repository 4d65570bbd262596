"""A choice in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.candidates.choice import ChoiceAnswer, ranked_by
from reports.candidates.figures import CandidateFigure
from reports.candidates.found import Candidate, field_by
from reports.choosing.telling import conditions, left_out, to_take_away, trained_how
from tests.reports.trainings import learned

SURE = {"architecture": "lenet5", "right": 80, "val_top1": 0.9}
LUCKY = {"architecture": "lecture_cnn", "right": 90, "val_top1": 0.7}


def _taken(tmp_path: Path, name: str, *trainings: dict[str, Any]) -> tuple[str, ...]:
    field = field_by(learned(tmp_path / "s.sqlite", trainings), ranked_by("top1")[0])
    kind = field.kinds[0]
    chosen = [item for item in field.by_kind[kind.name] if item.name == name]
    return to_take_away("r", chosen, field, kind)


def test_what_validation_images_find_best_is_taken_away_as_the_best(tmp_path: Path) -> None:
    assert ("evobench save-model", "r", "DIR", "--best") == _taken(tmp_path, "lenet5", SURE, LUCKY)


def test_what_test_images_alone_find_best_is_named_by_its_cell(tmp_path: Path) -> None:
    assert _taken(tmp_path, "lecture_cnn", SURE, LUCKY)[-1].startswith("--scenario ")


def test_of_several_targets_none_is_the_best(tmp_path: Path) -> None:
    other = {**SURE, "target": "textures"}
    assert _taken(tmp_path, "lenet5", SURE, LUCKY, other)[-1].startswith("--scenario ")


@pytest.mark.parametrize("unlike", [{"mode": "as-is"}, {"duration": 5.0, "measure": "top1_in_time"}])
def test_what_was_not_trained_for_its_steps_cannot_be_made_anew(tmp_path: Path, unlike: dict[str, Any]) -> None:
    assert () == _taken(tmp_path, "lenet5", {**SURE, **unlike})


def test_a_figure_without_an_interval_says_so(tmp_path: Path) -> None:
    merit = ranked_by("macro_f1")[0]
    field = field_by(learned(tmp_path / "s.sqlite", [{**SURE, "macro_f1": 0.7}]), merit)
    (line, _) = trained_how(field.by_kind[field.kinds[0].name], merit)
    assert line.startswith("lenet5: 70.0 %, no interval, finetune:all (pretrain:mnist5k)")


def _noted(*notes: str) -> list[Candidate]:
    figures = [CandidateFigure(0.1, "100 ms (noisy)", f"measured, 32 px, batch 1, {note}") for note in notes]
    return [Candidate(f"net{i}", "Net", 2026, 32, {"latency@cpu": figure}, {}) for i, figure in enumerate(figures)]


def test_conditions_say_once_that_figures_are_noisy_and_what_helps() -> None:
    found = list(conditions(_noted("noisy: 60 % waited", "noisy: 79 % waited"), "cpu"))
    helps = "noisy: other programs ran meanwhile; evobench run --fresh measures anew"
    assert ["latency: measured, 32 px, batch 1", helps] == found


def test_those_left_out_are_named_the_most_frequent_reason_first() -> None:
    found = ChoiceAnswer(("top1",), ("a",), {"too slow": ("b",), "no accuracy": ("c", "d")}, "")
    assert ["2 left out: no accuracy – c, d", "1 left out: too slow – b"] == list(left_out(found))


def test_of_very_many_left_out_the_first_are_named() -> None:
    (line,) = left_out(ChoiceAnswer(("top1",), ("a",), {"too slow": tuple(f"n{i}" for i in range(25))}, ""))
    assert line.endswith(", n19 and 5 more")

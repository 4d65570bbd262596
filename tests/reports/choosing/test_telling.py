"""A choice in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.candidates.choice import ranked_by
from reports.candidates.found import field_by
from reports.choosing.telling import to_take_away, trained_how
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

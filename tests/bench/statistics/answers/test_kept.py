"""What a record keeps of single answers, as plain data."""

from __future__ import annotations

import json

from bench.statistics.answers.kept import Answer, Answers

WRONG = Answer(17, "cat/\udcff.png", 0, 1, 0.75, 0.125, 0.625, ((2, 0.0625),))
UNSURE = Answer(3, "", 2, 2, None, None, 0.01)
KEPT = Answers(2, (WRONG,), (UNSURE,), (17, 3), {"0": "cat"}, ((0, 4, 2.5),))


def test_answers_come_back_from_json() -> None:
    assert KEPT == Answers.from_dict(json.loads(json.dumps(KEPT.to_dict())))


def test_an_answer_is_wrong_where_the_label_was_not_named() -> None:
    assert [True, False] == [WRONG.is_wrong, UNSURE.is_wrong]


def test_answers_are_cut_where_more_were_wrong_than_are_kept() -> None:
    assert [True, False] == [Answers(errors, (WRONG,), (), ()).is_cut for errors in (2, 1)]


def test_a_class_without_a_name_is_called_by_its_number() -> None:
    assert ["cat", "1"] == [KEPT.name_of(label) for label in (0, 1)]

"""JSON that every reader takes."""

from __future__ import annotations

import json
from typing import NoReturn

from bench.text.strict_json import as_json


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def test_a_figure_that_json_has_no_word_for_is_null() -> None:
    found = {"a": float("nan"), "b": [1.5, float("inf"), {"c": (float("-inf"), "x")}]}
    assert {"a": None, "b": [1.5, None, {"c": [None, "x"]}]} == json.loads(as_json(found), parse_constant=_refuse)


def test_other_values_are_written_as_ever() -> None:
    assert json.dumps([1, -0.5, "ü", None, True], indent=1) == as_json([1, -0.5, "ü", None, True], indent=1)

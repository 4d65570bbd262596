"""JSON that every reader takes."""

from __future__ import annotations

import json
from typing import NoReturn

import pytest

from bench.text.plain import harmless
from bench.text.strict_json import as_json, harmless_json
from tests.bench.text.test_plain import HOSTILE

PLAIN = {"backslash": r"C:\u202e\new", "quote": '"\\', "animal": "🐈\u00a0µ–\n"}


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def test_a_figure_that_json_has_no_word_for_is_null() -> None:
    found = {"a": float("nan"), "b": [1.5, float("inf"), {"c": (float("-inf"), "x")}]}
    assert {"a": None, "b": [1.5, None, {"c": [None, "x"]}]} == json.loads(as_json(found), parse_constant=_refuse)


def test_other_values_are_written_as_ever() -> None:
    assert json.dumps([1, -0.5, "ü", None, True], indent=1) == as_json([1, -0.5, "ü", None, True], indent=1)


@pytest.mark.parametrize("text", [*HOSTILE.values(), *PLAIN.values(), "🐈\u202e\\\udc1b\x7f\\x7f"])
def test_texts_and_names_within_json_are_harmless_as_texts_are(text: str) -> None:
    told = harmless(text)
    assert {told: [told, 1]} == json.loads(harmless_json(as_json({text: [text, 1]})))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_within_json_changes(name: str) -> None:
    told = as_json([HOSTILE[name]])
    assert told != harmless_json(told)


@pytest.mark.parametrize("name", PLAIN)
def test_what_people_write_stays_as_it_is_within_json(name: str) -> None:
    told = as_json([PLAIN[name]])
    assert told == harmless_json(told)

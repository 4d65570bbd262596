"""Names of classes that look alike."""

import pytest

from bench.data.alike import one_spelling

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


def test_composed_and_decomposed_accents_are_one_name() -> None:
    names, notes = one_spelling({"": (DECOMPOSED, COMPOSED, "tea")})
    assert {COMPOSED: COMPOSED, DECOMPOSED: COMPOSED, "tea": "tea"} == names
    assert (f"'{COMPOSED}' is written in 2 ways (U+0065 U+0301; U+00E9) and is one class",) == notes


def test_blanks_around_a_name_make_no_other_name() -> None:
    names, notes = one_spelling({"": ("cat", "cat ")})
    assert {"cat": "cat", "cat ": "cat"} == names
    assert ("'cat' is written in 2 ways (nothing; U+0020) and is one class",) == notes


def test_letters_that_differ_in_case_are_different_classes_with_their_code_points() -> None:
    names, notes = one_spelling({"train": ("A", "a"), "val": ("a",)})
    assert {"A": "A", "a": "a"} == names
    assert ("'A' and 'a' look alike (U+0041; U+0061) and are different classes",) == notes


def test_names_that_differ_in_case_between_splits_alone_are_one_class() -> None:
    names, notes = one_spelling({"train": ("Cat", "dog"), "val": ("cat", "dog")})
    assert {"Cat": "Cat", "cat": "Cat", "dog": "dog"} == names
    assert ("'Cat' and 'cat' look alike (U+0043; U+0063) and are one class",) == notes


@pytest.mark.parametrize(
    ("one", "other", "points"),
    [
        ("a b", "a\u00a0b", "U+0020; U+00A0"),
        ("cat", "c\u200bat", "nothing; U+200B"),
        ("1", "\uff11", "U+0031; U+FF11"),
    ],
)
def test_what_cannot_be_told_apart_on_paper_is_said(one: str, other: str, points: str) -> None:
    assert (f"'{one}' and '{other}' look alike ({points}) and are different classes",) == one_spelling(
        {"": (one, other)}
    )[1]


def test_nothing_is_said_of_names_that_differ() -> None:
    assert () == one_spelling({"": ("cat", "car", "cart", "c at")})[1]

"""Registries: order, duplicates and misspelt names."""

import pytest

from bench.declare.catalog import SUITES, load_catalogs
from bench.declare.registry import Registry, one_line, place_of
from bench.errors import DuplicateName, UnknownName
from bench.words import in_room


@pytest.fixture
def fruits() -> Registry[int]:
    registry: Registry[int] = Registry("fruit")
    registry.add("pear", 1, "a.py:1")
    registry.add("apple", 2, "b.py:7")
    return registry


def test_names_keep_the_order_of_declaration(fruits: Registry[int]) -> None:
    assert ("pear", "apple") == fruits.names()
    assert [1, 2] == list(fruits)


def test_a_declaration_is_found_by_its_name_with_its_place(fruits: Registry[int]) -> None:
    assert 2 == fruits.get("apple")
    assert "b.py:7" == fruits.place("apple")


def test_a_duplicate_name_is_refused_and_both_places_are_named(fruits: Registry[int]) -> None:
    with pytest.raises(DuplicateName) as caught:
        fruits.add("apple", 3, "c.py:9")
    assert "fruit 'apple' is declared twice: in b.py:7 and in c.py:9" == str(caught.value)


def test_a_refused_duplicate_leaves_the_first_declaration(fruits: Registry[int]) -> None:
    with pytest.raises(DuplicateName):
        fruits.add("apple", 3, "c.py:9")
    assert 2 == fruits.get("apple")


def test_an_unknown_name_raises_with_the_nearest_one(fruits: Registry[int]) -> None:
    with pytest.raises(UnknownName) as caught:
        fruits.get("aple")
    assert "unknown fruit 'aple'; did you mean 'apple'?" == str(caught.value)


def test_a_name_that_is_like_none_of_a_few_gets_them_all(fruits: Registry[int]) -> None:
    with pytest.raises(UnknownName) as caught:
        fruits.get("zzz")
    assert "unknown fruit 'zzz'; there are pear, apple" == str(caught.value)


def test_a_name_that_is_like_none_of_many_gets_as_many_as_a_line_holds() -> None:
    said = str(UnknownName("fruit", "zzz", map(str, range(1000))))
    assert said.startswith("unknown fruit 'zzz'; there are 0, 1, 2, 3, ")
    assert said.endswith(", 41, 42 and 957 more")


@pytest.mark.parametrize(
    ("kind", "what"), [("architecture", "architectures"), ("data set", "datasets"), ("measure", "measures")]
)
def test_a_name_that_is_like_none_of_many_declarations_gets_the_verb_that_lists_them(kind: str, what: str) -> None:
    said = str(UnknownName(kind, "zzz", map(str, range(21))))
    assert f"unknown {kind} 'zzz'; evobench list {what} shows what there is" == said


def test_every_suite_is_named_where_a_name_is_like_none_of_them() -> None:
    load_catalogs()
    with pytest.raises(UnknownName) as caught:
        SUITES.get("nosuch")
    assert f"unknown suite 'nosuch'; there are {in_room(SUITES.names(), 160)}" == str(caught.value)


def test_membership_and_length_count_the_declared_names(fruits: Registry[int]) -> None:
    assert "pear" in fruits
    assert "plum" not in fruits
    assert 2 == len(fruits)


def test_the_place_of_a_function_is_its_file_and_line() -> None:
    def here() -> None:
        """Say where.

        And no more.
        """

    assert f"{__file__}:{here.__code__.co_firstlineno}" == place_of(here)
    assert "Say where." == one_line(here)


def test_a_function_without_a_docstring_has_an_empty_line() -> None:
    assert "" == one_line(lambda: None)

"""Docstrings and messages can be read alone, and a class is known by its name."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.rooms import ROOT
from tests.test_structure import PACKAGES

SENT = {"Check", "Measure", "Step"}
"""Jobs: the name of their class is sent to another process, also to one of another revision."""
DRAWN = {"Block", "PatchEmbedding", "Stage"}
"""Parts of networks, by the names that their papers give them; records name the classes of layers."""
LEANING = re.compile(r"(Of|Those|That|As)\b")
"""Beginnings of a docstring that lean on the line above it."""
CLIPPED = re.compile(r"(?<!there )(?<!There )\bis no (?!longer\b|more\b)\w+")
"""Negations of a noun that plain English writes as `is not a`."""


def test_no_docstring_leans_on_the_line_above_it() -> None:
    found = [f"{place}: {text.partition(chr(10))[0]}" for place, text in _docstrings() if LEANING.match(text)]
    assert [] == found


def test_messages_say_what_a_thing_is_not_in_plain_words() -> None:
    assert [] == [f"{place}: {text}" for place, text in _strings() if CLIPPED.search(text)]


def test_the_rule_for_messages_knows_what_it_allows() -> None:
    texts = ["'a' is no folder", "there is no folder 'a'", "the loss is no longer a number"]
    assert [True, False, False] == [bool(CLIPPED.search(text)) for text in texts]


def test_no_two_public_classes_share_a_name() -> None:
    places = defaultdict(list)
    for path, tree in _trees():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path)
    shared = {name: paths for name, paths in places.items() if len(paths) > 1}
    assert SENT | DRAWN == shared.keys()


@cache
def _trees() -> tuple[tuple[Path, ast.Module], ...]:
    """Path in the repository and content of every module of the packages."""
    paths = sorted(path for package in (*PACKAGES, "tools") for path in (ROOT / package).rglob("*.py"))
    return tuple((path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


def _docstrings() -> Iterator[tuple[str, str]]:
    """Place and text of every docstring, those of constants and fields included."""
    for path, tree in _trees():
        for node in ast.walk(tree):
            match node:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield f"{path}:{node.lineno}", text.strip()


def _strings() -> Iterator[tuple[str, str]]:
    """Place and text of every string, docstrings included."""
    for path, tree in _trees():
        for node in ast.walk(tree):
            match node:
                case ast.Constant(value=str(text)):
                    yield f"{path}:{node.lineno}", text

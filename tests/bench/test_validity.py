"""What a declaration must hold: the kinds of its fields, and their rules."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from bench.cell import Cell, Cost
from bench.declare.catalog import architecture, check, comparison, dataset, measure, suite, sweep
from bench.declare.declarations import Planned, Published
from bench.declare.groups import Point, Side
from bench.errors import UsageError
from bench.validity import faults

pytestmark = pytest.mark.usefixtures("no_declarations")
ARCHITECTURE = {"family": "F", "year": 2026, "paper": "none"}
MEASURE = {"unit": "s", "better": "lower"}
DATASET = {"name": "d", "classes": 10, "channels": 1, "resolution": 8, "licence": "MIT", "source": "doi"}
SWEEP = {"title": "T", "axis": "batch", "unit": "images"}
PUBLISHED = Published("macs", 1.0, "", "counted")
WITH_SIDE = Published("top1_error", 1.0, "a table", "single crop, 224 px")  # type: ignore[arg-type]

WRONG: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (architecture, {**ARCHITECTURE, "family": " "}, "family must be some text, not ' '"),
    (architecture, {**ARCHITECTURE, "year": True}, "year must be a whole number or nothing, not True"),
    (architecture, {**ARCHITECTURE, "year": -1}, "year must be 0 or more, not -1"),
    (architecture, {**ARCHITECTURE, "channels": 0}, "channels must be 1 or more, not 0"),
    (architecture, {**ARCHITECTURE, "resolution": 28}, "min_resolution must be at most the resolution, not 32"),
    (architecture, {**ARCHITECTURE, "lecture": "yes"}, "lecture must be True or False, not 'yes'"),
    (architecture, {**ARCHITECTURE, "tags": [1]}, "tags[0] must be text, not 1"),
    (architecture, {**ARCHITECTURE, "tags": 5}, "tags must be a list of text, not 5"),
    (architecture, {**ARCHITECTURE, "published": [PUBLISHED]}, "published[0].source must be some text, not ''"),
    (
        architecture,
        {**ARCHITECTURE, "published": [WITH_SIDE]},
        "published[0].protocol must be single crop or single crop, extra training data or 10-crop or "
        "dense, single-scale or dense, multi-scale or ensemble or crops not stated or other or counted, "
        "not 'single crop, 224 px': did you mean 'single crop'?",
    ),
    (architecture, {**ARCHITECTURE, "pretrained": ["x"]}, "pretrained[0] must be of Pretrained, not 'x'"),
    (measure, {**MEASURE, "unit": ""}, "unit must be some text, not ''"),
    (measure, {**MEASURE, "better": "faster"}, "better must be lower or higher or neither, not 'faster'"),
    (measure, {**MEASURE, "artifacts": ()}, "artifacts must be a function, not ()"),
    (measure, {**MEASURE, "depends_on": ["weather"]}, "depends_on[0] must be precision or "),
    (dataset, {**DATASET, "channels": 2}, "channels must be 1 or 3, not 2"),
    (dataset, {**DATASET, "channels": "3"}, "channels must be 1 or 3, not '3'"),
    (dataset, {**DATASET, "classes": 0}, "classes must be 1 or more, not 0"),
    (suite, {"title": None}, "title must be text, not None"),
    (comparison, {"title": ""}, "title must be some text, not ''"),
    (sweep, {**SWEEP, "axis": ""}, "axis must be some text, not ''"),
    (check, {"kind": "guessed"}, "kind must be counted or measured or published, not 'guessed'"),
]


@pytest.mark.parametrize(("decorator", "given", "fault"), WRONG, ids=[fault for *_, fault in WRONG])
def test_a_field_that_does_not_hold_what_it_should_is_named_with_the_declarations_place(
    decorator: Callable[..., Any], given: dict[str, Any], fault: str
) -> None:
    def own(*_: object) -> None: ...

    with pytest.raises(UsageError) as caught:
        decorator(**given)(own)
    beginning, _, told = str(caught.value).partition(": ")
    assert told.startswith(fault)
    name = given.get("name", "own")
    assert f"'{name}' ({__file__}:{own.__code__.co_firstlineno})" in beginning


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        (Side("a", ""), "label must be some text, not ''"),
        (Point(0, "a"), "x must be above 0, not 0"),
        (Point(float("nan"), "a"), "x must be a finite number, not nan"),
        (Planned(Cell("a", "m", Cost(mode="infer", resolution=8)), 1.0, 0), "replicates must be 1 or more, not 0"),
        (Planned(SimpleNamespace(), 1.0), "cell must be of Cell, not namespace()"),  # type: ignore[arg-type]
        (
            Planned(Cell("a", "m", Cost(mode="run", resolution=8)), 1.0),  # type: ignore[arg-type]
            "cell.scenario.mode must be infer or train, not 'run'",
        ),
    ],
)
def test_what_a_declared_function_returns_is_looked_through_in_the_same_way(item: object, fault: str) -> None:
    assert [fault] == list(faults(item))


def test_a_whole_number_serves_as_a_number_however_large_it_is() -> None:
    assert [] == list(faults(Point(10**400, "a")))
